# METADATA
# title: Service account with cloud administrator access
# description: |
#   A service account acts in the cloud as an identity that is an administrator there, or can become one through a
#   chain. Whoever gets into a pod that uses it, or can create such a pod in its namespace, controls the cloud
#   account. A service account with only what its workload needs is not reported.
# custom:
#   id: privileged-cloud-identity
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "OWASP-NHI:NHI8", "NIST-800-53:AC-6"]
#   remediation: "Give the service account a role of its own with the permissions that its workload needs."
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.privileged_cloud_identity

import data.gate.lib
import data.gate.lib.bridge
import data.gate.lib.identity_graph

findings contains finding if {
	some role, edges in input.access.trust
	some edge in edges
	edge.principal.kind == "service_account"
	goal := _goal(role)
	account := edge.principal.identity
	entrance := bridge.entrance(account)
	source := _source(account, edge)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": account,
		"address": source.address,
		"severity": _severity(entrance),
		"message": sprintf("Whoever gets into a pod of %s is %s, which %s%s.", [
			account, role, _is(role, goal), bridge.reached(entrance),
		]),
		"location": source.location,
		"evidence": [{
			"address": edge.source.address, "statement": edge.source.statement, "location": edge.source.location,
			"action": concat(", ", edge.actions), "resource": role,
		}],
		"path": array.concat(array.concat(entrance, [_step(account, edge, role)]), bridge.way(_steps(role, goal))),
		"facts": {sprintf("enters the cloud as %s, by which it is %s", [role, goal])},
	})
}

_goal(role) := role if {
	role in identity_graph.administrators
} else := input.access.graph.to_administrator[role].end

_steps(role, goal) := [] if role == goal

_steps(role, goal) := input.access.graph.to_administrator[role].steps if role != goal

_is(role, goal) := "is an administrator of its cloud account" if role == goal

_is(role, goal) := sprintf("can become %s, an administrator of its cloud account", [goal]) if role != goal

_step(account, edge, role) := {"from": account, "via": edge.source.address, "actions": edge.actions, "to": role}

_severity([]) := "high"

_severity(entrance) := "critical" if count(entrance) > 0

_source(account, edge) := source if {
	source := input.access.identities[account].source
	source != null
} else := edge.source
