# METADATA
# title: Privilege escalation
# description: |
#   The identity holds a set of actions by which it can gain access that it was not given: it can change its own
#   policies, pass a stronger role to its own code, or take over a user, role or workload with more permissions. Steps
#   over other identities count, and the path shows the shortest chain. An identity that can change its own policies
#   only within a permissions boundary gains what the boundary allows: a low warning if that allows no escalation.
# custom:
#   id: privilege-escalation
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "MITRE-ATTACK:T1098", "NIST-800-53:AC-6"]
#   remediation: >-
#     Name the roles, users or functions that the identity works on instead of a wildcard, or remove one of the
#     actions.
# schemas:
#   - input: schema.envelope
package gate.rules.escalation.privilege_escalation

import data.gate.lib
import data.gate.lib.gains
import data.gate.lib.identity_graph
import data.gate.lib.prescribed
import data.gate.lib.remediation
import data.gate.lib.techniques

_paths := data.gate.knowledge.aws.escalation.paths

# Administrators have findings of their own, and so has who is one under conditions that it meets.
_judged[id] := identity if {
	some id, identity in input.access.identities
	identity.platform == "aws"
	_gains_by_it(id, identity.all_access)
	lib.acts(identity)
}

_gains_by_it(_, "none")

_gains_by_it(id, "conditional") if not id in identity_graph.administrators

# by a technique of its own
findings contains finding if {
	some id, identity in _judged
	not _chains[id]
	outcome := gains.outcomes[id]
	gain := outcome.best
	means := _means(id, gain)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": means.evidence[0].address,
		"severity": _severity(id, identity.grants, outcome),
		"confidence": gain.confidence,
		"message": sprintf("%s could %s with %s (path %s)%s.", [
			id, _gains(gain, id), means.text, gain.name, _others(count(outcome.names) - 1),
		]),
		"remediation": remediation.escalation(id, gain, identity.grants),
		"location": means.evidence[0].location,
		"evidence": means.evidence,
		"path": [_shown({"from": id, "technique": gain.name, "to": gain.target})],
		"facts": outcome.facts,
	})
}

# over others, by the shortest chain
findings contains finding if {
	some id, chain in _chains
	steps := _with_last(id, chain)
	first := {"name": steps[0].technique, "target": steps[0].to}
	evidence := _means(id, first).evidence
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": evidence[0].address,
		"severity": lib.lowered(id, chain.last.severity),
		"confidence": chain.last.confidence,
		"message": sprintf("%s could %s in %d steps: %s.", [
			id, _gains(chain.last, chain.end), chain.length + (count(steps) - count(chain.steps)),
			concat(", then ", [_told(step) | some step in steps]),
		]),
		"remediation": remediation.escalation(id, first, _judged[id].grants),
		"location": evidence[0].location,
		"evidence": evidence,
		"path": [_shown(step) | some step in steps],
		"facts": {sprintf("%s (%s)", [
			concat(" -> ", [sprintf("%s -> %s", [step.technique, step.to]) | some step in steps]), chain.last.severity,
		])},
	})
}

# What AWS prescribes for a service could be turned against what nobody sees: a warning at most.
_severity(id, grants, outcome) := _less[outcome.best.severity] if {
	outcome.targets == {gains.anything}
	prescribed.entirely(id, _used({outcome.best.name}, grants)) # most are not by this one alone
	prescribed.entirely(id, _used(outcome.names, grants))
} else := lib.lowered(id, outcome.best.severity)

_less := {"critical": "medium", "high": "medium", "medium": "low", "low": "low"}

_used(names, grants) := {key |
	some name in names
	some action in techniques.actions(name, grants)
	some key in techniques.usable(name, grants, action)
}

# Identity → its chain over others, with what whoever stands at its end gains, where that is worth more than its own
# gains.
_chains := {id: object.union(chain, {"last": last}) |
	some id, chain in input.access.graph.chains
	_judged[id]
	last := gains.outcomes[chain.end].best
	last.severity in {"critical", "high"}
	not _enough(id, chain, last)
}

_enough(id, chain, last) if {
	chain.end != id
	gains.outcomes[id].best.weight <= last.weight
}

# The chain ends with the gain of whoever stands at its end, in its state of today or in another one; a chain by the
# rights of others ends with those.
_with_last(id, chain) := chain.steps if chain.end == id

_with_last(id, chain) := array.concat(chain.steps, [{
	"from": chain.steps[count(chain.steps) - 1].to, "technique": chain.last.name, "to": chain.last.target,
	"kind": "becomes",
}]) if {
	chain.end != id
}

_told(step) := sprintf("become %s through %s", [step.to, step.technique]) if step.kind == "becomes"

_told(step) := sprintf("change the permissions of %s through %s", [step.to, step.technique]) if step.kind == "writes"

_told(step) := sprintf("remove the guardrails of %s through %s", [step.to, step.technique]) if step.kind == "lifts"

_shown(step) := {
	"from": step.from,
	"via": step.technique,
	"actions": techniques.actions(step.technique, input.access.identities[step.from].grants),
	"to": step.to,
}

# By what the identity takes the step: its own actions, or the other's trust policy, which is enough without any. By
# rights of others alone, nothing of the identity but itself can be shown.
_means(id, gain) := {"text": lib.listed(actions), "evidence": evidence} if {
	grants := input.access.identities[id].grants
	actions := techniques.actions(gain.name, grants)
	evidence := [lib.evidence(input.access.grants[key], action) |
		some action in actions
		key := min(techniques.usable(gain.name, grants, action))
	]
	count(evidence) > 0
} else := {"text": "its trust policy", "evidence": evidence} if {
	evidence := [{
		"address": edge.source.address, "statement": edge.source.statement, "location": edge.source.location,
		"action": "sts:AssumeRole", "resource": gain.target,
	} |
		some edge in input.access.trust[gain.target]
		edge.principal.identity == id
	]
	count(evidence) > 0
} else := {
	"text": "the permissions of others",
	"evidence": [object.union(lib.source(id), {"statement": null, "action": gain.name, "resource": gain.target})],
}

_gains(gain, _) := "grant itself any permission" if gain.gains == "anything"

_gains(gain, holder) := sprintf("grant itself everything that %s allows", [ceiling]) if {
	gain.gains == "ceiling"
	ceiling := _ceiling(input.access.identities[holder].boundary)
}

_gains(gain, _) := sprintf(_reaching[gain.gains], [gain.target])

_gains(gain, _) := sprintf("%s,", [what]) if {
	gain.gains in {"everything", "pattern", "visible_pattern"}
	what := object.get(_over_any, _paths[gain.name].target, "gain access that it was not given")
}

_ceiling(null) := "its organization"

_ceiling(boundary) := boundary if boundary != null

_reaching := {
	"administrator": "gain administrator access through %s",
	"conditional": "gain administrator access, under conditions, through %s",
	"secrets": "gain access to the secrets that %s can read",
	"data": "gain access to the data that %s can reach",
	"rights": "change the permissions of %s",
	"named": "gain the permissions of %s, which is not part of this change,",
	"conventional": "gain the permissions of %s, which is not part of this change,",
}

# what a technique comes to where nobody can list its targets
_over_any := {
	"passed": "run its own code with any role that it can pass",
	"workload": "take over workloads that already run in the account, with their roles",
	"user": "take over any user",
	"role": "add itself to the trust policy of any role",
	"joined": "add itself to any group",
	"self": "change the policies of any identity",
	"group": "change the policies of any group",
	"policy": "change any policy in the account",
	"new": "create an identity with any permissions",
}

_others(0) := ""

_others(1) := ", and through 1 other path"

_others(n) := sprintf(", and through %d other paths", [n]) if n > 1
