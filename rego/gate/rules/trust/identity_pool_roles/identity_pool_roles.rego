# METADATA
# title: Identity pool that lets users choose their role
# description: |
#   Users of a Cognito identity pool decide which role they get, or what it allows: they can write the claim that
#   decides; the token names the role, and an ambiguous token still gets the authenticated role; or the classic flow
#   avoids the limits that the enhanced flow puts on a session.
# custom:
#   id: identity-pool-roles
#   severity: medium
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI4", "NIST-800-53:AC-3"]
#   remediation: >-
#     Map roles by rules on claims that only administrators can write, set the ambiguous resolution to Deny, and
#     disable the classic flow.
# schemas:
#   - input: schema.envelope
package gate.rules.trust.identity_pool_roles

import data.gate.lib

findings contains finding if {
	some address, pool in input.access.workloads
	pool.kind == "aws_cognito_identity_pool"
	some setting in pool.settings
	problem := _problems[setting.name]
	severity := _severity(setting, pool)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": setting.source.address,
		"severity": severity,
		"message": sprintf(problem.text, [address, setting.value]),
		"remediation": problem.remedy,
		"location": setting.source.location,
		"evidence": [{
			"address": setting.source.address, "statement": null, "location": setting.source.location,
			"action": setting.where, "resource": address,
		}],
		"facts": {sprintf("%s of %s: %s", [setting.name, address, setting.value])},
	})
}

_problems := {
	"user-written-claim": {
		"text": "Users of %s choose their own access: the claim %s decides it, and they can write it.",
		"remedy": concat(" ", [
			"Remove the attribute from write_attributes of the client, or map roles by a claim that only",
			"administrators write.",
		]),
	},
	"role-by-token": {
		"text": "The token chooses the role that %s gives, and an ambiguous token gets %s.",
		"remedy": "Use type Rules, or set the ambiguous resolution to Deny.",
	},
	"classic-flow": {
		"text": "%s allows the classic flow, in which %s get sessions without the limits of the enhanced flow.",
		"remedy": "Set allow_classic_flow to false.",
	},
}

_severity(setting, _) := "high" if setting.name == "user-written-claim"

_severity(setting, _) := "low" if setting.name == "role-by-token"

# Guests are whom the limits of the enhanced flow are made for.
_severity(setting, pool) := _classic["guests" in {other.name | some other in pool.settings}] if {
	setting.name == "classic-flow"
}

_classic := {true: "medium", false: "low"}
