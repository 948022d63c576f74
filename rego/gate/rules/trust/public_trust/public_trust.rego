# METADATA
# title: Role that anyone can assume
# description: |
#   The trust policy admits everyone: the principal is a wildcard, or everyone except some (NotPrincipal), and no
#   condition identifies the caller. A condition counts only if it must be met and identifies the caller; MFA, TLS or
#   a time do not. An external id is not a secret, and an endpoint or VPC may belong to any account: neither is enough
#   alone. A condition on an organization narrows the callers without naming one: a warning.
# custom:
#   id: public-trust
#   severity: critical
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI1", "OWASP-NHI:NHI6", "NIST-800-53:AC-3"]
#   remediation: "Name the roles or accounts that use this role in Principal."
# schemas:
#   - input: schema.envelope
package gate.rules.trust.public_trust

import data.gate.lib
import data.gate.lib.conditions
import data.gate.lib.trusts

findings contains finding if {
	some id, edges in trusts.unusual
	some edge in edges
	_everybody(edge)
	severity := _severity(edge)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": edge.source.address,
		"severity": severity,
		"message": sprintf("%s can assume %s%s, through statement %v of its trust policy.", [
			_who(edge), id, _despite(edge), edge.source.statement,
		]),
		"location": edge.source.location,
		"evidence": [{
			"address": edge.source.address, "statement": edge.source.statement, "location": edge.source.location,
			"action": concat(", ", edge.actions), "resource": edge.principal.value,
		}],
		"facts": {sprintf("%s %s when %s", [_who(edge), edge.principal.value, lib.conditions_text(edge)])},
	})
}

_everybody(edge) if edge.principal.kind == "anyone"

_everybody(edge) if edge.negated

_who(edge) := "Everyone except those named" if edge.negated

_who(edge) := "Anyone in any AWS account" if not edge.negated

_despite(edge) := "" if count(edge.conditions) == 0

_despite(edge) := sprintf(" when %s", [lib.conditions_text(edge)]) if count(edge.conditions) > 0

_severity(edge) := "critical" if {
	count(conditions.identifying(edge.conditions)) == 0
	not conditions.external_id(edge.conditions)
}

# An external id is no secret, and an endpoint may be anybody's: who knows it gets in.
_severity(edge) := "high" if {
	count(conditions.naming(edge.conditions)) == 0
	_known_to_some(edge.conditions)
}

_severity(edge) := "medium" if {
	found := conditions.organizations(edge.conditions)
	count(found) > 0
	count(conditions.beyond_organizations(edge.conditions)) == 0
	count(found - {organization | some organization in input.config.organizations}) > 0
}

_known_to_some(found) if conditions.external_id(found)

_known_to_some(found) if count(conditions.identifying(found)) > 0
