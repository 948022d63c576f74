# METADATA
# title: OIDC or SAML trust is too broad
# description: |
#   A role accepts tokens of an identity provider, and the conditions do not restrict them to one subject: the subject
#   is not checked, is checked only if present, or contains a wildcard where it matters. With an issuer that many
#   customers share, strangers can assume the role. For a cluster, the finding names the service accounts of this
#   change that a wildcard matches in addition to the intended ones (by annotation). Subjects listed under
#   `oidc_subjects` in gate.yaml are accepted as written.
# custom:
#   id: oidc-trust-too-wide
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI4", "OWASP-NHI:NHI6", "NIST-800-53:IA-8"]
#   remediation: >-
#     Require the exact subject with StringEquals (for GitHub, repo:OWNER/REPO:ref:refs/heads/BRANCH or an
#     environment; for a cluster, system:serviceaccount:NAMESPACE:NAME), and the audience.
# schemas:
#   - input: schema.envelope
package gate.rules.trust.oidc_trust_too_wide

import data.gate.lib
import data.gate.lib.conditions
import data.gate.lib.trusts

_issuers := data.gate.knowledge.aws.oidc.issuers

findings contains finding if {
	some id, edges in trusts.unusual
	some edge in edges
	edge.principal.kind in {"oidc", "saml"}
	not edge.negated
	problem := _problem(edge)
	others := _let_in_too(id, edge)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": edge.source.address,
		"severity": _severity(problem.severity, others),
		"message": sprintf("%s can assume %s, because %s in statement %v of its trust policy%s.", [
			problem.who, id, problem.why, edge.source.statement, _besides(others),
		]),
		"location": edge.source.location,
		"evidence": [{
			"address": edge.source.address, "statement": edge.source.statement, "location": edge.source.location,
			"action": concat(", ", edge.actions), "resource": edge.principal.value,
		}],
		"facts": ({sprintf("lets in %s", [account]) | some account in others} | {
			sprintf("%s %s when %s", [edge.principal.value, problem.why, lib.conditions_text(edge)]),
		}),
	})
}

# Service accounts of this change that the pattern covers, though neither annotation nor trust policy means them.
_let_in_too(id, edge) := {other.principal.identity |
	some other in input.access.trust[id]
	other.principal.kind == "service_account"
	not other.meant
	other.source == edge.source
}

_severity(severity, others) := severity if count(others) == 0

_severity(severity, others) := lib.worst({severity, "high"}) if count(others) > 0

_besides(others) := "" if count(others) == 0

_besides(others) := sprintf("; it also matches %s in this change, which does not appear to be intended", [
	lib.listed(others),
]) if {
	count(others) > 0
}

_problem(edge) := {
	"severity": "medium",
	"who": "A user with an assertion for another recipient",
	"why": "SAML:aud is not checked",
} if {
	edge.principal.kind == "saml"
	not _unread(edge)
	count(conditions.restricting(edge.conditions, ["saml:aud"])) == 0
}

_problem(edge) := problem if {
	edge.principal.kind == "oidc"
	issuer := _issuer(edge.principal.name)
	checked := _checked(edge, issuer)
	problem := _judged(edge, issuer, checked)
}

# No claim that narrows is checked, as far as the statement can be read.
_judged(edge, issuer, []) := {
	"severity": issuer.missing,
	"who": sprintf("Everyone with a token of %s", [issuer.name]),
	"why": sprintf("%s is %s", [concat(" or ", issuer.claims), _unchecked(edge, issuer)]),
} if {
	not _unread(edge)
}

# Each condition must hold, so the narrowest one decides; inside one, any value is enough, so the widest does.
_judged(_, issuer, checked) := problem if {
	count(checked) > 0
	widest := [found | some condition in checked; found := _widest(condition, issuer)]
	count(widest) == count(checked)
	problem := sort([[rank, item] | some item in widest; some rank, item.severity in lib.severities])[0][1]
}

# unreviewable-access tells what could not be read; nothing else is known of such a statement.
_unread(edge) if {
	some unknown in input.access.unknown
	unknown.source.address == edge.source.address
	unknown.source.statement == edge.source.statement
}

_widest(condition, issuer) := worst if {
	found := [[0 - rank, place, {
		"severity": wide.severity,
		"who": sprintf("A token for %s", [wide.who]),
		"why": sprintf("%s may be %s", [condition.key, value]),
	}] |
		some value in array.concat(condition.values, condition.filled)
		not value in input.config.oidc_subjects
		_wild(condition, value)
		some place, wide in issuer.wide
		regex.match(wide.pattern, value)
		some rank, wide.severity in lib.severities
	]
	worst := sort(found)[0][2]
}

# StringEquals takes * and ? as they are; only a value that itself names many (a pull request) is wide there.
_wild(condition, _) if condition.compares == "stringlike"

_wild(condition, value) if value in condition.filled

_wild(condition, value) if {
	condition.compares != "stringlike"
	not value in condition.wild
}

_checked(edge, issuer) := [condition |
	some condition in edge.conditions
	condition.name in issuer.claims
	_must_hold(condition)
]

_must_hold(condition) if {
	condition.compares in {"stringequals", "stringequalsignorecase", "stringlike"}
	count(condition.values) > 0
}

_unchecked(edge, issuer) := sprintf("checked only by %s, which is also met without the claim or for others", [
	first,
]) if {
	loose := [condition.operator | some condition in edge.conditions; condition.name in issuer.claims]
	count(loose) > 0
	first := loose[0]
} else := "not checked"

_issuer(host) := [issuer | some issuer in _issuers; regex.match(issuer.match, host)][0]
