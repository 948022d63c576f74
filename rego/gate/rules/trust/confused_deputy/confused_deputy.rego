# METADATA
# title: Service that acts for others
# description: |
#   A resource lets in an AWS service that acts for every customer, and no condition says on whose behalf: somebody else's
#   bucket, rule or API can make the service use this resource. In a role's trust policy it is a warning, for services that
#   act for callers outside the account, and a low one for those whose guides ask for the condition there.
# custom:
#   id: confused-deputy
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI6", "NIST-800-53:AC-3"]
#   remediation: "Add the condition aws:SourceArn with the resource that calls, or aws:SourceAccount with this account (source_arn of aws_lambda_permission)."
# schemas:
#   - input: schema.envelope
package gate.rules.trust.confused_deputy

import data.gate.lib
import data.gate.lib.conditions

_known := data.gate.knowledge.aws.confused_deputy

_source_keys := data.gate.knowledge.aws.conditions.source_keys

findings contains finding if {
	some grant in input.access.resource_grants
	grant.principal.kind == "service"
	not grant.negated
	_global(grant.principal.value) in _known.services
	count(conditions.restricting(grant.conditions, _source_keys)) == 0
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": grant.source.address,
		"message": sprintf("Any AWS customer can have %s do %s on %s, because no condition says for whom the service acts.", [
			grant.principal.value, lib.listed({action | some action in grant.actions}), grant.resource,
		]),
		"location": grant.source.location,
		"evidence": [_evidence(grant, grant.resource)],
		"facts": {sprintf("%s: %s on %s", [grant.principal.value, concat(", ", sort(grant.actions)), grant.resource])},
	})
}

findings contains finding if {
	some id, edges in input.access.trust
	some edge in edges
	edge.principal.kind == "service"
	edge.principal.value in _known.trust_services
	count(conditions.restricting(edge.conditions, _known.trust_keys)) == 0
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": edge.source.address,
		"severity": "medium",
		"message": sprintf("Whoever can use %s can become %s, because its trust policy does not say for whom the service acts.", [
			edge.principal.value, id,
		]),
		"location": edge.source.location,
		"evidence": [_evidence(edge, edge.principal.value)],
		"facts": {sprintf("trusts %s", [edge.principal.value])},
	})
}

findings contains finding if {
	some id, edges in input.access.trust
	some edge in edges
	edge.principal.kind == "service"
	edge.principal.value in _known.recommended_services
	count(conditions.restricting(edge.conditions, _known.recommended_keys)) == 0
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": edge.source.address,
		"severity": "low",
		"message": sprintf("The trust policy of %s does not say for which account %s may use it, as the guide of that service asks.", [
			id, edge.principal.value,
		]),
		"location": edge.source.location,
		"evidence": [_evidence(edge, edge.principal.value)],
		"facts": {sprintf("trusts %s without an account", [edge.principal.value])},
	})
}

_evidence(statement, resource) := {
	"address": statement.source.address, "statement": statement.source.statement, "location": statement.source.location,
	"action": concat(", ", statement.actions), "resource": resource,
}

# logs.eu-west-1.amazonaws.com is logs.amazonaws.com
_global(service) := regex.replace(service, `\.[a-z]{2}(-[a-z]+)+-\d\.amazonaws\.com$`, ".amazonaws.com")
