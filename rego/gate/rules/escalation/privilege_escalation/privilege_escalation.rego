# METADATA
# title: Privilege escalation
# description: |
#   The identity holds a set of actions from which it can obtain access that nobody gave it: rewrite its own policy, pass a
#   stronger role to code of its own, take over a user, a role or a workload that holds more. Other identities on the way
#   count: the path shows the shortest chain. Who writes its own policies inside a permissions boundary that allows no
#   escalation gains what the boundary allows: a low warning.
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
import data.gate.lib.ceilings
import data.gate.lib.chains
import data.gate.lib.paths
import data.gate.lib.prescribed
import data.gate.lib.reach
import data.gate.lib.remediation

_paths := data.gate.knowledge.aws.escalation.paths

# by a path of its own
findings contains finding if {
	some id, outcome in reach.outcomes
	not chains.chain[id]
	identity := input.access.identities[id]
	lib.acts(identity)
	hit := outcome.best
	evidence := _evidence(id, identity.grants, hit)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": evidence[0].address,
		"severity": _severity(id, identity.grants, outcome),
		"confidence": hit.confidence,
		"message": sprintf("%s could %s with %s (path %s)%s.", [
			id, _gain(hit, id), _means(hit, identity.grants), hit.name, _others(count(outcome.names) - 1),
		]),
		"remediation": remediation.escalation(id, hit, identity.grants),
		"location": evidence[0].location,
		"evidence": evidence,
		"path": [_shown({"from": id, "name": hit.name, "target": hit.target})],
		"facts": outcome.facts,
	})
}

# What AWS prescribes for a service could be turned against what nobody sees: a warning at most.
_severity(id, grants, outcome) := _less[outcome.best.severity] if {
	outcome.best.confidence == "possible"
	prescribed.entirely(id, _used({outcome.best.name}, grants)) # most are not by this one alone
	every fact in outcome.facts {
		contains(fact, sprintf(" -> %s (", [reach.anything]))
	}
	prescribed.entirely(id, _used(outcome.names, grants))
} else := lib.lowered(id, outcome.best.severity)

_less := {"critical": "medium", "high": "medium", "medium": "low", "low": "low"}

_used(names, grants) := {key |
	some name in names
	some action in paths.actions(name, grants)
	some key in paths.usable(name, grants, action)
}

# over others, by the shortest chain
findings contains finding if {
	some id, steps in chains.chain
	identity := input.access.identities[id]
	lib.acts(identity)
	last := chains.best[steps[count(steps) - 1].from]
	first := {"name": steps[0].name, "target": steps[0].target}
	evidence := _evidence(id, identity.grants, first)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": evidence[0].address,
		"severity": lib.lowered(id, last.severity),
		"confidence": last.confidence,
		"message": sprintf("%s could %s in %d steps: %s.", [
			id, _gain(last, id), count(steps),
			concat(", then ", [sprintf("become %s by %s", [step.target, step.name]) | some step in steps]),
		]),
		"remediation": remediation.escalation(id, first, identity.grants),
		"location": evidence[0].location,
		"evidence": evidence,
		"path": [_shown(step) | some step in steps],
		"facts": {sprintf("%s (%s)", [
			concat(" -> ", [sprintf("%s -> %s", [step.name, step.target]) | some step in steps]), last.severity,
		])},
	})
}

_shown(step) := {
	"from": step.from,
	"via": step.name,
	"actions": paths.actions(step.name, input.access.identities[step.from].grants),
	"to": step.target,
}

_evidence(_, grants, hit) := [item |
	some action in paths.actions(hit.name, grants)
	key := min(paths.usable(hit.name, grants, action))
	item := lib.evidence(input.access.grants[key], action)
] if {
	count(paths.actions(hit.name, grants)) > 0
}

# It holds no permission: the other's trust policy is enough.
_evidence(id, grants, hit) := [{
	"address": edge.source.address, "statement": edge.source.statement, "location": edge.source.location,
	"action": "sts:AssumeRole", "resource": hit.target,
} |
	some edge in input.access.trust[hit.target]
	edge.principal.identity == id
] if {
	count(paths.actions(hit.name, grants)) == 0
}

_means(hit, grants) := lib.listed(paths.actions(hit.name, grants)) if count(paths.actions(hit.name, grants)) > 0

_means(hit, grants) := "its trust policy" if count(paths.actions(hit.name, grants)) == 0

_gain(hit, id) := "give itself any access" if {
	hit.target == id
	not ceilings.within[id]
}

_gain(hit, id) := sprintf("give itself all that %s allows", [object.get(_held_by, [input.access.identities[id].boundary], input.access.identities[id].boundary)]) if {
	hit.target == id
	ceilings.within[id]
}

_held_by := {null: "its organization"}

_gain(hit, id) := sprintf("obtain %s%s", [_called[hit.severity], hit.target]) if {
	hit.confidence == "proven"
	hit.target != id
}

_gain(hit, id) := sprintf("%s,", [object.get(_over_any, _paths[hit.name].target, "obtain access that nobody gave it")]) if {
	hit.confidence == "possible"
	hit.target != id
}

# what a path comes to where nobody can list its targets
_over_any := {
	"passed": "run code of its own as any role that it can pass",
	"workload": "take over what already runs in the account, with its role",
	"user": "take over any user",
	"role": "let itself into any role",
	"joined": "join any group",
	"self": "write the policies of any identity",
	"group": "write the policies of any group",
	"policy": "write any policy of the account",
	"new": "make an identity with any access",
}

_gain(hit, id) := sprintf("obtain what %s holds, which this change does not show,", [hit.target]) if {
	hit.confidence == "unverified"
	hit.target != id
}

_called := {"critical": "administrator access through ", "high": "the rights of ", "medium": "the rights of ", "low": "the rights of "}

_others(0) := ""

_others(1) := ", and by 1 other path"

_others(n) := sprintf(", and by %d other paths", [n]) if n > 1
