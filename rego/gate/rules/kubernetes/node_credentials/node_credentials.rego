# METADATA
# title: Pods can use the cloud identity of their nodes
# description: |
#   Every pod on the nodes can ask the metadata service for the nodes' own credentials, and then acts in the cloud as
#   the nodes do, whatever its own service account allows. It is denied if the nodes' role reaches secrets, keys or
#   machines at large, or everything; for a role that only joins the cluster it is a warning.
# custom:
#   id: node-credentials
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "OWASP-NHI:NHI8", "NIST-800-53:AC-6"]
#   remediation: "Block access of pods to the nodes' metadata service, and give pods identities of their own."
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.node_credentials

import data.gate.lib
import data.gate.lib.strength

_known := data.gate.knowledge.kubernetes.clusters.nodes

findings contains finding if {
	some id, nodes in input.access.workloads
	some setting in nodes.settings
	said := _known[setting.name]
	some identity in _identities(nodes, said, setting.value)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": identity.id,
		"address": setting.source.address,
		"severity": identity.severity,
		"message": sprintf("Every pod on %s can act as %s, because %s.", [
			id, identity.called, _filled(said.why, setting.value),
		]),
		"remediation": said.fix,
		"location": setting.source.location,
		"evidence": [{
			"address": setting.source.address, "statement": setting.where, "location": setting.source.location,
			"action": setting.name, "resource": setting.value,
		}],
		"facts": {sprintf("%s: %s on %s", [setting.name, setting.value, id])},
	})
}

# As whom: a role of the change, or whom the knowledge names.
_identities(nodes, said, _) := {{"id": role, "called": role, "severity": _weights[strength.of(role)]} |
	some role in nodes.runs_as
} if {
	not said["as"]
}

_identities(_, said, value) := {{"id": null, "called": _filled(said["as"], value), "severity": said.severity}} if {
	said["as"]
}

_weights := {"administrator": "critical", "strong": "high", "ordinary": "low"}

_filled(text, value) := replace(text, "%s", value)
