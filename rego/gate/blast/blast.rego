# METADATA
# description: |
#   The blast radius of each identity of the change: everything it reaches directly and by chains
#   (`access.graph.reach`), how exposed and how lasting it is, and one score for ranking. docs/blast-radius.md says the
#   formula.
#
#   The score is monotone: each number it is made of is a count of a set, or a maximum, that more permission, more
#   exposure or a longer life can only enlarge, and each enters it by a function that grows.
# schemas:
#   - input: schema.envelope
package gate.blast

import data.gate.lib.identity_graph

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
radius(id) := {
	"admin": reach.administrator,
	"services": reach.services,
	"sensitive_actions": reach.actions,
	"readable": things.numbers.read,
	"writable": things.numbers.write,
	"destructible": things.numbers.destroy,
	"secrets": things.numbers.secret,
	"unlimited": _unlimited(reach.administrator, things.wide),
	"identities": reach.identities,
	"accounts": reach.accounts,
	"environments": reach.environments,
	"score": _score(reach, things, exposure(id), lifetime(id)),
	"becomes": reach.becomes,
	"exposure": exposure(id),
	"lifetime": lifetime(id),
	"tiers": [tier | some tier, ids in _tiers; id in ids],
} if {
	reach := input.access.graph.reach[id]
	things := _things[reach.things]
}

_words := {"destroy": "destructible", "read": "readable", "secret": "secrets", "write": "writable"}

_unlimited(true, _) := [word | some word in _words]

_unlimited(false, wide) := [_words[does] | some does in wide]

# By what can be done: how many stores and secrets there are, what they weigh together, and whether not all are named.
# Many identities reach the same.
_things := {key: {
	"numbers": {does: sum([part.count | some part in object.get(things, does, [])]) | some does, _ in _words},
	"weights": {does: sum([_weight(part.width, part.count) | some part in object.get(things, does, [])]) |
		some does, _ in _words
	},
	"wide": {does | some does, parts in things; some part in parts; part.width != "named"},
} |
	some key, things in input.access.graph.things
}

# Everything of a service is 40, a pattern 20, and named ones are counted.
_weight("every", _) := 40

_weight("pattern", _) := 20

_weight("named", number) := min([19, number])

_score(reach, _, _, _) := 100 if reach.administrator

_score(reach, things, exposed, lives) := min([99, round(share * factor)]) if {
	not reach.administrator
	share := _share(object.union(things.weights, {
		"services": reach.services,
		"actions": reach.actions,
		"identities": reach.identities,
		"accounts": reach.accounts - 1,
		"environments": max([1, count(reach.environments)]) - 1,
	}))
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

_exposures := {wide: ids |
	some wide in ["internet", "unknown"]
	ids := {id |
		some workload in input.access.workloads
		workload.exposure == wide
		some id in workload.runs_as
	}
}

# lifetime: unlimited when a static credential stands in view; a session otherwise, as far as the change says.
lifetime(id) := "unlimited" if id in _static

else := "session"

_static := {credential.identity | some credential in input.access.credentials}

# actions that write identities or what they may do
_writers := {action | some action in data.gate.knowledge.kubernetes.rbac_writing} | {action |
	some action, group in data.gate.knowledge.aws.sensitive.actions
	group == "identities"
}

# A tier is a judgement: which limits of gate.yaml are meant for the identity.
_tiers := {
	"internet-facing": _exposures.internet,
	"privileged": (identity_graph.administrators | {id |
		some id, identity in input.access.identities
		count(object.keys(identity.grants) & _writers) > 0
	}),
	"prod": {id |
		some id, identity in input.access.identities
		identity.environment != null
		lower(identity.environment) in {"prod", "production", "live"}
	},
}
