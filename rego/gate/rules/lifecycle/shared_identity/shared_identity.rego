# METADATA
# title: Identity shared by workloads
# description: |
#   Several workloads run as one identity. Each has the permissions that any of them needs, logs do not show which one
#   acted, and none of them can be cut off separately. Copies of one workload (count, for_each) count as one. An
#   identity without sensitive access is not reported.
# custom:
#   id: shared-identity
#   severity: medium
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI9", "NIST-800-53:IA-2"]
#   remediation: "Give each workload an identity of its own with the permissions that this workload needs."
# schemas:
#   - input: schema.envelope
package gate.rules.lifecycle.shared_identity

import data.gate.lib

findings contains finding if {
	some id, workloads in _workloads
	count(workloads) > 1
	identity := input.access.identities[id]
	count(identity.grants) > 0
	source := _source(identity, workloads)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": source.address,
		"message": sprintf("%s share the identity %s.", [lib.listed(workloads), id]),
		"location": source.location,
		"evidence": [{
			"address": input.access.workloads[workload].source.address,
			"statement": null,
			"location": input.access.workloads[workload].source.location,
		} |
			some workload in sort(_addresses[id])
		],
		"facts": {sprintf("runs %s", [workload]) | some workload in workloads},
	})
}

_workloads[id] contains workload if {
	some address, runner in input.access.workloads
	not runner.kind in data.gate.knowledge.kubernetes.acting_for_others
	workload := _declared(address, runner)
	some id in runner.runs_as
}

_declared(_, runner) := runner.declared if runner.declared != null

_declared(address, runner) := address if runner.declared == null

# Whole: looked up one by one, each identity would go through every workload again.
_addresses := {id: addresses | some id, addresses in _running}

_running[id] contains address if {
	some address, runner in input.access.workloads
	not runner.kind in data.gate.knowledge.kubernetes.acting_for_others
	some id in runner.runs_as
}

_source(identity, _) := identity.source if identity.source != null

_source(identity, workloads) := {"address": min(workloads), "location": null} if identity.source == null
