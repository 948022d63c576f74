# METADATA
# title: Plaintext secret
# description: |
#   The configuration contains a secret in plaintext. Anyone who can read the repository, the plan, the state or the
#   object has it. Only its kind, its place and a fingerprint are shown.
# custom:
#   id: plaintext-secret
#   severity: high
#   confidence: possible
#   frameworks: ["OWASP-NHI:NHI2", "NIST-800-53:IA-5"]
#   remediation: "Revoke the secret, keep the new one in a secret store, and refer to it from there."
# schemas:
#   - input: schema.envelope
package gate.rules.credentials.plaintext_secret

import data.gate.lib

findings contains finding if {
	some secret in input.access.secrets
	secret.change != "delete"
	finding := lib.finding(rego.metadata.chain(), {
		"identity": secret.identity,
		"address": secret.source.address,
		"message": sprintf("%s contains a plaintext secret at %s: %s (fingerprint %s).", [
			secret.source.address, secret.attribute, secret.kind, secret.fingerprint,
		]),
		"location": secret.source.location,
		"evidence": [{"address": secret.source.address, "statement": secret.attribute, "location": secret.source.location}],
		"facts": {sprintf("%s %s %s", [secret.source.address, secret.attribute, secret.fingerprint])},
	})
}
