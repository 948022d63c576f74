# METADATA
# title: Effective administrator
# description: |
#   The identity can perform every action on every resource, after denies and boundaries. Whoever takes it over owns
#   the account.
# custom:
#   id: effective-admin
#   severity: critical
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:AC-6"]
#   remediation: Replace the statement by the actions and resources that the identity needs, or put a permissions boundary on it.
# schemas:
#   - input: schema.envelope
package gate.rules.access.effective_admin

import data.gate.lib

findings contains finding if {
	some id, identity in input.access.identities
	identity.platform == "aws"
	identity.all_access == "unconditional"
	evidence := [item |
		some key in identity.grants["*"]
		item := lib.evidence(input.access.grants[key], "*")
	]
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": evidence[0].address,
		"message": sprintf("%s is an administrator: it can do every action on every resource.", [id]),
		"location": evidence[0].location,
		"evidence": evidence,
		"facts": {"admin"},
	})
}
