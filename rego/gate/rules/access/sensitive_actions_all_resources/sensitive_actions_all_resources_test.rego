package gate.rules.access.sensitive_actions_all_resources_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.access.sensitive_actions_all_resources as rule

test_reading_every_secret_denies if {
	rule.findings == {{
		"address": "aws_iam_policy.p",
		"confidence": "proven",
		"evidence": [{
			"action": "secretsmanager:GetSecretValue",
			"address": "aws_iam_policy.p",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "*",
			"statement": "0",
		}],
		"facts": {"secretsmanager:GetSecretValue"},
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:AC-6"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": "r can read every secret, because secretsmanager:GetSecretValue is allowed on all resources.",
		"path": [],
		"remediation": "Name the resources in the statement, or limit it with a condition such as aws:ResourceTag.",
		"rule": "sensitive-actions-all-resources",
		"severity": "high",
		"title": "Sensitive actions on all resources",
	}} with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"secretsmanager:GetSecretValue": ["g"]}})},
		"grants": {"g": envelope.grant({})},
	})
}

test_reading_every_object_and_table_warns if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"s3:GetObject": ["g"], "dynamodb:GetItem": ["g"]}})},
		"grants": {"g": envelope.grant({})},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {
		["medium", "proven", "r can read all data, because dynamodb:GetItem and s3:GetObject are allowed on all resources."],
	}
}

test_mfa_does_not_limit_the_resources if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"sts:AssumeRole": ["g"]}})},
		"grants": {"g": envelope.grant({"conditions": [envelope.when("Bool", "aws:MultiFactorAuthPresent", ["true"])]})},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high",
		"proven",
		"r can assume every role that trusts the account, because sts:AssumeRole is allowed on all resources.",
	]}
}

test_a_tag_limits_the_resources if {
	rule.findings == set() with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"secretsmanager:GetSecretValue": ["g"]}})},
		"grants": {"g": envelope.grant({"conditions": [envelope.when("StringEquals", "aws:ResourceTag/team", ["a"])]})},
	})
}

test_one_named_secret_is_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"secretsmanager:GetSecretValue": ["g"]}})},
		"grants": {"g": envelope.grant(envelope.named("arn:aws:secretsmanager:eu-west-1:111122223333:secret:a", []))},
	})
}

test_other_actions_on_everything_are_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"lambda:InvokeFunction": ["g"]}})},
		"grants": {"g": envelope.grant({})},
	})
}

test_pulling_every_image_warns_but_not_by_the_policy_that_aws_has_for_it if {
	pulls := {"identities": {"r": envelope.identity({"grants": {"ecr:BatchGetImage": ["g"]}})}}
	own := rule.findings with input as envelope.of(object.union(pulls, {"grants": {"g": envelope.grant({})}}))
	{[f.severity, f.message] | some f in own} == {[
		"low",
		"r can pull every image, including anything built into it, because ecr:BatchGetImage is allowed on all resources.",
	]}
	task_execution := "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
	of_aws := envelope.grant({"source": envelope.from(task_execution)})
	rule.findings == set() with input as envelope.of(object.union(pulls, {"grants": {"g": of_aws}}))
}

_severities(services) := {f.severity |
	some f in rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"secretsmanager:GetSecretValue": ["g"]}})},
		"grants": {"g": envelope.grant({})},
		"trust": {"r": [envelope.edge({"kind": "service", "value": service}, {}) | some service in services]},
	})
}

test_a_role_that_only_a_service_without_code_assumes_warns if {
	_severities(["backup.amazonaws.com"]) == {"medium"}
	_severities(["backup.amazonaws.com", "lambda.amazonaws.com"]) == {"high"}
	_severities(["something-new.amazonaws.com"]) == {"high"}
}

_by_type(action, parts) := {f.severity |
	grant := object.union(
		envelope.named("arn:aws:secretsmanager:*:111122223333:secret:*", []),
		object.union({"whole_for": ["secretsmanager:GetSecretValue"]}, parts),
	)
	some f in rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {action: ["g"]}})}, "grants": {"g": envelope.grant(grant)},
	})
}

test_every_resource_of_the_type_is_every_resource if {
	_by_type("secretsmanager:GetSecretValue", {}) == {"high"}
	_by_type("ssm:GetParameter", {}) == set()
	_by_type("secretsmanager:GetSecretValue", {"conditions": [envelope.when("StringEquals", "aws:ResourceTag/team", [
		"a",
	])]}) == set()
}
