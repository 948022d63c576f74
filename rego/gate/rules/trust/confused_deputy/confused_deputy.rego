# METADATA
# title: "Confused deputy: service access without a source condition"
# description: |
#   A resource gives access to an AWS service that acts for every customer, and no condition limits on whose behalf. A
#   bucket, rule or API in another account can make the service use this resource. It is a warning if the service only
#   delivers logs or uses a key, and in a role's trust policy for services that act for callers outside the account;
#   it is a low warning for services whose documentation asks for the condition there.
# custom:
#   id: confused-deputy
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI6", "NIST-800-53:AC-3"]
#   remediation: >-
#     Add the condition aws:SourceArn with the resource that calls, or aws:SourceAccount with this account.
# schemas:
#   - input: schema.envelope
package gate.rules.trust.confused_deputy

import data.gate.lib
import data.gate.lib.conditions
import data.gate.lib.trusts

_known := data.gate.knowledge.aws.confused_deputy

_source_keys := data.gate.knowledge.aws.conditions.source_keys

# One finding for each policy and what it protects, however many services and statements.
findings contains finding if {
	some about, found in _open
	grants := [item[1] | some item in sort([[grant.source.statement, grant] | some grant in found])]
	services := {grant.principal.value | some grant in grants}
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": about.address,
		"severity": lib.worst({_severity(grant) | some grant in grants}),
		"message": sprintf("Any AWS customer can make %s do %s on %s, because no condition limits on whose behalf %s.", [
			lib.listed(services), lib.listed({action | some grant in grants; some action in grant.actions}),
			about.resource, _act(count(services)),
		]),
		"remediation": _remediation(grants[0]),
		"location": grants[0].source.location,
		"evidence": [evidence | some evidence in {_evidence(grant, about.resource) | some grant in grants}],
		"facts": {sprintf("%s: %s on %s", [grant.principal.value, concat(", ", sort(grant.actions)), about.resource]) |
			some grant in grants
		},
	})
}

findings contains finding if {
	some id, edges in trusts.unusual
	some edge in edges
	edge.principal.kind == "service"
	edge.principal.value in _known.trust_services
	count(conditions.restricting(edge.conditions, _known.trust_keys)) == 0
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": edge.source.address,
		"severity": "medium",
		"message": sprintf(
			"Whoever can use %s can assume %s, because its trust policy does not limit on whose behalf the service acts.",
			[edge.principal.value, id],
		),
		"location": edge.source.location,
		"evidence": [_evidence(edge, edge.principal.value)],
		"facts": {sprintf("trusts %s", [edge.principal.value])},
	})
}

findings contains finding if {
	some id, edges in trusts.unusual
	some edge in edges
	edge.principal.kind == "service"
	edge.principal.value in _known.recommended_services
	count(conditions.restricting(edge.conditions, _known.recommended_keys)) == 0
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": edge.source.address,
		"severity": "low",
		"message": sprintf(
			concat(" ", [
				"The trust policy of %s does not limit for which account %s can use it, as the documentation of that",
				"service requires.",
			]),
			[id, edge.principal.value],
		),
		"location": edge.source.location,
		"evidence": [_evidence(edge, edge.principal.value)],
		"facts": {sprintf("trusts %s without an account", [edge.principal.value])},
	})
}

_open[{"address": grant.source.address, "resource": grant.resource}] contains grant if {
	some grant in input.access.resource_grants
	grant.principal.kind == "service"
	not grant.negated
	grant.principal.name in _known.services
	count(conditions.restricting(grant.conditions, _source_keys)) == 0
}

_act(1) := "the service acts"

_act(n) := "they act" if n > 1

# Whoever makes a service deliver logs or use a key gets nothing of what is there.
_severity(grant) := "medium" if {
	every action in grant.actions { action in data.gate.knowledge.aws.services.deliveries }
} else := "medium" if {
	grant.services == ["kms"]
} else := "high"

_remediation(grant) := "Set source_arn to the resource that calls, or source_account to this account." if {
	grant.services == ["lambda"]
} else := concat(" ", [
	"Add the condition aws:SourceArn with the resource that calls, or aws:SourceAccount with this account,",
	"to each statement.",
])

_evidence(statement, resource) := {
	"address": statement.source.address, "statement": statement.source.statement, "location": statement.source.location,
	"action": concat(", ", statement.actions), "resource": resource,
}
