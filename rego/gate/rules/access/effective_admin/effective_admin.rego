# METADATA
# title: Effective administrator
# description: |
#   The identity can perform every action on every resource, after denies and permissions boundaries. Whoever takes it
#   over controls the account. Conditions that do not reduce what it reaches (MFA, an address, a region) leave it an
#   administrator (high), and so do conditions that it can free itself of: on a tag that it carries, or may set. Other
#   conditions, which narrow its reach, make it a warning.
# custom:
#   id: effective-admin
#   severity: critical
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:AC-6"]
#   remediation: >-
#     Replace the statement with the actions and resources that the identity needs, or attach a permissions boundary.
# schemas:
#   - input: schema.envelope
package gate.rules.access.effective_admin

import data.gate.lib
import data.gate.lib.conditions
import data.gate.lib.identity_graph

findings contains finding if {
	some id, identity in input.access.identities
	identity.platform == "aws"
	identity.all_access != "none"
	lib.acts(identity)
	keys := sort([key | some key in _keys(identity); input.access.grants[key].everything])
	evidence := [lib.evidence(input.access.grants[key], "*") | some key in keys]
	when := _when(id, identity.all_access, keys)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": evidence[0].address,
		"severity": when.severity,
		"message": sprintf("%s is an administrator%s: it can perform every action on every resource, through %s.", [
			id, when.text, lib.listed({item.address | some item in evidence}),
		]),
		"location": evidence[0].location,
		"evidence": evidence,
		"facts": {sprintf("admin%s", [when.text])},
	})
}

# Under conditions the grants stand under each action; any action that makes administrators shows them.
_keys(identity) := {key | some key in identity.grants["*"]} | {key |
	some action in data.gate.knowledge.aws.escalation.powerful
	some key in identity.grants[action]
}

_when(_, "unconditional", _) := {"severity": "critical", "text": ""}

_when(id, "conditional", keys) := {
	"severity": _severity(id, keys),
	"text": sprintf(" when %s", [concat(" or ", {lib.conditions_text(input.access.grants[key]) | some key in keys})]),
}

default _severity(_, _) := "medium"

_severity(id, _) := "high" if id in identity_graph.administrators

_severity(_, keys) := "high" if {
	some key in keys
	conditions.unlimited(input.access.grants[key].conditions)
}
