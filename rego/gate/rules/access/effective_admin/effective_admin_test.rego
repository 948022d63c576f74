package gate.rules.access.effective_admin_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.access.effective_admin as rule

# What the rule says: its wording is compared here and nowhere else.
_sentence(who, condition) := sprintf(
	"%s is an administrator%s: it can perform every action on every resource, through aws_iam_policy.p.",
	[who, condition],
)

test_administrator_is_critical_and_names_the_policy if {
	rule.findings == {{
		"address": "aws_iam_policy.p",
		"confidence": "proven",
		"evidence": [{
			"action": "*",
			"address": "aws_iam_policy.p",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "*",
			"statement": "0",
		}],
		"facts": {"admin"},
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:AC-6"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": _sentence("r", ""),
		"path": [],
		"remediation": concat(" ", [
			"Replace the statement with the actions and resources that the identity needs, or attach a permissions",
			"boundary.",
		]),
		"rule": "effective-admin",
		"severity": "critical",
		"title": "Effective administrator",
	}} with input as envelope.of({
		"identities": {
			"r": envelope.identity({"grants": {"*": ["g"]}, "all_access": "unconditional", "kind": "role", "members": []}),
		},
		"grants": {"g": envelope.grant({})},
	})
}

test_administrator_with_mfa_is_still_one if {
	found := rule.findings with input as envelope.of({
		"identities": {
			"r": envelope.identity({
				"grants": {"iam:PutRolePolicy": ["g"]},
				"all_access": "conditional",
				"kind": "role",
				"members": [],
			}),
		},
		"grants": {"g": envelope.grant({"conditions": [envelope.when("Bool", "aws:MultiFactorAuthPresent", ["true"])]})},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high",
		"proven",
		_sentence("r", " when aws:MultiFactorAuthPresent Bool true"),
	]}
}

test_administrator_of_tagged_resources_warns if {
	found := rule.findings with input as envelope.of({
		"identities": {
			"r": envelope.identity({
				"grants": {"iam:PutRolePolicy": ["g"]},
				"all_access": "conditional",
				"kind": "role",
				"members": [],
			}),
		},
		"grants": {"g": envelope.grant({"conditions": [envelope.when("StringEquals", "aws:ResourceTag/team", ["a"])]})},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"medium",
		"proven",
		_sentence("r", " when aws:ResourceTag/team StringEquals a"),
	]}
}

test_administrator_who_frees_itself_of_its_conditions if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({
			"grants": {"iam:PutRolePolicy": ["g"]},
			"all_access": "conditional",
			"kind": "role",
			"members": [],
		})},
		"grants": {"g": envelope.grant({"conditions": [envelope.when("StringEquals", "aws:ResourceTag/team", ["a"])]})},
		"graph": {"administrators": ["r"]},
	})
	{f.severity | some f in found} == {"high"}
}

test_group_without_members_in_view_speaks_for_itself if {
	found := rule.findings with input as envelope.of({
		"identities": {
			"g1": envelope.identity({"grants": {"*": ["g"]}, "all_access": "unconditional", "kind": "group", "members": []}),
		},
		"grants": {"g": envelope.grant({})},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {
		["critical", "proven", _sentence("g1", "")],
	}
}

test_group_is_judged_through_its_members if {
	rule.findings == set() with input as envelope.of({
		"identities": {
			"g1": envelope.identity({"grants": {"*": ["g"]}, "all_access": "unconditional", "kind": "group", "members": ["u"]}),
			"u": envelope.identity({"kind": "user"}),
		},
		"grants": {"g": envelope.grant({})},
	})
}

test_everything_on_one_bucket_is_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"*": ["g"]}, "all_access": "none", "kind": "role", "members": []})},
		"grants": {"g": envelope.grant(envelope.named("arn:aws:s3:::b", []))},
	})
}
