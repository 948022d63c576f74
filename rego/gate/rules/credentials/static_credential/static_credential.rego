# METADATA
# title: Long-lived credential
# description: |
#   The change creates a credential that remains valid until it is revoked: an access key, a password, or a token
#   without expiry. Such credentials leak from state files, logs and laptops.
# custom:
#   id: static-credential
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI7", "NIST-800-53:IA-5"]
#   remediation: >-
#     Remove the credential, and let the workload obtain short-lived credentials from a role or from workload identity
#     federation.
# schemas:
#   - input: schema.envelope
package gate.rules.credentials.static_credential

import data.gate.lib

findings contains finding if {
	some credential in input.access.credentials
	credential.change != "delete"
	finding := lib.finding(rego.metadata.chain(), {
		"identity": credential.identity,
		"address": credential.source.address,
		"message": sprintf("%s is a long-lived %s%s that remains valid until it is revoked.", [
			credential.source.address, credential.kind, _of(credential.identity),
		]),
		"location": credential.source.location,
		"evidence": [{
			"address": credential.source.address,
			"statement": credential.source.statement,
			"location": credential.source.location,
		}],
		"facts": {sprintf("%s: %s", [credential.source.address, credential.kind])},
	})
}

_of(null) := ""

_of(identity) := sprintf(" of %s", [identity]) if identity != null
