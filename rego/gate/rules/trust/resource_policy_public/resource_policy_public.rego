# METADATA
# title: Resource open to the public
# description: |
#   The policy of a resource allows everyone (a wildcard principal or NotPrincipal), no condition identifies the
#   caller, and no public access block in the same change disables it. It is a warning if it is limited to network
#   addresses, or to an organization that gate.yaml does not list.
# custom:
#   id: resource-policy-public
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:AC-3"]
#   remediation: >-
#     Name who uses the resource in Principal, or add a condition on aws:PrincipalOrgID, aws:SourceArn or
#     aws:SourceVpce.
# schemas:
#   - input: schema.envelope
package gate.rules.trust.resource_policy_public

import data.gate.lib
import data.gate.lib.conditions

findings contains finding if {
	some grant in input.access.resource_grants
	_everybody(grant)
	not grant.public_block
	not _mounted(grant)
	severity := _severity(grant)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": grant.source.address,
		"severity": severity,
		"message": sprintf("%s can do %s on %s%s, through %s.", [
			_who(grant), lib.listed({action | some action in grant.actions}), grant.resource, _when(grant), grant.source.address,
		]),
		"remediation": _remediation(grant),
		"location": grant.source.location,
		"evidence": [{
			"address": grant.source.address, "statement": grant.source.statement, "location": grant.source.location,
			"action": concat(", ", grant.actions), "resource": grant.resource,
		}],
		"facts": {sprintf("%s %s: %s on %s when %s", [
			_who(grant), grant.principal.value, concat(", ", sort(grant.actions)), grant.resource, lib.conditions_text(grant),
		])},
	})
}

# Through a mount target a file system is reached from its network alone, which AWS does not call public
# (https://docs.aws.amazon.com/efs/latest/ug/access-control-block-public-access.html).
_mounted(grant) if {
	some condition in grant.conditions
	condition.name == "elasticfilesystem:accessedviamounttarget"
	condition.compares == "bool"
	{lower(value) | some value in condition.values} == {"true"}
}

_remediation(grant) := concat(" ", [
	"Set authorization_type of the URL to AWS_IAM, or admit everyone only where requests are checked first, such as an",
	"API with an authorizer.",
]) if {
	"lambda:InvokeFunctionUrl" in grant.actions
} else := sprintf(
	"List %s under organizations in gate.yaml if it is yours. Otherwise name who uses the resource in Principal.",
	[lib.listed(others)],
) if {
	others := conditions.organizations(grant.conditions) - {organization | some organization in input.config.organizations}
	count(others) > 0
} else := concat(" ", [
	"Name who uses the resource in Principal, or add a condition on aws:PrincipalOrgID, aws:SourceArn or",
	"aws:SourceVpce.",
])

_everybody(grant) if grant.principal.kind == "anyone"

_everybody(grant) if grant.negated

_who(grant) := "Everyone except those named" if grant.negated

_who(grant) := "Anyone" if not grant.negated

_when(grant) := "" if count(grant.conditions) == 0

_when(grant) := sprintf(" when %s", [lib.conditions_text(grant)]) if count(grant.conditions) > 0

_severity(grant) := "high" if {
	count(conditions.identifying(grant.conditions)) == 0
	not conditions.network(grant.conditions)
}

_severity(grant) := "medium" if {
	count(conditions.identifying(grant.conditions)) == 0
	conditions.network(grant.conditions)
}

_severity(grant) := "medium" if {
	found := conditions.organizations(grant.conditions)
	count(found) > 0
	count(conditions.beyond_organizations(grant.conditions)) == 0
	count(found - {organization | some organization in input.config.organizations}) > 0
}
