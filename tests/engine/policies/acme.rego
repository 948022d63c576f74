# METADATA
# title: Ours
# description: Every identity is refused.
# custom:
#   id: acme-nobody
#   severity: high
#   confidence: proven
#   remediation: Remove it.
# schemas:
#   - input: schema.envelope
package organisation.acme

import data.gate.lib

findings contains finding if {
	some id, _ in input.access.identities
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": id,
		"message": sprintf("%s exists.", [id]),
		"location": null,
		"evidence": [],
		"facts": {"exists"},
	})
}
