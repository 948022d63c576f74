# METADATA
# title: Identity pool that leaves the role to its users
# description: |
#   How a Cognito identity pool chooses a role, or what the role may do, is in its users' hands: a claim that decides
#   can be written by the user it is about; the token names the role and an unclear answer gives the authenticated role
#   all the same; or the classic flow passes by the limits that the enhanced flow puts on a session.
# custom:
#   id: identity-pool-roles
#   severity: medium
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI4", "NIST-800-53:AC-3"]
#   remediation: >-
#     Map roles by rules on claims that only administrators write, answer Deny when no rule fits, and leave the
#     classic flow off.
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
		"text": "Users of %s choose their own access: the claim %s decides over it, and they can write it.",
		"remedy": concat(" ", [
			"Take the attribute out of write_attributes of the client, or decide by a claim that only",
			"administrators write.",
		]),
	},
	"role-by-token": {
		"text": "The token chooses the role that %s gives, and without a clear answer the user gets %s.",
		"remedy": "Use type Rules, or answer Deny when it is ambiguous.",
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
