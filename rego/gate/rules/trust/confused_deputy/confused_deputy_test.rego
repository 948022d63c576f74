package gate.rules.trust.confused_deputy_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.confused_deputy as rule

# What the rule says: its wording is compared here and nowhere else.
_sentence(services, actions) := sprintf(
	"Any AWS customer can make %s do %s on aws_s3_bucket.b, because no condition limits on whose behalf the service acts.",
	[services, actions],
)

test_service_without_source_denies if {
	rule.findings == {{
		"address": "aws_s3_bucket_policy.b",
		"confidence": "proven",
		"evidence": [{
			"action": "s3:GetObject",
			"address": "aws_s3_bucket_policy.b",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "aws_s3_bucket.b",
			"statement": "0",
		}],
		"facts": {"s3.amazonaws.com: s3:GetObject on aws_s3_bucket.b"},
		"frameworks": ["OWASP-NHI:NHI6", "NIST-800-53:AC-3"],
		"identity": null,
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": _sentence("s3.amazonaws.com", "s3:GetObject"),
		"path": [],
		"remediation": concat(" ", [
			"Add the condition aws:SourceArn with the resource that calls, or aws:SourceAccount with this",
			"account, to each statement.",
		]),
		"rule": "confused-deputy",
		"severity": "high",
		"title": "Confused deputy: service access without a source condition",
	}} with input as envelope.of({"resource_grants": [envelope.resource_grant(
		{"kind": "service", "value": "s3.amazonaws.com"},
		{"conditions": []},
	)]})
}

test_regional_service_denies if {
	found := rule.findings with input as envelope.of({"resource_grants": [envelope.resource_grant(
		{"kind": "service", "value": "logs.eu-west-1.amazonaws.com"},
		{"conditions": []},
	)]})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high",
		"proven",
		_sentence("logs.eu-west-1.amazonaws.com", "s3:GetObject"),
	]}
}

test_source_by_pattern_for_everything_denies if {
	found := rule.findings with input as envelope.of({"resource_grants": [envelope.resource_grant(
		{"kind": "service", "value": "s3.amazonaws.com"},
		{"conditions": [envelope.when("ArnLike", "aws:SourceArn", ["arn:aws:s3:::*"])]},
	)]})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high",
		"proven",
		_sentence("s3.amazonaws.com", "s3:GetObject"),
	]}
}

test_source_account_is_silent if {
	rule.findings == set() with input as envelope.of({"resource_grants": [envelope.resource_grant(
		{"kind": "service", "value": "s3.amazonaws.com"},
		{"conditions": [envelope.when("StringEquals", "aws:SourceAccount", ["111122223333"])]},
	)]})
}

test_source_bucket_is_silent if {
	rule.findings == set() with input as envelope.of({"resource_grants": [envelope.resource_grant(
		{"kind": "service", "value": "s3.amazonaws.com"},
		{"conditions": [envelope.when("ArnLike", "AWS:SourceArn", ["arn:aws:s3:::mine"])]},
	)]})
}

test_log_group_of_the_account_as_encryption_context_is_silent if {
	rule.findings == set() with input as envelope.of({"resource_grants": [envelope.resource_grant(
		{"kind": "service", "value": "logs.eu-west-1.amazonaws.com"},
		{"conditions": [envelope.when("ArnLike", "kms:EncryptionContext:aws:logs:arn", [
			"arn:aws:logs:eu-west-1:111122223333:*",
		])]},
	)]})
}

test_service_that_acts_for_the_account_alone_is_silent if {
	grant := envelope.resource_grant({"kind": "service", "value": "ec2.amazonaws.com"}, {"conditions": []})
	rule.findings == set() with input as envelope.of({"resource_grants": [grant]})
}

test_roles_anywhere_without_anchor_warns if {
	found := rule.findings with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({"kind": "service", "value": "rolesanywhere.amazonaws.com"}, {"conditions": []})]},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"medium",
		"proven",
		concat(" ", [
			"Whoever can use rolesanywhere.amazonaws.com can assume r, because its trust policy does not",
			"limit on whose behalf the service acts.",
		]),
	]}
}

test_roles_anywhere_with_subject_is_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge(
			{
				"kind": "service", "value": "rolesanywhere.amazonaws.com",
			},
			{"conditions": [envelope.when(
				"StringEquals",
				"aws:PrincipalTag/x509Subject/CN",
				["app"],
			)]},
		)]},
	})
}

test_lambda_role_is_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {"conditions": []})]},
	})
}

_scheduled(conditions) := envelope.of({"trust": {"r": [envelope.edge(
	{"kind": "service", "value": "scheduler.amazonaws.com"},
	{"conditions": conditions},
)]}})

test_a_service_whose_guide_asks_for_the_account_is_a_low_warning if {
	found := rule.findings with input as _scheduled([])
	{[f.severity, f.message] | some f in found} == {[
		"low",
		concat(" ", [
			"The trust policy of r does not limit for which account scheduler.amazonaws.com can use it,",
			"as the documentation of that service requires.",
		]),
	]}
	rule.findings == set() with input as _scheduled([envelope.when("StringEquals", "aws:SourceAccount", ["111122223333"])])
}

_letting_in(grants) := envelope.of({"resource_grants": [envelope.resource_grant(
	{
		"kind": "service", "value": grant[0],
	},
	{
		"conditions": [], "actions": grant[1], "source": object.union(
			envelope.from("aws_s3_bucket_policy.b"),
			{"statement": grant[2]},
		),
	},
) |
	some grant in grants
]})

test_services_and_statements_of_one_policy_are_one_finding if {
	found := rule.findings with input as _letting_in([
		["s3.amazonaws.com", ["kms:Decrypt"], "Key"], ["cloudwatch.amazonaws.com", ["kms:Decrypt"], "Key"],
		["events.amazonaws.com", ["sns:Publish"], "Topic"],
	])
	[[f.severity, f.message, [e.statement | some e in f.evidence], count(f.facts)] | some f in found] == [[
		"high",
		concat(" ", [
			"Any AWS customer can make cloudwatch.amazonaws.com, events.amazonaws.com and s3.amazonaws.com do",
			"kms:Decrypt and sns:Publish on aws_s3_bucket.b, because no condition limits on whose behalf they act.",
		]),
		["Key", "Topic"], 3,
	]]
}

test_delivery_of_logs_and_use_of_a_key_warn if {
	delivered := rule.findings with input as _letting_in([
		["delivery.logs.amazonaws.com", ["s3:PutObject"], "Write"],
		["delivery.logs.amazonaws.com", ["s3:GetBucketAcl"], "Check"],
	])
	{f.severity | some f in delivered} == {"medium"}
	used := rule.findings with input as _letting_in([["s3.amazonaws.com", ["kms:Decrypt", "kms:GenerateDataKey*"], "Key"]])
	{f.severity | some f in used} == {"medium"}
}

test_permission_of_a_function_names_its_arguments if {
	grant := envelope.resource_grant({"kind": "service", "value": "s3.amazonaws.com"}, {
		"actions": ["lambda:InvokeFunction"], "conditions": [], "source": envelope.from("aws_lambda_permission.p"),
	})
	found := rule.findings with input as envelope.of({"resource_grants": [grant]})
	{[f.severity, f.remediation] | some f in found} == {[
		"high", "Set source_arn to the resource that calls, or source_account to this account.",
	]}
}

test_what_a_trust_without_source_rests_on if {
	place := {"file": "main.tf", "line": 3, "end_line": 9}
	every service, fact in {
		"rolesanywhere.amazonaws.com": "trusts rolesanywhere.amazonaws.com",
		"scheduler.amazonaws.com": "trusts scheduler.amazonaws.com without an account",
	} {
		found := rule.findings with input as envelope.of({"trust": {"r": [envelope.edge(
			{"kind": "service", "value": service},
			{"conditions": [], "actions": ["sts:AssumeRole", "sts:TagSession"]},
		)]}})
		{[f.identity, f.address, f.location, f.evidence, f.facts] | some f in found} == {[
			"r", "aws_iam_role.app", place,
			[{
				"address": "aws_iam_role.app", "statement": "0", "location": place,
				"action": "sts:AssumeRole, sts:TagSession", "resource": service,
			}],
			{fact},
		]}
	}
}

test_actions_of_one_statement_are_one_fact if {
	found := rule.findings with input as _letting_in([["s3.amazonaws.com", ["s3:PutObject", "s3:GetObject"], "Both"]])
	{[f.facts, f.evidence[0].action] | some f in found} == {[
		{"s3.amazonaws.com: s3:GetObject, s3:PutObject on aws_s3_bucket.b"}, "s3:PutObject, s3:GetObject",
	]}
}
