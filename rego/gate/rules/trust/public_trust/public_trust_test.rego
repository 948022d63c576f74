package gate.rules.trust.public_trust_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.public_trust as rule

# What the rule says: its wording is compared here and nowhere else.
_says_anyone(condition) := sprintf(
	"Anyone in any AWS account can assume r%s, through statement 0 of its trust policy.",
	[condition],
)

test_anyone_is_critical if {
	rule.findings == {{
		"address": "aws_iam_role.app",
		"confidence": "proven",
		"evidence": [{
			"action": "sts:AssumeRole",
			"address": "aws_iam_role.app",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "*",
			"statement": "0",
		}],
		"facts": {"Anyone in any AWS account * when "},
		"frameworks": ["OWASP-NHI:NHI1", "OWASP-NHI:NHI6", "NIST-800-53:AC-3"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": _says_anyone(""),
		"path": [],
		"remediation": "Name the roles or accounts that use this role in Principal.",
		"rule": "public-trust",
		"severity": "critical",
		"title": "Role that anyone can assume",
	}} with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({}, {"conditions": []})]}})
}

test_not_principal_is_everybody_else if {
	found := rule.findings with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({"kind": "account", "value": "111122223333"}, {"conditions": [], "negated": true})]},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"critical", "proven", "Everyone except those named can assume r, through statement 0 of its trust policy.",
	]}
}

test_mfa_and_tls_name_nobody if {
	found := rule.findings with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({}, {"conditions": [
			envelope.when("Bool", "aws:MultiFactorAuthPresent", ["true"]),
			envelope.when("Bool", "aws:SecureTransport", ["true"]),
		]})]},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"critical",
		"proven",
		_says_anyone(" when aws:MultiFactorAuthPresent Bool true and aws:SecureTransport Bool true"),
	]}
}

test_a_value_for_everything_names_nobody if {
	found := rule.findings with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({}, {"conditions": [envelope.when("StringLike", "aws:PrincipalArn", [
			"arn:aws:iam::111122223333:role/a", "*",
		])]})]},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"critical",
		"proven",
		_says_anyone(" when aws:PrincipalArn StringLike arn:aws:iam::111122223333:role/a|*"),
	]}
}

test_optional_condition_names_nobody if {
	found := rule.findings with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({}, {"conditions": [envelope.when("StringEqualsIfExists", "aws:PrincipalAccount", [
			"111122223333",
		])]})]},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"critical",
		"proven",
		_says_anyone(" when aws:PrincipalAccount StringEqualsIfExists 111122223333"),
	]}
}

test_negative_condition_names_nobody if {
	found := rule.findings with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({}, {"conditions": [envelope.when("StringNotEquals", "aws:PrincipalAccount", [
			"111122223333",
		])]})]},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"critical",
		"proven",
		_says_anyone(" when aws:PrincipalAccount StringNotEquals 111122223333"),
	]}
}

test_roles_of_any_account_name_nobody if {
	found := rule.findings with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({}, {"conditions": [envelope.when("ArnLike", "aws:PrincipalArn", [
			"arn:aws:iam::*:role/admin",
		])]})]},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"critical",
		"proven",
		_says_anyone(" when aws:PrincipalArn ArnLike arn:aws:iam::*:role/admin"),
	]}
}

test_an_endpoint_may_be_anybodys if {
	vpce := envelope.when("StringEquals", "aws:SourceVpce", ["vpce-0123456789abcdef0"])
	found := rule.findings with input as envelope.of({
		"identities": {}, "trust": {"r": [envelope.edge({}, {"conditions": [vpce]})]},
	})
	{[f.severity, f.confidence] | some f in found} == {["high", "proven"]}
	both := [vpce, envelope.when("StringEquals", "aws:PrincipalAccount", ["111122223333"])]
	rule.findings == set() with input as envelope.of({
		"identities": {}, "trust": {"r": [envelope.edge({}, {"conditions": both})]},
	})
}

test_external_id_alone_is_no_secret if {
	found := rule.findings with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({}, {"conditions": [envelope.when("StringEquals", "sts:ExternalId", ["k3j"])]})]},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high",
		"proven",
		_says_anyone(" when sts:ExternalId StringEquals k3j"),
	]}
}

test_organization_of_somebody_warns if {
	found := rule.findings with input as envelope.configured(
		{
			"identities": {},
			"trust": {"r": [envelope.edge({}, {"conditions": [envelope.when("StringEquals", "aws:PrincipalOrgID", [
				"o-xyz",
			])]})]},
		},
		{"organizations": ["o-abc"]},
	)
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"medium",
		"proven",
		_says_anyone(" when aws:PrincipalOrgID StringEquals o-xyz"),
	]}
}

test_own_organization_is_silent if {
	rule.findings == set() with input as envelope.configured(
		{
			"identities": {},
			"trust": {"r": [envelope.edge({}, {"conditions": [envelope.when("StringEquals", "aws:PrincipalOrgID", [
				"o-abc",
			])]})]},
		},
		{"organizations": ["o-abc"]},
	)
}

test_organization_and_role_is_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({}, {"conditions": [
			envelope.when("StringEquals", "aws:PrincipalOrgID", ["o-xyz"]),
			envelope.when("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::111122223333:role/a"]),
		]})]},
	})
}

test_account_condition_is_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({}, {"conditions": [envelope.when("StringEquals", "aws:PrincipalAccount", [
			"111122223333",
		])]})]},
	})
}

test_named_role_is_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({"kind": "role", "value": "arn:aws:iam::111122223333:role/a"}, {"conditions": []})]},
	})
}
