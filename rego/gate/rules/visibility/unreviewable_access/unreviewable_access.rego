# METADATA
# title: Access that could not be determined
# description: |
#   Something that decides about access could not be read: a document that is known only after apply, an attachment to
#   something unknown, or a file that is not what it should be. Unknown is not safe. It is a warning if the access is
#   known, and only a secret could be in the part that is not (environment variables, user data).
# custom:
#   id: unreviewable-access
#   severity: high
#   confidence: unverified
#   frameworks: ["NIST-800-53:CM-4", "NIST-800-53:AC-6"]
#   remediation: >-
#     Give the gate the source directory (--source) so that it can evaluate the document, or write the value in a form
#     that is known before apply.
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
			"severity": _severity(unknown.what),
			"message": sprintf("%s%s", [_what(unknown), _concerning(unknown)]),
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

# What is not known there is no access.
_beside_access := {
	"environment variables", "container definitions", "container properties", "default arguments", "user data",
}

_severity(what) := "medium" if what in _beside_access

_severity(what) := "high" if not what in _beside_access

# A reason that names the resource stands for itself.
_what(unknown) := _sentence(unknown.reason) if contains(unknown.reason, unknown.source.address)

_what(unknown) := sprintf("The %s of %s could not be read%s: %s", [
	unknown.what, unknown.source.address, _because(unknown), _sentence(unknown.reason),
]) if {
	not contains(unknown.reason, unknown.source.address)
}

default _because(_) := ""

_because(unknown) := sprintf(" because of %s", [unknown.reference]) if {
	unknown.reference != null
	not contains(unknown.reason, unknown.reference)
}

default _concerning(_) := ""

_concerning(unknown) := sprintf(" It affects %s.", [unknown.identity]) if {
	unknown.identity != null
	not contains(unknown.reason, unknown.identity)
	unknown.identity != unknown.source.address
}

_sentence(reason) := reason if endswith(reason, ".")

_sentence(reason) := sprintf("%s.", [reason]) if not endswith(reason, ".")

_remedy(null) := {}

_remedy(remedy) := {"remediation": sprintf("%s%s", [upper(substring(remedy, 0, 1)), substring(remedy, 1, -1)])} if {
	remedy != null
}
