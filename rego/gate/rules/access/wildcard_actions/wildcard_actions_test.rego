package gate.rules.access.wildcard_actions_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.access.wildcard_actions as rule

# What the rule says: its wording is compared here and nowhere else.
_sentence(who, pattern) := sprintf(
	"%s can perform every action that matches %s, through statement 0 of aws_iam_policy.p.",
	[who, pattern],
)

test_service_wildcard_warns if {
	rule.findings == {{
		"address": "aws_iam_policy.p",
		"confidence": "proven",
		"evidence": [{
			"action": "s3:*",
			"address": "aws_iam_policy.p",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "*",
			"statement": "0",
		}],
		"facts": {"r: s3:* on *"},
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:AC-6"],
		"identity": "r",
		"holders": {"r"},
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": _sentence("r", "s3:*"),
		"path": [],
		"remediation": "Replace the wildcard with the actions that the identity uses.",
		"rule": "wildcard-actions",
		"severity": "medium",
		"title": "Wildcard actions",
	}} with input as envelope.of({
		"identities": {"r": envelope.identity({})},
		"grants": {"g": envelope.grant({"actions": ["s3:*"], "wildcards": ["s3:*"]})},
	})
}

test_wildcard_of_a_service_that_gives_access_denies if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({})},
		"grants": {"g": envelope.grant({"actions": ["iam:*"], "wildcards": ["iam:*"]})},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high", "proven", _sentence("r", "iam:*"),
	]}
}

test_wildcard_on_named_resources_of_such_a_service_warns if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({})},
		"grants": {
			"g": envelope.grant({
				"actions": ["kms:*"],
				"wildcards": ["kms:*"],
				"everything": false,
				"resources": ["arn:aws:s3:::b"],
			}),
		},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"medium", "proven", _sentence("r", "kms:*"),
	]}
}

test_part_of_a_service_is_low if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({})},
		"grants": {"g": envelope.grant({"actions": ["s3:Put*"], "wildcards": ["s3:Put*"]})},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"low", "proven", _sentence("r", "s3:Put*"),
	]}
}

test_one_statement_of_two_holders_is_one_finding if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({}), "s": envelope.identity({})},
		"grants": {
			"g": envelope.grant({"actions": ["s3:*"], "wildcards": ["s3:*"]}),
			"h": envelope.grant({"actions": ["s3:*"], "wildcards": ["s3:*"], "holders": ["s"]}),
		},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"medium", "proven", _sentence("r and s", "s3:*"),
	]}
}

test_reading_wildcard_is_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {"r": envelope.identity({})},
		"grants": {"g": envelope.grant({"actions": ["s3:Get*", "ec2:Describe*"], "wildcards": ["s3:Get*", "ec2:Describe*"]})},
	})
}

test_administrator_has_a_finding_of_its_own if {
	rule.findings == set() with input as envelope.of({
		"identities": {"r": envelope.identity({"all_access": "unconditional"})},
		"grants": {"g": envelope.grant({"actions": ["s3:*"], "wildcards": ["s3:*"]})},
	})
}

test_kubernetes_wildcards_are_another_rules if {
	rule.findings == set() with input as envelope.of({
		"identities": {"r": envelope.identity({})},
		"grants": {"g": envelope.grant({"actions": ["s3:*"], "wildcards": ["s3:*"], "platform": "kubernetes"})},
	})
}

test_a_holder_to_whom_only_reading_is_left_is_not_named if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({}), "s": envelope.identity({})},
		"grants": {
			"g": envelope.grant({"actions": ["s3:Put*"], "wildcards": ["s3:Put*"]}),
			"h": envelope.grant({"actions": ["s3:Get*"], "wildcards": ["s3:Get*"], "holders": ["s"]}),
		},
	})
	{[f.identity, f.holders, f.facts] | some f in found} == {["r", {"r"}, {"r: s3:Put* on *"}]}
}

test_of_one_statement_only_what_does_more_than_read_is_told if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({})},
		"grants": {"g": envelope.grant({"actions": ["s3:Put*", "s3:Get*"], "wildcards": ["s3:Put*", "s3:Get*"]})},
	})
	{f.facts | some f in found} == {{"r: s3:Put* on *"}}
}
