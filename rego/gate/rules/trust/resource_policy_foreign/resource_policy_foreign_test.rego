package gate.rules.trust.resource_policy_foreign_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.resource_policy_foreign as rule

# What the rule says: its wording is compared here and nowhere else.
_says_named(who) := sprintf("%s can do s3:GetObject on aws_s3_bucket.b, through aws_s3_bucket_policy.b.", [who])

_says_served(services) := sprintf(
	concat(" ", [
		"Account 999988887777 can make %s do s3:GetObject on aws_s3_bucket.b, and the change does not show that",
		"it is yours, %s",
	]),
	[services, "through aws_s3_bucket_policy.b."],
)

_grant(principal, conditions) := object.union(
	envelope.resource_grant(principal, {"conditions": conditions}),
	{"actions": ["s3:GetObject"], "resource": "aws_s3_bucket.b"},
)

_foreign := {
	"kind": "account",
	"value": "arn:aws:iam::444455556666:root",
	"account": "444455556666",
	"own_account": false,
}

_judged(principal, conditions, config) := [[f.severity, f.confidence, f.message] |
	some f in rule.findings with input as envelope.configured(
		{"resource_grants": [_grant(principal, conditions)], "own_accounts": ["111122223333"]},
		config,
	)
]

test_foreign_account_denies if {
	found := _judged(_foreign, [], {})
	found == [[
		"high",
		"proven",
		sprintf(
			concat(" ", [
				"Account 444455556666 can do s3:GetObject on aws_s3_bucket.b, and it is not one of your accounts,",
				"through %s.",
			]),
			[
				_grant(_foreign, []).source.address,
			],
		),
	]]
}

test_account_of_unknown_owner_warns if {
	found := _judged(object.union(_foreign, {"own_account": null}), [], {})
	found == [[
		"medium",
		"unverified",
		sprintf(
			concat(" ", [
				"Account 444455556666 can do s3:GetObject on aws_s3_bucket.b, and the change does not show",
				"whether it is yours, through %s.",
			]),
			[_grant(_foreign, []).source.address],
		),
	]]
}

test_anyone_of_a_foreign_account_denies if {
	found := _judged(
		{"kind": "anyone", "value": "*"},
		[envelope.when("StringEquals", "aws:PrincipalAccount", ["444455556666"])],
		{},
	)
	found[0][0] == "high"
}

test_anyone_of_the_own_account_is_silent if {
	_judged(
		{"kind": "anyone", "value": "*"},
		[envelope.when("StringEquals", "aws:PrincipalAccount", ["111122223333"])],
		{},
	) == []
}

test_own_listed_and_aws_accounts_are_silent if {
	_judged(object.union(_foreign, {"own_account": true}), [], {}) == []
	_judged(_foreign, [], {"accounts": ["444455556666"]}) == []
	_judged(object.union(_foreign, {"account": "127311923021"}), [], {}) == []
}

test_own_organization_is_silent if {
	condition := envelope.when("StringEquals", "aws:PrincipalOrgID", ["o-abc"])
	_judged(_foreign, [condition], {"organizations": ["o-abc"]}) == []
	count(_judged(_foreign, [condition], {})) == 1
}

test_a_service_is_another_rules if {
	_judged({"kind": "service", "value": "sns.amazonaws.com"}, [], {}) == []
}

_canonical(value) := {"kind": "canonical", "value": value}

test_an_account_by_its_canonical_id_warns if {
	_judged(_canonical("79a5"), [], {}) == [[
		"medium",
		"unverified",
		_says_named("An account that the change names only by its canonical id 79a5"),
	]]
	_judged(object.union(_canonical("79a5"), {"own_account": true}), [], {}) == []
	_judged(_canonical("c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"), [], {}) == []
}

test_a_legacy_origin_access_identity_is_a_low_warning if {
	cloudfront := {
		"kind": "origin_access",
		"value": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2QWRUHAPOMQZL",
	}
	_judged(cloudfront, [], {}) == [[
		"low",
		"unverified",
		_says_named("A CloudFront distribution with the legacy origin access identity E2QWRUHAPOMQZL"),
	]]
}

_anyone := {"kind": "anyone", "value": "*"}

test_anyone_whose_arn_is_of_a_foreign_account_denies if {
	foreign := envelope.when("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::444455556666:role/reader"])
	[found[0] | some found in _judged(_anyone, [foreign], {})] == ["high"]
	_judged(_anyone, [foreign], {"accounts": ["444455556666"]}) == []
	_judged(_anyone, [envelope.when("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::111122223333:role/reader"])], {}) == []
	_judged(
		_anyone,
		[envelope.when("ArnNotLike", "aws:PrincipalArn", ["arn:aws:iam::444455556666:role/reader"])],
		{},
	) == []
}

test_conditions_on_account_and_arn_hold_together if {
	own := envelope.when("StringEquals", "aws:PrincipalAccount", ["111122223333"])
	foreign := envelope.when("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::444455556666:role/reader"])
	_judged(_anyone, [own, foreign], {}) == []
}

test_path_of_the_own_organization_is_silent if {
	path := envelope.when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ["o-abc/r-ab12/ou-ab12-11111111/*"])
	_judged(_foreign, [path], {"organizations": ["o-abc"]}) == []
	count(_judged(_foreign, [path], {"organizations": ["o-xyz"]})) == 1
}

_for(account, principal) := {[f.severity, f.message] | some f in found} if {
	found := rule.findings with input as envelope.configured(
		{
			"own_accounts": ["111122223333"],
			"resource_grants": [
				envelope.resource_grant(principal, {"conditions": [envelope.when("StringEquals", "aws:SourceAccount", [account])]}),
			],
		},
		{"accounts": ["444455556666"]},
	)
}

test_a_service_that_acts_for_a_foreign_account_warns if {
	_for("999988887777", {"kind": "service", "value": "sns.amazonaws.com"}) == {[
		"medium",
		_says_served("sns.amazonaws.com"),
	]}
	_for("999988887777", {}) == {[
		"medium",
		_says_served("AWS services"),
	]}
	_for("111122223333", {"kind": "service", "value": "sns.amazonaws.com"}) == set()
	_for("444455556666", {"kind": "service", "value": "sns.amazonaws.com"}) == set()
}

# An account of which nothing tells whose it is, on the code of a function that runs as a role.
_on_code(actions, acted_as, role) := {[f.severity, f.confidence] |
	some f in rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity(role)},
		"resource_grants": [envelope.resource_grant(
			{"kind": "account", "value": "222233334444", "account": "222233334444", "own_account": null},
			{"actions": actions, "resource": "aws_lambda_function.f", "acted_as": acted_as},
		)],
	})
}

test_who_changes_the_code_of_a_function_acts_as_its_role if {
	_on_code(["lambda:UpdateFunctionCode"], ["r"], {}) == {["high", "unverified"]}
	_on_code(["lambda:UpdateFunctionCode"], ["r"], {"all_access": "unconditional"}) == {["critical", "unverified"]}
	_on_code(["lambda:GetFunction"], [], {"all_access": "unconditional"}) == {["medium", "unverified"]}
}

test_the_data_source_of_an_account_of_aws_is_silent if {
	_judged(_canonical("${data.aws_cloudfront_log_delivery_canonical_user_id.cdn.id}"), [], {}) == []
	_judged(_canonical("${module.logs[\"a\"].data.aws_cloudfront_log_delivery_canonical_user_id.cdn.id}"), [], {}) == []
	count(_judged(_canonical("${data.aws_canonical_user_id.other.id}"), [], {})) == 1
}

_fixes(principal, type) := {f.remediation |
	grant := object.union(_grant(principal, []), {"resource_type": type, "services": [split(type, "_")[1]]})
	some f in rule.findings with input as envelope.of({"resource_grants": [grant]})
}

test_an_account_whose_variable_has_no_value_is_no_account if {
	principal := {"kind": "account", "value": "arn:aws:iam::null:root", "account": null, "own_account": null}
	every account in [null, "null", ""] {
		_judged(object.union(principal, {"account": account, "own_account": false}), [], {}) == [[
			"medium",
			"unverified",
			concat(" ", [
				"An account with an unknown number can do s3:GetObject on aws_s3_bucket.b, and the input does",
				"not show which it is, through aws_s3_bucket_policy.b.",
			]),
		]]
	}
	_fixes(principal, "aws_kms_key") == {
		"Give the variable that holds its number a value (--var NAME=VALUE, --var-file FILE), and check again.",
	}
}

test_nobody_is_told_to_lock_the_owner_of_a_key_out if {
	principal := object.union(_foreign, {"own_account": null})
	[fix] := [fix | some fix in _fixes(principal, "aws_kms_key")]
	contains(fix, "locks the owner out")
	contains(fix, "accounts in gate.yaml")
	_fixes(principal, "aws_s3_bucket") == {
		"Remove the account from the resource's policy, or list it under accounts in gate.yaml.",
	}
}

# The facts and what they rest on, where an account has a service of AWS act.
_rests_on(principal, conditions) := {[f.identity, f.address, f.location, f.facts, f.evidence] |
	some f in rule.findings with input as envelope.of({
		"own_accounts": ["111122223333"],
		"resource_grants": [envelope.resource_grant(
			principal,
			{"actions": ["s3:PutObject", "s3:GetObject"], "conditions": conditions},
		)],
	})
}

_place := {"file": "main.tf", "line": 3, "end_line": 9}

_of_the_bucket := [{
	"address": "aws_s3_bucket_policy.b", "statement": "0", "location": _place,
	"action": "s3:PutObject, s3:GetObject", "resource": "aws_s3_bucket.b",
}]

test_what_each_kind_of_grant_rests_on if {
	for_another := [envelope.when("StringEquals", "aws:SourceAccount", ["999988887777"])]
	_rests_on({"kind": "service", "value": "sns.amazonaws.com"}, for_another) == {[
		null, "aws_s3_bucket_policy.b", _place,
		{"sns.amazonaws.com for 999988887777: s3:GetObject, s3:PutObject on aws_s3_bucket.b"}, _of_the_bucket,
	]}
	aside := [envelope.when("Bool", "aws:SecureTransport", ["true"])]
	every principal in [_foreign, _canonical("79a5")] {
		said := sprintf(
			"%s: s3:GetObject, s3:PutObject on aws_s3_bucket.b when aws:SecureTransport Bool true",
			[principal.value],
		)
		_rests_on(principal, aside) == {[null, "aws_s3_bucket_policy.b", _place, {said}, _of_the_bucket]}
	}
}

test_the_remedy_names_the_conditions_of_a_service_and_of_a_distribution if {
	foreign := envelope.when("StringEquals", "aws:SourceAccount", ["999988887777"])
	by_service := rule.findings with input as envelope.of({
		"own_accounts": ["111122223333"],
		"resource_grants": [_grant({"kind": "service", "value": "sns.amazonaws.com"}, [foreign])],
	})
	{true | some f in by_service; contains(f.remediation, "aws:SourceAccount and aws:SourceArn")} == {true}
	by_identity := rule.findings with input as envelope.of({"resource_grants": [_grant(
		{"kind": "origin_access", "value": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2"},
		[],
	)]})
	{true | some f in by_identity; contains(f.remediation, "cloudfront.amazonaws.com with aws:SourceArn")} == {true}
}
