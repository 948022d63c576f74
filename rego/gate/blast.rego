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
	of := reach(members)
}

# So many identities are named; more are only counted.
_listed(id, members) := sort(members - {id}) if count(members) <= 51

_listed(_, members) := [] if count(members) > 51

# reach of some identities together: those that one identity can be. Identities that can become each other share it.
reach(members) := {
	"admin": admin,
	"services": services,
	"sensitive_actions": count(actions),
	"readable": count(_does(things, "read")),
	"writable": count(_does(things, "write")),
	"destructible": count(_does(things, "destroy")),
	"secrets": count(_does(things, "secret")),
	"unlimited": [word | some does, word in _words; _unlimited(admin, _does(things, does))],
	"accounts": max([1, count(accounts)]),
	"environments": sort(environments),
	"measures": {
		"services": services,
		"actions": count(actions),
		"read": _measure(_does(things, "read")),
		"write": _measure(_does(things, "write")),
		"destroy": _measure(_does(things, "destroy")),
		"secret": _measure(_does(things, "secret")),
		"identities": count(members) - 1,
		"accounts": max([1, count(accounts)]) - 1,
		"environments": max([1, count(environments)]) - 1,
	},
} if {
	admin := count(members & becoming.administrators) > 0
	held := {holdings.of[id] | some id in members}
	services := max([count(union({one.services | some one in held})), max([one.service_count | some one in held])])
	actions := union({one.actions | some one in held})
	things := union({one.things | some one in held})
	accounts := union({one.accounts | some one in held})
	environments := union({one.environments | some one in held})
}

_words := {"destroy": "destructible", "read": "readable", "secret": "secrets", "write": "writable"}

_does(things, does) := {thing | some thing in things; thing[0] == does}

_unlimited(true, _)

_unlimited(false, things) if {
	some thing in things
	thing[2] != "named"
}

# By service: everything is 40, a pattern 20, and named ones are counted, up to 19.
_measure(things) := sum([_of_service({thing | some thing in things; thing[1] == service}) | some service in {thing[1] | some thing in things}])

_of_service(things) := max([_weight(things, thing[2]) | some thing in things])

_weight(_, "every") := 40

_weight(_, "pattern") := 20

_weight(things, "named") := min([19, count(things)])

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
