# METADATA
# title: Privilege escalation
# description: |
#   The identity holds a set of actions from which it can obtain access that nobody gave it: rewrite its own policy, pass a
#   stronger role to code of its own, take over a user, a role or a workload that holds more.
# custom:
#   id: privilege-escalation
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "MITRE-ATTACK:T1098", "NIST-800-53:AC-6"]
#   remediation: "Name the roles, users or functions that the identity works on instead of a wildcard, or take one of the actions away."
# schemas:
#   - input: schema.envelope
package gate.rules.escalation.privilege_escalation

import data.gate.lib
import data.gate.lib.paths
import data.gate.lib.reach

_known := data.gate.knowledge.aws.escalation

findings contains finding if {
	some id, identity in input.access.identities
	identity.platform == "aws"
	identity.all_access == "none"
	lib.acts(identity)
	hits := _hits(id, identity)
	count(hits) > 0
	ranked := _ranked(hits)
	finding := lib.finding(rego.metadata.chain(), _details(id, identity, hits, ranked))
}

_hits(id, identity) := {hit |
	some name in paths.open(identity.grants)
	some outcome in reach.outcomes(id, identity, name)
	hit := object.union(outcome, {"name": name})
}

# The worst first, then the surest, then the fewest steps.
_ranked(hits) := [item[5] |
	some item in sort([[0 - rank, sureness, _known.paths[hit.name].steps, hit.name, hit.target, hit] |
		some hit in hits
		some rank, hit.severity in lib.severities
		some sureness, hit.confidence in ["proven", "possible", "unverified"]
	])
]

_details(id, identity, hits, ranked) := {
	"identity": id,
	"address": evidence[0].address,
	"severity": ranked[0].severity,
	"confidence": ranked[0].confidence,
	"message": _message(id, identity, ranked[0], {hit.name | some hit in hits}),
	"remediation": _remediation(identity, ranked[0]),
	"location": evidence[0].location,
	"evidence": evidence,
	"path": [_step(id, identity, hit) | some hit in array.slice(ranked, 0, 5)],
	"facts": {sprintf("%s -> %s (%s)", [hit.name, hit.target, hit.severity]) | some hit in hits},
} if {
	evidence := _evidence(identity, ranked[0].name)
}

_step(id, identity, hit) := {
	"from": id,
	"via": hit.name,
	"actions": paths.actions(hit.name, identity.grants),
	"to": hit.target,
}

_evidence(identity, name) := [item |
	some action in paths.actions(name, identity.grants)
	key := min(paths.usable(name, identity.grants, action))
	item := lib.evidence(input.access.grants[key], action)
]

_message(id, identity, hit, names) := sprintf("%s could %s with %s (path %s)%s.", [
	id, _gain(hit, id),
	lib.listed(paths.actions(hit.name, identity.grants)),
	hit.name, _others(count(names) - 1),
])

_gain(hit, id) := "give itself any access" if hit.target == id

_gain(hit, id) := sprintf("obtain %s%s", [_called[hit.severity], hit.target]) if {
	hit.confidence == "proven"
	hit.target != id
}

_gain(hit, _) := "obtain access that nobody gave it, because the targets are not limited," if hit.confidence == "possible"

_gain(hit, _) := sprintf("obtain what %s holds, which this change does not show,", [hit.target]) if hit.confidence == "unverified"

_called := {"critical": "administrator access through ", "high": "the rights of ", "medium": "the rights of "}

_others(0) := ""

_others(1) := ", and by 1 other path"

_others(n) := sprintf(", and by %d other paths", [n]) if n > 1

_remediation(identity, hit) := sprintf("Limit %s to the named resources that this identity works on, or take it away.", [
	lib.listed({action | some action in paths.actions(hit.name, identity.grants); action in _known.paths[hit.name].aimed}),
])
