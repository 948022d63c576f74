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
radius(id) := object.union(object.remove(of, ["measures"]), {
	"score": _score(of, exposure(id), lifetime(id)),
	"identities": count(members) - 1,
	"becomes": _listed(id, members),
	"exposure": exposure(id),
	"lifetime": lifetime(id),
	"tiers": [tier | some tier in ["internet-facing", "privileged", "prod"]; _belongs(tier, id)],
}) if {
	members := becoming.reach(id)
	of := reach(id)
}

# So many identities are named; more are only counted.
_listed(id, members) := sort(members - {id}) if count(members) <= 51

_listed(_, members) := [] if count(members) > 51

# reach of an identity: what it holds itself, together with what those hold that it can become. The latter is worked out
# once for all identities that can become the same.
reach(id) := {
	"admin": admin,
	"services": services,
	"sensitive_actions": count(actions),
	"readable": numbers.read,
	"writable": numbers.write,
	"destructible": numbers.destroy,
	"secrets": numbers.secret,
	"unlimited": [word | some does, word in _words; _unlimited(admin, does in wide)],
	"accounts": max([1, count(accounts)]),
	"environments": sort(environments),
	"measures": object.union(measures, {
		"services": services,
		"actions": count(actions),
		"identities": count(becoming.reach(id)) - 1,
		"accounts": max([1, count(accounts)]) - 1,
		"environments": max([1, count(environments)]) - 1,
	}),
} if {
	own := holdings.of[id]
	others := _together(becoming.held(id))
	admin := count(becoming.reach(id) & becoming.administrators) > 0
	services := max([count(own.services | others.services), own.service_count, others.service_count])
	actions := own.actions | others.actions
	accounts := own.accounts | others.accounts
	environments := own.environments | others.environments
	mine := _weighed(own.things)
	theirs := others.weighed
	wide := mine.wide | theirs.wide
	numbers := {does: count(things) | some does, things in _united(mine.things, theirs.things)}
	measures := _measured(mine, theirs)
}

# Most can become nobody: for them there is nothing to unite.
_united(mine, theirs) := mine if theirs == _no_things

_united(mine, theirs) := {does: (mine[does] | theirs[does]) | some does, _ in _words} if theirs != _no_things

_measured(mine, theirs) := mine.total if theirs.things == _no_things

_measured(mine, theirs) := {does: (theirs.total[does] + sum([more |
	some service, part in mine.services[does]
	there := object.get(theirs.services[does], service, {"weight": 0, "things": set()})
	named := min([_most_named, count(part.things | there.things)])
	more := max([part.weight, there.weight, named]) - there.weight
])) |
	some does, _ in _words
} if {
	theirs.things != _no_things
}

_no_things := {does: set() | some does, _ in _words}

_together(members) := {
	"services": union({one.services | some one in held}),
	"service_count": max({one.service_count | some one in held} | {0}),
	"actions": union({one.actions | some one in held}),
	"accounts": union({one.accounts | some one in held}),
	"environments": union({one.environments | some one in held}),
	"weighed": _weighed(union({one.things | some one in held})),
} if {
	held := [holdings.of[id] | some id in members]
}

_words := {"destroy": "destructible", "read": "readable", "secret": "secrets", "write": "writable"}

_unlimited(true, _)

_unlimited(false, true)

# _weighed stores and secrets, by what can be done: `things`, the same by service with a weight each, `total` of these
# weights, and `wide`, where not all are named.
_weighed(things) := {
	"things": by_word,
	"services": services,
	"total": {does: sum([part.weight | some part in parts]) | some does, parts in services},
	"wide": {thing[0] | some thing in things; thing[2] != "named"},
} if {
	by_word := {does: {thing | some thing in things; thing[0] == does} | some does, _ in _words}
	services := {does: _by_service(found) | some does, found in by_word}
}

_by_service(things) := {service: {"weight": _of_service(part), "things": part} |
	some service in {thing[1] | some thing in things}
	part := {thing | some thing in things; thing[1] == service}
}

# Everything of a service is 40, a pattern 20, and named ones are counted.
_of_service(things) := max([_weight(things, thing[2]) | some thing in things])

_weight(_, "every") := 40

_weight(_, "pattern") := 20

_weight(things, "named") := min([_most_named, count(things)])

_most_named := 19

_score(of, _, _) := 100 if of.admin

_score(of, exposed, lives) := min([99, round(reach_share * factor)]) if {
	not of.admin
	reach_share := sum([_share(part.weight, of.measures[name], part.half) | some name, part in _parts])
	factor := (1 + _exposed[exposed]) + _lives[lives]
}

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

_share(weight, n, half) := (weight * n) / (n + half)

_exposed := {"none": 0, "unknown": 0.1, "internet": 0.2}

_lives := {"session": 0, "unlimited": 0.12}

# exposure: the widest of the workloads that run as the identity.
exposure(id) := [wide | some wide in ["internet", "unknown", "none"]; wide in (object.get(_exposures, id, set()) | {"none"})][0]

_exposures[id] contains workload.exposure if {
	some workload in input.access.workloads
	some id in workload.runs_as
}

# lifetime: unlimited when a static credential stands in view; a session otherwise, as far as the change says.
lifetime(id) := "unlimited" if id in _static

else := "session"

_static := {credential.identity | some credential in input.access.credentials}

# A tier is a judgement: which limits of gate.yaml are meant for the identity.
_belongs("internet-facing", id) if exposure(id) == "internet"

_belongs("prod", id) if {
	environment := input.access.identities[id].environment
	environment != null
	lower(environment) in {"prod", "production", "live"}
}

_belongs("privileged", id) if id in becoming.administrators

_belongs("privileged", id) if {
	not id in becoming.administrators
	some action, _ in input.access.identities[id].grants
	action in _iam_writing
}

_iam_writing := {action | some action, "identities" in data.gate.knowledge.aws.sensitive.actions} | {action |
	some action in data.gate.knowledge.kubernetes.rbac_writing
}
