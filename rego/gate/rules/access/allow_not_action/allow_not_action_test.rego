package gate.rules.access.allow_not_action_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.access.allow_not_action as rule

# What the rule says: its wording is compared here and nowhere else.
_sentence(who, kept) := sprintf(
	"%s can perform every action except %s, through statement 0 of aws_iam_policy.p, which uses NotAction.",
	[who, kept],
)

test_all_but_iam_denies if {
	rule.findings == {{
		"address": "aws_iam_policy.p",
		"confidence": "proven",
		"evidence": [{
			"action": "NotAction iam:*",
			"address": "aws_iam_policy.p",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "*",
			"statement": "0",
		}],
		"facts": {"r: all but iam:* on *"},
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:AC-6"],
		"identity": "r",
		"holders": {"r"},
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": _sentence("r", "iam:*"),
		"path": [],
		"remediation": concat(" ", [
			"Replace NotAction with Action and list the actions that the identity needs. To forbid some of them,",
			"add a Deny statement.",
		]),
		"rule": "allow-not-action",
		"severity": "high",
		"title": "Allow statement with NotAction",
	}} with input as envelope.of({
		"identities": {"r": envelope.identity({})},
		"grants": {"g": envelope.grant({"form": "NotAction", "actions": ["iam:*"]})},
	})
}

test_all_but_iam_on_one_bucket_warns if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({})},
		"grants": {
			"g": envelope.grant({
				"form": "NotAction",
				"actions": ["iam:*"],
				"everything": false,
				"resources": ["arn:aws:s3:::b"],
			}),
		},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"medium",
		"proven",
		_sentence("r", "iam:*"),
	]}
}

test_two_holders_of_one_statement_are_one_finding if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({}), "s": envelope.identity({})},
		"grants": {"g": envelope.grant({"form": "NotAction", "actions": ["iam:*"], "holders": ["r", "s"]})},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high",
		"proven",
		_sentence("r and s", "iam:*"),
	]}
}

test_a_narrow_boundary_is_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {"r": envelope.identity({"boundary": "aws_iam_policy.b", "actions": 40})},
		"grants": {"g": envelope.grant({"form": "NotAction", "actions": ["iam:*"]})},
	})
}

test_a_wide_boundary_denies if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({"boundary": "aws_iam_policy.b", "actions": 15000})},
		"grants": {"g": envelope.grant({"form": "NotAction", "actions": ["iam:*"]})},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high",
		"proven",
		_sentence("r", "iam:*"),
	]}
}

test_listed_actions_are_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {"r": envelope.identity({})}, "grants": {"g": envelope.grant({"actions": ["s3:GetObject"]})},
	})
}

test_administrator_has_a_finding_of_its_own if {
	rule.findings == set() with input as envelope.of({
		"identities": {"r": envelope.identity({"all_access": "unconditional"})},
		"grants": {"g": envelope.grant({"form": "NotAction", "actions": ["iam:*"]})},
	})
}
