# METADATA
# title: Identity or secrets available to too many callers
# description: |
#   An object gives an identity, secrets or permission to deploy to more callers than intended: a secret store that
#   every namespace can use, one SPIFFE identity for every pod, an Argo CD project that deploys anything anywhere, a
#   certificate in the name of the cluster itself, or a namespace whose pods can take any role.
# custom:
#   id: identity-for-all
#   severity: medium
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "OWASP-NHI:NHI9", "NIST-800-53:AC-6"]
#   remediation: "Restrict it to the namespaces or service accounts that need it."
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.identity_for_all

import data.gate.lib

_known := data.gate.knowledge.kubernetes.handouts

findings contains finding if {
	some id, workload in input.access.workloads
	some setting in workload.settings
	said := _known[setting.name]
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": id,
		"severity": _severity(said, setting.value),
		"message": sprintf("%s %s (%s: %s).", [id, said.says, setting.where, setting.value]),
		"remediation": said.fix,
		"location": setting.source.location,
		"evidence": [{
			"address": id, "statement": setting.where, "location": setting.source.location,
			"action": setting.name, "resource": setting.value,
		}],
		"facts": {sprintf("%s: %s", [setting.name, setting.value])},
	})
}

_severity(said, value) := said.values[value]

_severity(said, _) := said.severity if not said.values
