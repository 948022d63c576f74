# METADATA
# description: |
#   The blast radius of each identity of the change: everything it reaches directly and by chains (lib/becoming), whom its
#   credentials can be taken by, and one score for ranking. docs/blast-radius.md says the formula.
#
#   The score is monotone: each number it is made of is a count of a set, or a maximum, that more permission, more exposure
#   or a longer life can only enlarge, and each enters it by a function that grows.
# schemas:
#   - input: schema.envelope
package gate.blast

import data.gate.lib.becoming
import data.gate.lib.holdings

identities := [summary |
	some id, identity in input.access.identities
	not identity.external
	summary := {
		"id": id,
		"kind": identity.kind,
		"platform": identity.platform,
		"blast_radius": radius(id),
	}
]

# radius of one identity.
radius(id) := object.union(of.told, {
	"score": _score(of, exposure(id), lifetime(id)),
	"becomes": _listed(id, of.members),
	"exposure": exposure(id),
	"lifetime": lifetime(id),
	"tiers": [tier | some tier, ids in _tiers; id in ids],
}) if {
	of := _reach(id)
}

# So many identities are named; more are only counted.
_listed(id, members) := sort(members - {id}) if count(members) <= 51

_listed(_, members) := [] if count(members) > 51

# What an identity reaches: what it holds itself, together with what those hold that it can become.
_reach(id) := {
	"members": members,
	"told": {
		"admin": admin,
		"services": all.services,
		"sensitive_actions": all.actions,
		"readable": all.things.numbers.read,
		"writable": all.things.numbers.write,
		"destructible": all.things.numbers.destroy,
		"secrets": all.things.numbers.secret,
		"unlimited": _unlimited(admin, all.things.wide),
		"identities": count(members) - 1,
		"accounts": accounts,
		"environments": sort(all.environments),
	},
	"measures": object.union(all.things.total, {
		"services": all.services,
		"actions": all.actions,
		"identities": count(members) - 1,
		"accounts": accounts - 1,
		"environments": max([1, count(all.environments)]) - 1,
	}),
} if {
	members := becoming.reach(id)
	admin := count(members & becoming.administrators) > 0
	all := _all(holdings.of[id], becoming.held(id))
	accounts := max([1, count(all.accounts)])
}

# What others hold is worked out once for all identities that can become the same. Most can become nobody.
_all(own, held) := {
	"services": max([count(own.services), own.service_count]),
	"actions": count(own.actions),
	"accounts": own.accounts,
	"environments": own.environments,
	"things": _weighed(own.things),
} if {
	count(held) == 0
}

_all(own, held) := {
	"services": max([count(own.services | others.services), own.service_count, others.service_count]),
	"actions": count(own.actions | others.actions),
	"accounts": (own.accounts | others.accounts),
	"environments": (own.environments | others.environments),
	"things": _added(_weighed(own.things), others.things),
} if {
	count(held) > 0
	others := _together(held)
}

_together(held) := {
	"services": union({one.services | some one in all}),
	"service_count": max({one.service_count | some one in all}),
	"actions": union({one.actions | some one in all}),
	"accounts": union({one.accounts | some one in all}),
	"environments": union({one.environments | some one in all}),
	"things": _weighed(union({one.things | some one in all})),
} if {
	all := [holdings.of[id] | some id in held]
}

_words := {"destroy": "destructible", "read": "readable", "secret": "secrets", "write": "writable"}

_unlimited(true, _) := [word | some word in _words]

_unlimited(false, wide) := [_words[does] | some does in wide]

# _weighed stores and secrets: `parts`, by what can be done and service, with a weight each; for each that can be done their
# `numbers` and the `total` of the weights; and `wide`, where not all are named.
_weighed(things) := {"parts": {}, "numbers": _none, "total": _none, "wide": set()} if count(things) == 0

_weighed(things) := {
	"parts": parts,
	"numbers": {does: sum([count(part.things) | some at, part in parts; at[0] == does]) | some does, _ in _words},
	"total": {does: sum([part.weight | some at, part in parts; at[0] == does]) | some does, _ in _words},
	"wide": {thing[0] | some thing in (things & _wide)},
} if {
	count(things) > 0
	parts := {at: {"weight": _weight(part), "things": part} |
		some at in {[thing[0], thing[1]] | some thing in things}
		part := things & _at[at]
	}
}

# all stores and secrets of the model, by what can be done and service
_at := {[does, service]: there |
	some [does, service] in {[thing[0], thing[1]] | some thing in _things}
	there := {thing | some thing in _things; thing[0] == does; thing[1] == service}
}

_things := union({held.things | some held in holdings.of})

_every := {thing | some thing in _things; thing[2] == "every"}

_wide := {thing | some thing in _things; thing[2] != "named"}

_none := {"destroy": 0, "read": 0, "secret": 0, "write": 0}

_added(mine, theirs) := theirs if count(mine.parts) == 0

_added(mine, theirs) := {
	"numbers": {does: (theirs.numbers[does] + sum([part.more | some at, part in parts; at[0] == does])) | some does, _ in _words},
	"total": {does: (theirs.total[does] + sum([part.weight | some at, part in parts; at[0] == does])) | some does, _ in _words},
	"wide": (mine.wide | theirs.wide),
} if {
	count(mine.parts) > 0
	parts := {at: {"more": more, "weight": weight} |
		some at, part in mine.parts
		there := object.get(theirs.parts, [at], {"weight": 0, "things": set()})
		more := count(part.things - there.things)
		weight := max([part.weight, there.weight, min([_most_named, count(there.things) + more])]) - there.weight
	}
}

# Everything of a service is 40, a pattern 20, and named ones are counted.
_weight(things) := 40 if count(things & _every) > 0

else := 20 if count(things & _wide) > 0

else := min([_most_named, count(things)])

_most_named := 19

_score(of, _, _) := 100 if of.told.admin

_score(of, exposed, lives) := min([99, round(share * factor)]) if {
	not of.told.admin
	share := _share(of.measures)
	factor := (1 + _exposed[exposed]) + _lives[lives]
}

# Many identities have the same numbers.
_share(measures) := sum([more |
	some name, n in measures
	n > 0
	more := (_parts[name].weight * n) / (n + _parts[name].half)
])

# What each number can add to the score, and how many are half of that.
_parts := {
	"services": {"weight": 12, "half": 5},
	"actions": {"weight": 13, "half": 8},
	"read": {"weight": 10, "half": 8},
	"write": {"weight": 8, "half": 8},
	"destroy": {"weight": 10, "half": 8},
	"secret": {"weight": 10, "half": 5},
	"identities": {"weight": 6, "half": 3},
	"accounts": {"weight": 3, "half": 1},
	"environments": {"weight": 3, "half": 1},
}

_exposed := {"none": 0, "unknown": 0.1, "internet": 0.2}

_lives := {"session": 0, "unlimited": 0.12}

# exposure: the widest of the workloads that run as the identity.
exposure(id) := "internet" if id in _exposures.internet

else := "unknown" if id in _exposures.unknown

else := "none"

_exposures := {wide: {id | some workload in input.access.workloads; workload.exposure == wide; some id in workload.runs_as} |
	some wide in ["internet", "unknown"]
}

# lifetime: unlimited when a static credential stands in view; a session otherwise, as far as the change says.
lifetime(id) := "unlimited" if id in _static

else := "session"

_static := {credential.identity | some credential in input.access.credentials}

_writers := object.keys(data.gate.knowledge.indexed.writers)

# A tier is a judgement: which limits of gate.yaml are meant for the identity.
_tiers := {
	"internet-facing": _exposures.internet,
	"privileged": (becoming.administrators | {id |
		some id, identity in input.access.identities
		count(object.keys(identity.grants) & _writers) > 0
	}),
	"prod": {id |
		some id, identity in input.access.identities
		identity.environment != null
		lower(identity.environment) in {"prod", "production", "live"}
	},
}
