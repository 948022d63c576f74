# METADATA
# title: Resource that affects identity is not analysed
# description: |
#   The change contains a resource that creates an identity, runs as one or grants access, on a platform or of a type
#   that the gate does not support yet. What it allows is unknown, and unknown is not safe.
# custom:
#   id: not-analysed
#   severity: high
#   confidence: unverified
#   frameworks: ["NIST-800-53:CM-4"]
#   remediation: >-
#     Review the resource by hand and waive the finding, or set rules.not-analysed.effect in gate.yaml with a reason.
# schemas:
#   - input: schema.envelope
package gate.rules.visibility.not_analysed

import data.gate.lib

findings contains finding if {
	some resource in input.access.not_analysed
	not resource.change in {"none", "delete"}
	finding := lib.finding(rego.metadata.chain(), object.union(_otherwise(resource), {
		"identity": null,
		"address": resource.source.address,
		"message": sprintf("%s is of type %s, which affects identity (%s) and is not analysed yet.", [
			resource.source.address, resource.type, resource.role,
		]),
		"location": resource.source.location,
		"evidence": [{"address": resource.source.address, "statement": null, "location": resource.source.location}],
		"facts": {sprintf("%s %s", [resource.type, resource.source.address])},
	}))
}

# What the knowledge says of this reason in place of the rule.
_otherwise(resource) := said if {
	known := data.gate.knowledge[resource.platform].not_analysed[resource.role]
	said := object.union(
		{"severity": severity | severity := known.severity},
		{"remediation": fix | fix := known.fix},
	)
} else := {}
