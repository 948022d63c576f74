# METADATA
# title: Cloud identity of a workload is not part of the input
# description: |
#   Pods of a service account, or a function, instance or task that the change creates or updates, act as a cloud
#   identity that is not in any plan of this change, or on a platform without an adapter. The code that runs is known;
#   what it may do there is not. With the plan that creates the identity in the same check, the chain continues.
# custom:
#   id: unseen-cloud-identity
#   severity: medium
#   confidence: unverified
#   frameworks: ["OWASP-NHI:NHI8", "NIST-800-53:CM-4"]
#   remediation: >-
#     Add the plan that creates the cloud identity to the same check, or review its permissions by hand and waive the
#     finding.
# schemas:
#   - input: schema.envelope
package gate.rules.visibility.unseen_cloud_identity

import data.gate.lib
import data.gate.lib.bridge

findings contains finding if {
	some id, edges in input.access.trust
	input.access.identities[id].external
	some edge in edges
	edge.principal.kind == "service_account"
	account := edge.principal.identity
	entrance := bridge.entrance(account)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": account,
		"address": edge.source.address,
		"message": sprintf("%s acts as %s, and what that identity may do is not analysed, because %s%s.", [
			account, id, _because(input.access.identities[id].platform), bridge.reached(entrance),
		]),
		"location": edge.source.location,
		"evidence": [{
			"address": edge.source.address, "statement": edge.source.statement, "location": edge.source.location,
			"action": concat(", ", edge.actions), "resource": id,
		}],
		"path": array.concat(entrance, [{
			"from": account, "via": edge.source.address, "actions": edge.actions, "to": id,
		}]),
		"facts": {sprintf("acts as %s by %s", [id, edge.source.address])},
	})
}

# New code, or other code, as a role that nobody looked at.
findings contains finding if {
	some address, workload in input.access.workloads
	workload.platform == "aws"
	workload.change in {"create", "update"}
	some id in workload.runs_as
	identity := input.access.identities[id]
	identity.external
	count(identity.grants) == 0
	not identity.family == "aws-service-role" # AWS writes what it may do
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": address,
		"message": sprintf(
			"%s runs as %s, and what that role may do is not analysed, because it is not in any plan of this change.",
			[address, id],
		),
		"location": workload.source.location,
		"evidence": [{
			"address": address, "statement": null, "location": workload.source.location,
			"action": "runs as", "resource": id,
		}],
		"facts": {sprintf("%s runs as %s", [address, id])},
	})
}

# A pod that asks for a token meant for a cloud enters it as somebody.
findings contains finding if {
	some id, workload in input.access.workloads
	some setting in workload.settings
	setting.name == "pod-projected-token-audience"
	some cloud in data.gate.knowledge.kubernetes.audiences
	regex.match(cloud.match, setting.audience)
	some account in workload.runs_as
	input.access.identities[account].kind == "service_account"
	not account in _entering
	finding := lib.finding(rego.metadata.chain(), {
		"identity": account,
		"address": id,
		"message": sprintf("%s holds a token of %s for %s, and the identity that it gets there is not part of the input%s.", [
			id, account, cloud.name, _reached(workload),
		]),
		"location": setting.source.location,
		"evidence": [{
			"address": id, "statement": setting.where, "location": setting.source.location,
			"action": "token exchange", "resource": setting.audience,
		}],
		"facts": {sprintf("%s holds a token for %s", [id, setting.audience])},
	})
}

_because(platform) := {
	"aws": "it is not in any plan of this change",
	"gcp": "the gate does not read access in Google Cloud yet",
	"azure": "the gate does not read access in Azure yet",
}[platform]

_entering contains edge.principal.identity if {
	some edges in input.access.trust
	some edge in edges
	edge.principal.kind == "service_account"
}

_reached(workload) := bridge.through(workload.doors) if workload.exposure == "internet"

_reached(workload) := "" if workload.exposure != "internet"
