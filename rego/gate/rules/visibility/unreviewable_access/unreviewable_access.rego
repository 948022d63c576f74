# METADATA
# title: Access that nobody could read
# description: |
#   Something that decides about access could not be read: a document that is known only after apply, an attachment to
#   something unknown, a file that is not what it should be. Unknown is not safe.
# custom:
#   id: unreviewable-access
#   severity: high
#   confidence: unverified
#   frameworks: ["NIST-800-53:CM-4", "NIST-800-53:AC-6"]
#   remediation: "Give the gate the source directory (--source) so that it can evaluate the document, or write the value in a form known before apply."
# schemas:
#   - input: schema.envelope
package gate.rules.visibility.unreviewable_access

import data.gate.lib

findings contains finding if {
	some unknown in input.access.unknown
	unknown.change != "delete"
	finding := lib.finding(rego.metadata.chain(), object.union(
		{
			"identity": unknown.identity,
			"address": unknown.source.address,
			"message": sprintf("The %s of %s could not be read%s: %s", [
				unknown.what, _whose(unknown), _because(unknown.reference), _sentence(unknown.reason),
			]),
			"location": unknown.source.location,
			"evidence": [{
				"address": unknown.source.address, "statement": unknown.source.statement, "location": unknown.source.location,
				"resource": unknown.reference,
			}],
			"facts": {sprintf("%s of %s: %v", [unknown.what, unknown.source.address, unknown.reference])},
		},
		_remedy(unknown.remedy),
	))
}

_whose(unknown) := unknown.source.address if unknown.identity in {null, unknown.source.address}

_whose(unknown) := sprintf("%s, which concerns %s,", [unknown.source.address, unknown.identity]) if {
	not unknown.identity in {null, unknown.source.address}
}

_because(null) := ""

_because(reference) := sprintf(" because of %s", [reference]) if reference != null

_sentence(reason) := reason if endswith(reason, ".")

_sentence(reason) := sprintf("%s.", [reason]) if not endswith(reason, ".")

_remedy(null) := {}

_remedy(remedy) := {"remediation": remedy} if remedy != null
