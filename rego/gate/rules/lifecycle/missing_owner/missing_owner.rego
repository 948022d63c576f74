# METADATA
# title: Identity without owner or purpose
# description: |
#   The identity does not declare who is responsible for it or what it is for. Without an owner it is never removed.
#   The setting `lifecycle.required` in gate.yaml lists which of owner, purpose and expires are required.
# custom:
#   id: missing-owner
#   severity: low
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI1", "NIST-800-53:AC-2"]
#   remediation: >-
#     Tag the identity (Owner, Purpose), or annotate the service account, with the responsible team and the reason.
# schemas:
#   - input: schema.envelope
package gate.rules.lifecycle.missing_owner

import data.gate.lib

findings contains finding if {
	some id, identity in input.access.identities
	identity.change in {"create", "update"}
	not identity.external
	identity.kind != "group"
	identity.source != null
	missing := {name | some name in input.config.lifecycle.required; is_null(identity.lifecycle[name])}
	count(missing) > 0
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": identity.source.address,
		"message": sprintf("%s does not state its %s.", [id, lib.listed(missing)]),
		"location": identity.source.location,
		"evidence": [{"address": identity.source.address, "statement": null, "location": identity.source.location}],
		"facts": {sprintf("no %s", [name]) | some name in missing},
	})
}
