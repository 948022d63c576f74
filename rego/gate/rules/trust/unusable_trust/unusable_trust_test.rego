package gate.rules.trust.unusable_trust_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.unusable_trust as rule

_github := {"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}

_sub := "token.actions.githubusercontent.com:sub"

_why(principal, conditions) := {f.message |
	some f in rule.findings with input as envelope.of({"trust": {"r": [envelope.edge(principal, {
		"conditions": conditions,
	})]}})
}

_nobody(why) := {sprintf("Nobody can become r through statement 0 of its trust policy: %s.", [why])}

_subject(operator, value) := _why(_github, [envelope.when(operator, _sub, [value])])

_deleted(parts) := envelope.of({"trust": {"r": [envelope.edge(
	{"kind": "dangling", "value": "AROAIIAL55NLUUFAKE000"},
	parts,
)]}})

test_the_id_of_a_deleted_principal_warns if {
	rule.findings == {{
		"address": "aws_iam_role.app",
		"confidence": "proven",
		"evidence": [{
			"action": "sts:AssumeRole",
			"address": "aws_iam_role.app",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "AROAIIAL55NLUUFAKE000",
			"statement": "0",
		}],
		"facts": {"AROAIIAL55NLUUFAKE000: AROAIIAL55NLUUFAKE000 is the id of a principal that has been deleted"},
		"frameworks": ["OWASP-NHI:NHI1", "NIST-800-53:CM-6"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": concat(" ", [
			"Nobody can become r through statement 0 of its trust policy: AROAIIAL55NLUUFAKE000 is the id of a",
			"principal that has been deleted.",
		]),
		"path": [],
		"remediation": "Write who is meant, exactly, or remove the statement.",
		"rule": "unusable-trust",
		"severity": "low",
		"title": "Trust that nobody can use",
	}} with input as _deleted({})
}

test_a_pattern_in_a_principal_warns_and_an_exact_one_does_not if {
	_why({"kind": "unknown", "value": "arn:aws:iam::111122223333:role/*"}, []) == _nobody(concat(" ", [
		"AWS takes no pattern in the ARN of a principal (arn:aws:iam::111122223333:role/*);",
		"ArnLike on aws:PrincipalArn does",
	]))
	_why({"kind": "role", "value": "arn:aws:iam::111122223333:role/a"}, []) == set()
	_why({"kind": "anyone", "value": "*"}, []) == set()
}

test_a_star_under_string_equals_warns_where_every_value_has_one if {
	_subject("StringEquals", "repo:acme@1/app@2:*") == _nobody(concat(" ", [
		"StringEquals compares token.actions.githubusercontent.com:sub with repo:acme@1/app@2:* as it stands,",
		"and a star is not a wildcard there",
	]))
	_subject("StringLike", "repo:acme@1/app@2:*") == set()
	_subject("StringEqualsIfExists", "repo:acme@1/app@2:*") == set()
	_why(_github, [envelope.when("StringEquals", _sub, [
		"repo:acme@1/app@2:*", "repo:acme@1/app@2:environment:prod",
	])]) == set()
}

test_half_an_immutable_subject_warns if {
	half := "%s has the id of only one of owner and repository, and GitHub writes both or none"
	every value in ["repo:acme/app@2:ref:refs/heads/main", "repo:acme@1/app:environment:prod"] {
		_subject("StringEquals", value) == _nobody(sprintf(half, [value]))
	}
	_subject("StringEquals", "repo:acme@1/app@2:ref:refs/heads/main") == set()
	_subject("StringEquals", "repo:acme/app:ref:refs/heads/a@b") == set()
	_subject("StringLike", "repo:acme@1/*") == set()
}

_of_prod := "repo:acme@1/app@2:environment:prod"

_also(name, ids) := _why(_github, [
	envelope.when("StringEquals", _sub, [_of_prod]),
	envelope.when("StringEquals", sprintf("token.actions.githubusercontent.com:%s", [name]), ids),
])

test_a_subject_of_another_repository_than_the_id_beside_it_warns if {
	other := sprintf("%s belongs to another repository than the", [_of_prod])
	_also("repository_id", ["3"]) == _nobody(sprintf("%s repository_id 3", [other]))
	_also("repository_owner_id", ["3"]) == _nobody(sprintf("%s repository_owner_id 3", [other]))
	_also("repository_id", ["2", "3"]) == set()
	_also("repository_owner_id", ["1"]) == set()
}

test_a_cluster_that_is_deleted_warns_of_its_provider_and_of_who_trusts_it if {
	issuer := "oidc.eks.eu-west-1.amazonaws.com/id/ABC"
	arn := sprintf("arn:aws:iam::111122223333:oidc-provider/%s", [issuer])
	found := rule.findings with input as envelope.of({
		"trust": {"r": [envelope.edge({"kind": "oidc", "value": arn}, {})], "s": [envelope.edge(_github, {})]},
		"providers": [
			envelope.provider({
				"address": "aws_iam_openid_connect_provider.eks",
				"value": arn,
				"issuer": issuer,
				"retired": true,
			}),
			envelope.provider({}),
		],
	})
	{[f.identity, f.message] | some f in found} == {
		[null, sprintf("aws_iam_openid_connect_provider.eks speaks for a cluster that this change deletes: %s.", [issuer])],
		[
			"r",
			sprintf(
				concat(" ", [
					"Nobody can become r through statement 0 of its trust policy: this change deletes",
					"aws_iam_openid_connect_provider.eks, which speaks for %s.",
				]),
				[issuer],
			),
		],
	}
}

test_not_principal_is_another_rules if {
	rule.findings == set() with input as _deleted({"negated": true})
}

test_each_condition_that_nobody_meets_is_told if {
	count(_why(_github, [
		envelope.when("StringEquals", _sub, ["repo:acme@1/app:*"]),
		envelope.when("StringLike", _sub, ["repo:acme/app@2:*"]),
		envelope.when("StringEquals", "token.actions.githubusercontent.com:ref", ["refs/*"]),
	])) == 4
}

test_a_service_under_a_star_warns if {
	service := {"kind": "service", "value": "sns.amazonaws.com"}
	count(_why(service, [envelope.when("StringEquals", "aws:SourceAccount", ["*1"])])) == 1
	_why(service, []) == set()
}

test_two_providers_of_one_deleted_issuer_are_one_reason if {
	gone := envelope.provider({"value": null, "retired": true})
	twice := {
		"trust": {
			"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/id.example.com"}, {})],
		},
		"providers": [gone, object.union(gone, {"address": "again"})],
	}
	found := rule.findings with input as envelope.of(twice)
	count(found) == 1
}
