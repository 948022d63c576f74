package gate.rules.escalation.pass_role_any_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.escalation.pass_role_any as rule

test_pass_role_on_everything_denies if {
	rule.findings == {{
		"address": "aws_iam_policy.p",
		"confidence": "possible",
		"evidence": [{"action": "iam:PassRole", "address": "aws_iam_policy.p", "location": {"end_line": 9, "file": "main.tf", "line": 3}, "resource": "*", "statement": "0"}],
		"facts": {"iam:PassRole on everything "},
		"frameworks": ["OWASP-NHI:NHI5", "MITRE-ATTACK:T1098", "NIST-800-53:AC-6"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": "r can pass every role of the account to any service, through statement 0 of aws_iam_policy.p.",
		"path": [],
		"remediation": "Name in Resource the roles that this identity hands over, and require iam:PassedToService with StringEquals (IfExists limits nothing).",
		"rule": "pass-role-any",
		"severity": "high",
		"title": "PassRole on every role",
	}} with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"]}})}, "grants": {"g": envelope.grant({})}})
}

test_every_role_by_pattern_is_everything if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"]}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/*", []), {"whole_type": true}))}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "possible", "r can pass every role of the account to any service, through statement 0 of aws_iam_policy.p."]}
}

test_named_service_warns if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"]}})}, "grants": {"g": envelope.grant({"conditions": [envelope.when("StringEquals", "iam:PassedToService", ["lambda.amazonaws.com"])]})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "possible", "r can pass every role of the account to lambda.amazonaws.com, through statement 0 of aws_iam_policy.p."]}
}

test_optional_condition_limits_nothing if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"]}})}, "grants": {"g": envelope.grant({"conditions": [envelope.when("StringEqualsIfExists", "iam:PassedToService", ["lambda.amazonaws.com"])]})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "possible", "r can pass every role of the account to any service, through statement 0 of aws_iam_policy.p."]}
}

test_one_named_role_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"]}})}, "grants": {"g": envelope.grant(envelope.named("arn:aws:iam::111122223333:role/app", []))}})
}

test_a_prefix_of_names_is_not_every_role if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"]}})}, "grants": {"g": envelope.grant(envelope.named("arn:aws:iam::111122223333:role/app-*", []))}})
}

_emr(service) := {f.severity | some f in found} if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"]}})},
		"grants": {"g": envelope.grant({"source": envelope.from("arn:aws:iam::aws:policy/service-role/AmazonElasticMapReduceRole")})},
		"trust": {"r": [envelope.edge({"kind": "service", "value": service}, {})]},
	})
}

test_policy_that_aws_prescribes_for_its_service_warns if {
	_emr("elasticmapreduce.amazonaws.com") == {"medium"}
	_emr("lambda.amazonaws.com") == {"high"}
}
