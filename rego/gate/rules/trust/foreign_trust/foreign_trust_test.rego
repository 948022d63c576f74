package gate.rules.trust.foreign_trust_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.foreign_trust as rule

# What the rule says: its wording is compared here and nowhere else.
_says_foreign(who) := sprintf(
	"%s can assume r, and account 444455556666 is not one of yours, through statement 0 of its trust policy.",
	[who],
)

_says_unknown(who) := sprintf(
	"%s can assume r, and the change does not show whether that account is yours, through statement 0 of its trust %s",
	[who, "policy."],
)

test_foreign_account_denies if {
	rule.findings == {{
		"address": "aws_iam_role.app",
		"confidence": "proven",
		"evidence": [{
			"action": "sts:AssumeRole",
			"address": "aws_iam_role.app",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "444455556666",
			"statement": "0",
		}],
		"facts": {"444455556666 when "},
		"frameworks": ["OWASP-NHI:NHI1", "OWASP-NHI:NHI3", "NIST-800-53:AC-3"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": _says_foreign("444455556666"),
		"path": [],
		"remediation": concat(" ", [
			"Remove the account from the trust policy, or list it under accounts in gate.yaml and require an",
			"exact sts:ExternalId.",
		]),
		"rule": "foreign-trust",
		"severity": "high",
		"title": "Role that a foreign account can assume",
	}} with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge(
			{"kind": "account", "value": "444455556666", "account": "444455556666", "own_account": false},
			{"conditions": []},
		)]},
	})
}

test_account_of_unknown_owner_is_unverified if {
	found := rule.findings with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge(
			{"kind": "account", "value": "444455556666", "account": "444455556666", "own_account": null},
			{"conditions": []},
		)]},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high",
		"unverified",
		_says_unknown("444455556666"),
	]}
}

test_exact_external_id_warns if {
	found := rule.findings with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge(
			{"kind": "account", "value": "444455556666", "account": "444455556666", "own_account": false},
			{"conditions": [envelope.when("StringEquals", "sts:ExternalId", ["k3j"])]},
		)]},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"medium",
		"proven",
		_says_foreign("444455556666"),
	]}
}

test_external_id_by_pattern_protects_from_nothing if {
	found := rule.findings with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge(
			{"kind": "account", "value": "444455556666", "account": "444455556666", "own_account": false},
			{"conditions": [envelope.when("StringLike", "sts:ExternalId", ["k*"])]},
		)]},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high",
		"proven",
		_says_foreign("444455556666"),
	]}
}

test_listed_account_is_silent if {
	rule.findings == set() with input as envelope.configured(
		{
			"identities": {},
			"trust": {"r": [envelope.edge(
				{"kind": "account", "value": "444455556666", "account": "444455556666", "own_account": false},
				{"conditions": []},
			)]},
		},
		{"accounts": ["444455556666"]},
	)
}

test_own_account_is_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge(
			{"kind": "account", "value": "444455556666", "account": "444455556666", "own_account": true},
			{"conditions": []},
		)]},
	})
}

test_own_organization_is_silent if {
	rule.findings == set() with input as envelope.configured(
		{
			"identities": {},
			"trust": {"r": [envelope.edge(
				{"kind": "account", "value": "444455556666", "account": "444455556666", "own_account": false},
				{"conditions": [envelope.when("StringEquals", "aws:PrincipalOrgID", ["o-abc"])]},
			)]},
		},
		{"organizations": ["o-abc"]},
	)
}

test_role_of_this_change_is_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {"s": envelope.identity({})},
		"trust": {
			"r": [envelope.edge({"kind": "role", "value": "arn:aws:iam::x:role/s", "identity": "s"}, {"conditions": []})],
		},
	})
}

test_principal_that_nobody_knows_is_unverified if {
	found := rule.findings with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({"kind": "unknown", "value": "arn:aws:iam::444455556666:role/x"}, {"conditions": []})]},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high",
		"unverified",
		_says_unknown("arn:aws:iam::444455556666:role/x"),
	]}
}

test_service_is_another_rules if {
	rule.findings == set() with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({"kind": "service", "value": "ec2.amazonaws.com"}, {"conditions": []})]},
	})
}

_anyone(condition, own, config) := [[f.severity, f.confidence, f.message] |
	some f in rule.findings with input as envelope.configured(
		{"identities": {}, "own_accounts": own, "trust": {"r": [envelope.edge({}, {"conditions": [condition]})]}},
		config,
	)
]

test_anyone_under_a_condition_that_leaves_a_foreign_account_denies if {
	arn := envelope.when("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::444455556666:role/ci"])
	_anyone(arn, ["111122223333"], {}) == [[
		"high",
		"proven",
		concat(" ", [
			"Account 444455556666 can assume r by the conditions of statement 0 of its trust policy, and",
			"that is not one of your accounts.",
		]),
	]]
	_anyone(arn, [], {}) == [[
		"high",
		"unverified",
		concat(" ", [
			"Account 444455556666 can assume r by the conditions of statement 0 of its trust policy, and",
			"the change does not show whether that account is yours.",
		]),
	]]
	_anyone(arn, [], {"accounts": ["444455556666"]}) == []
	_anyone(arn, ["444455556666"], {}) == []
}

test_what_a_foreign_account_by_conditions_rests_on if {
	place := {"file": "main.tf", "line": 3, "end_line": 9}
	arn := envelope.when("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::444455556666:role/ci"])
	found := rule.findings with input as envelope.of({"trust": {"r": [envelope.edge(
		{},
		{"conditions": [arn], "actions": ["sts:AssumeRole", "sts:TagSession"]},
	)]}})
	{[f.identity, f.address, f.location, f.facts, f.evidence] | some f in found} == {[
		"r", "aws_iam_role.app", place,
		{"* when aws:PrincipalArn ArnLike arn:aws:iam::444455556666:role/ci"},
		[{
			"address": "aws_iam_role.app", "statement": "0", "location": place,
			"action": "sts:AssumeRole, sts:TagSession",
			"resource": "aws:PrincipalArn ArnLike arn:aws:iam::444455556666:role/ci",
		}],
	]}
}

test_every_kind_of_principal_of_a_foreign_account_is_told if {
	every kind in ["account", "role", "user", "session"] {
		found := rule.findings with input as envelope.of({"trust": {"r": [envelope.edge(
			{"kind": kind, "value": "there", "account": "444455556666", "own_account": false},
			{},
		)]}})
		{f.severity | some f in found} == {"high"}
	}
}
