package gate.rules.escalation.privilege_escalation_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.escalation.privilege_escalation as rule

test_pass_role_to_new_code_reaches_the_administrator if {
	rule.findings == {{
		"address": "aws_iam_policy.p",
		"confidence": "proven",
		"evidence": [{"action": "iam:PassRole", "address": "aws_iam_policy.p", "location": {"end_line": 9, "file": "main.tf", "line": 3}, "resource": "*", "statement": "0"}, {"action": "lambda:CreateFunction", "address": "aws_iam_policy.p", "location": {"end_line": 9, "file": "main.tf", "line": 3}, "resource": "*", "statement": "0"}, {"action": "lambda:InvokeFunction", "address": "aws_iam_policy.p", "location": {"end_line": 9, "file": "main.tf", "line": 3}, "resource": "*", "statement": "0"}],
		"facts": {"lambda-create-invoke -> admin (critical)"},
		"frameworks": ["OWASP-NHI:NHI5", "MITRE-ATTACK:T1098", "NIST-800-53:AC-6"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": "r could obtain administrator access through admin with iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction (path lambda-create-invoke).",
		"path": [{"actions": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], "from": "r", "to": "admin", "via": "lambda-create-invoke"}],
		"remediation": "Limit iam:PassRole to the named resources that this identity works on, or take it away.",
		"rule": "privilege-escalation",
		"severity": "critical",
		"title": "Privilege escalation",
	}} with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant({}), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}})
}

test_pass_role_on_everything_without_a_target_in_view_is_possible if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}})}, "grants": {"g": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "possible", "r could run code of its own as any role that it can pass, with iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction (path lambda-create-invoke)."]}
}

test_actions_of_several_policies_combine if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["h"], "lambda:InvokeFunction": ["i"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/admin", ["admin"]), {"actions": ["x"]})), "h": envelope.grant({}), "i": envelope.grant({}), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "r could obtain administrator access through admin with iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction (path lambda-create-invoke)."]}
}

test_one_action_missing_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:GetFunction": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/admin", ["admin"]), {"actions": ["x"]})), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}})
}

test_role_that_does_not_trust_the_service_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/admin", ["admin"]), {"actions": ["x"]})), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({"kind": "service", "value": "ec2.amazonaws.com"}, {})]}})
}

test_condition_for_another_service_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant({"conditions": [envelope.when("StringEquals", "iam:PassedToService", ["ecs-tasks.amazonaws.com"])]}), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}})
}

test_condition_for_the_same_service_changes_nothing if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant({"conditions": [envelope.when("StringEquals", "iam:PassedToService", ["lambda.amazonaws.com"])]}), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "r could obtain administrator access through admin with iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction (path lambda-create-invoke)."]}
}

test_condition_for_any_service_changes_nothing if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant({"conditions": [envelope.when("StringLike", "iam:PassedToService", ["l*"])]}), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "r could obtain administrator access through admin with iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction (path lambda-create-invoke)."]}
}

test_ordinary_role_is_not_worth_it if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}}), "app": envelope.identity({"grants": {"s3:GetObject": ["h"]}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/app", ["app"]), {"actions": ["x"]})), "h": envelope.grant({})}, "trust": {"app": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}})
}

test_named_role_outside_the_view_is_unverified if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/app", []), {"actions": ["x"]}))}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "unverified", "r could obtain what arn:aws:iam::111122223333:role/app holds, which this change does not show, with iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction (path lambda-create-invoke)."]}
}

test_external_role_that_is_named_is_unverified if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}}), "app": envelope.identity({"grants": {}, "external": true})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/app", ["app"]), {"actions": ["x"]}))}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "unverified", "r could obtain what arn:aws:iam::111122223333:role/app holds, which this change does not show, with iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction (path lambda-create-invoke)."]}
}

test_external_administrator_without_its_trust_is_taken_to_trust if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional", "external": true})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/admin", ["admin"]), {"actions": ["x"]})), "a": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "r could obtain administrator access through admin with iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction (path lambda-create-invoke)."]}
}

test_prefix_of_which_nothing_is_in_view_denies if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/app-*", []), {"actions": ["x"]}))}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "possible", "r could run code of its own as any role that it can pass, with iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction (path lambda-create-invoke)."]}
}

test_prefix_of_which_ordinary_roles_are_in_view_warns if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}}), "app": envelope.identity({"grants": {}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/app-*", ["app"]), {"actions": ["x"]}))}, "trust": {"app": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "possible", "r could run code of its own as any role that it can pass, with iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction (path lambda-create-invoke)."]}
}

test_powerful_role_is_worth_it if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}}), "iam": envelope.identity({"grants": {"iam:PutRolePolicy": ["h"]}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/iam", ["iam"]), {"actions": ["x"]})), "h": envelope.grant({})}, "trust": {"iam": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "r could obtain the rights of iam with iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction (path lambda-create-invoke)."], ["critical", "proven", "iam could give itself any access with iam:PutRolePolicy (path iam-put-role-policy)."]}
}

test_a_powerful_caller_gains_nothing_from_another if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PutUserPolicy": ["h"], "iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}}), "iam": envelope.identity({"grants": {"iam:PutRolePolicy": ["h"]}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/iam", ["iam"]), {"actions": ["x"]})), "h": envelope.grant({})}, "trust": {"iam": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "possible", "r could write the policies of any identity, with iam:PutUserPolicy (path iam-put-user-policy)."], ["critical", "proven", "iam could give itself any access with iam:PutRolePolicy (path iam-put-role-policy)."]}
}

test_a_powerful_caller_reaches_administrators if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PutUserPolicy": ["h"], "iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant({}), "h": envelope.grant({}), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "r could obtain administrator access through admin with iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction (path lambda-create-invoke), and by 1 other path."]}
}

test_writing_its_own_policy_denies if {
	rule.findings == {{
		"address": "aws_iam_policy.p",
		"confidence": "proven",
		"evidence": [{"action": "iam:PutUserPolicy", "address": "aws_iam_policy.p", "location": {"end_line": 9, "file": "main.tf", "line": 3}, "resource": "arn:aws:iam::111122223333:user/u", "statement": "0"}],
		"facts": {"iam-put-user-policy -> u (critical)"},
		"frameworks": ["OWASP-NHI:NHI5", "MITRE-ATTACK:T1098", "NIST-800-53:AC-6"],
		"identity": "u",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": "u could give itself any access with iam:PutUserPolicy (path iam-put-user-policy).",
		"path": [{"actions": ["iam:PutUserPolicy"], "from": "u", "to": "u", "via": "iam-put-user-policy"}],
		"remediation": "Take iam:PutUserPolicy away, or leave the identity itself out of its resources.",
		"rule": "privilege-escalation",
		"severity": "critical",
		"title": "Privilege escalation",
	}} with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:PutUserPolicy": ["g"]}, "kind": "user"})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:user/u", ["u"]), {"actions": ["x"]}))}})
}

test_writing_the_policy_of_another_user_is_no_self_escalation if {
	rule.findings == set() with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:PutUserPolicy": ["g"]}, "kind": "user"}), "v": envelope.identity({"grants": {}, "kind": "user"})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:user/v", ["v"]), {"actions": ["x"]}))}})
}

test_attaching_with_a_boundary_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:PutUserPolicy": ["g"]}, "kind": "user"})}, "grants": {"g": envelope.grant({"conditions": [envelope.when("StringEquals", "iam:PermissionsBoundary", ["arn:aws:iam::111122223333:policy/b"])]})}})
}

test_attaching_harmless_policies_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:AttachUserPolicy": ["g"]}, "kind": "user"})}, "grants": {"g": envelope.grant({"conditions": [envelope.when("ArnEquals", "iam:PolicyARN", ["arn:aws:iam::aws:policy/ReadOnlyAccess"])]})}})
}

test_attaching_the_administrators_policy_denies if {
	found := rule.findings with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:AttachUserPolicy": ["g"]}, "kind": "user"})}, "grants": {"g": envelope.grant({"conditions": [envelope.when("ArnLike", "iam:PolicyARN", ["arn:aws:iam::aws:policy/*"])]})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "u could give itself any access with iam:AttachUserPolicy (path iam-attach-user-policy)."]}
}

test_a_user_that_writes_every_role_denies if {
	found := rule.findings with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:PutRolePolicy": ["g"]}, "kind": "user"})}, "grants": {"g": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "possible", "u could write the policies of any identity, with iam:PutRolePolicy (path iam-put-role-policy)."]}
}

test_creating_a_policy_and_attaching_it_to_itself_denies if {
	found := rule.findings with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:CreatePolicy": ["g"], "iam:AttachUserPolicy": ["g"]}, "kind": "user"})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:user/u", ["u"]), {"actions": ["x"]}))}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "u could give itself any access with iam:AttachUserPolicy (path iam-attach-user-policy), and by 1 other path."]}
}

test_policy_of_the_group_the_caller_is_in_denies if {
	found := rule.findings with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:PutGroupPolicy": ["g"]}, "kind": "user"}), "grp": envelope.identity({"grants": {}, "kind": "group", "members": ["u"]})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:group/g", ["grp"]), {"actions": ["x"]}))}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "u could obtain administrator access through grp with iam:PutGroupPolicy (path iam-put-group-policy)."]}
}

test_policy_of_every_group_reaches_its_own if {
	found := rule.findings with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:PutGroupPolicy": ["g"]}, "kind": "user"}), "grp": envelope.identity({"grants": {}, "kind": "group", "members": ["u"]})}, "grants": {"g": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "u could obtain administrator access through grp with iam:PutGroupPolicy (path iam-put-group-policy)."]}
}

test_policy_of_every_group_may_reach_its_own if {
	found := rule.findings with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:PutGroupPolicy": ["g"]}, "kind": "user"})}, "grants": {"g": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "possible", "u could write the policies of any group, with iam:PutGroupPolicy (path iam-put-group-policy)."]}
}

test_new_version_of_its_own_policy_denies if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:CreatePolicyVersion": ["g"]}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:policy/p", ["aws_iam_policy.p"]), {"actions": ["x"]}))}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "r could obtain administrator access through aws_iam_policy.p with iam:CreatePolicyVersion (path iam-create-policy-version)."]}
}

test_new_version_of_any_policy_reaches_its_own if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:CreatePolicyVersion": ["g"]}})}, "grants": {"g": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "r could obtain administrator access through aws_iam_policy.p with iam:CreatePolicyVersion (path iam-create-policy-version)."]}
}

test_new_version_of_any_policy_is_possible_for_an_inline_one if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:CreatePolicyVersion": ["g"]}})}, "grants": {"g": envelope.grant({"source": envelope.from("aws_iam_role_policy.p")})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "possible", "r could write any policy of the account, with iam:CreatePolicyVersion (path iam-create-policy-version)."]}
}

test_joining_every_group_may_reach_anything if {
	found := rule.findings with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:AddUserToGroup": ["g"]}, "kind": "user"})}, "grants": {"g": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "possible", "u could join any group, with iam:AddUserToGroup (path iam-add-user-to-group)."]}
}

test_joining_a_group_of_administrators_denies if {
	found := rule.findings with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:AddUserToGroup": ["g"]}, "kind": "user"}), "adm": envelope.identity({"grants": {"*": ["a"]}, "kind": "group", "all_access": "unconditional"})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:group/adm", ["adm"]), {"actions": ["x"]})), "a": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "u could obtain administrator access through adm with iam:AddUserToGroup (path iam-add-user-to-group)."]}
}

test_keys_of_an_administrator_deny if {
	found := rule.findings with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:CreateAccessKey": ["g"]}, "kind": "user"}), "adm": envelope.identity({"grants": {"*": ["a"]}, "kind": "user", "all_access": "conditional"})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:user/adm", ["adm"]), {"actions": ["x"]})), "a": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "u could obtain administrator access through adm with iam:CreateAccessKey (path iam-create-access-key)."]}
}

test_own_keys_are_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:CreateAccessKey": ["g"]}, "kind": "user"})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:user/${aws:username}", []), {"actions": ["x"]}))}})
}

test_trust_of_tagged_roles_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:UpdateAssumeRolePolicy": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant({"conditions": [envelope.when("StringEquals", "aws:ResourceTag/team", ["a"])]}), "a": envelope.grant({})}})
}

test_trust_of_tagged_roles_by_a_caller_that_tags_denies if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:UpdateAssumeRolePolicy": ["g"], "iam:TagRole": ["h"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant({"conditions": [envelope.when("StringEquals", "aws:ResourceTag/team", ["a"])]}), "h": envelope.grant({}), "a": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "r could obtain administrator access through admin with iam:UpdateAssumeRolePolicy (path iam-update-assume-role-policy)."]}
}

test_assuming_an_administrator_that_trusts_the_account_denies if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"sts:AssumeRole": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant({}), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({"kind": "account", "value": "111122223333", "own_account": true}, {})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "r could obtain administrator access through admin with sts:AssumeRole (path sts-assume-role)."]}
}

test_assuming_an_administrator_that_trusts_the_caller_denies if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"sts:AssumeRole": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/admin", ["admin"]), {"actions": ["x"]})), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({"kind": "role", "value": "r", "identity": "r"}, {})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "r could obtain administrator access through admin with sts:AssumeRole (path sts-assume-role)."]}
}

test_assuming_an_administrator_that_trusts_anyone_denies if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"sts:AssumeRole": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/admin", ["admin"]), {"actions": ["x"]})), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({}, {})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "r could obtain administrator access through admin with sts:AssumeRole (path sts-assume-role)."]}
}

test_assuming_an_administrator_that_trusts_a_service_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"sts:AssumeRole": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/admin", ["admin"]), {"actions": ["x"]})), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}})
}

test_making_roles_may_make_an_administrator if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:CreateRole": ["g"], "iam:AttachRolePolicy": ["g"]}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/app-*", []), {"actions": ["x"]}))}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "possible", "r could make an identity with any access, with iam:AttachRolePolicy and iam:CreateRole (path iam-create-role-and-grant)."]}
}

test_making_any_role_denies if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:CreateRole": ["g"], "iam:AttachRolePolicy": ["g"]}})}, "grants": {"g": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "r could give itself any access with iam:AttachRolePolicy (path iam-attach-role-policy), and by 1 other path."]}
}

test_rewriting_a_role_and_its_trust_denies if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PutRolePolicy": ["g"], "iam:UpdateAssumeRolePolicy": ["g"]}}), "app": envelope.identity({"grants": {}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/app", ["app"]), {"actions": ["x"]}))}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "r could obtain the rights of app with iam:PutRolePolicy and iam:UpdateAssumeRolePolicy (path iam-put-role-policy-update-trust)."]}
}

test_rewriting_a_role_whose_trust_may_be_any_denies if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PutRolePolicy": ["g"], "iam:UpdateAssumeRolePolicy": ["h"]}}), "app": envelope.identity({"grants": {}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/app", ["app"]), {"actions": ["x"]})), "h": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "possible", "r could let itself into any role, with iam:UpdateAssumeRolePolicy (path iam-update-assume-role-policy), and by 1 other path."]}
}

test_rewriting_one_role_and_the_trust_of_another_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PutRolePolicy": ["g"], "iam:UpdateAssumeRolePolicy": ["h"]}}), "app": envelope.identity({"grants": {}}), "b": envelope.identity({"grants": {}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/app", ["app"]), {"actions": ["x"]})), "h": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/b", ["b"]), {"actions": ["x"]}))}})
}

test_code_of_a_function_that_runs_as_administrator_denies if {
	rule.findings == {{
		"address": "aws_iam_policy.p",
		"confidence": "proven",
		"evidence": [{"action": "lambda:UpdateFunctionCode", "address": "aws_iam_policy.p", "location": {"end_line": 9, "file": "main.tf", "line": 3}, "resource": "arn:aws:lambda:eu-west-1:111122223333:function:f", "statement": "0"}],
		"facts": {"lambda-update-code -> admin (critical)"},
		"frameworks": ["OWASP-NHI:NHI5", "MITRE-ATTACK:T1098", "NIST-800-53:AC-6"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": "r could obtain administrator access through admin with lambda:UpdateFunctionCode (path lambda-update-code).",
		"path": [{"actions": ["lambda:UpdateFunctionCode"], "from": "r", "to": "admin", "via": "lambda-update-code"}],
		"remediation": "Take lambda:UpdateFunctionCode away, or narrow what admin may do.",
		"rule": "privilege-escalation",
		"severity": "critical",
		"title": "Privilege escalation",
	}} with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"lambda:UpdateFunctionCode": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:lambda:eu-west-1:111122223333:function:f", ["f"]), {"actions": ["x"]})), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}, "workloads": {"f": envelope.workload({"runs_as": ["admin"]})}})
}

test_code_of_a_function_that_runs_as_an_ordinary_role_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"lambda:UpdateFunctionCode": ["g"]}}), "app": envelope.identity({"grants": {}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:lambda:eu-west-1:111122223333:function:f", ["f"]), {"actions": ["x"]}))}, "workloads": {"f": envelope.workload({"runs_as": ["app"]})}})
}

test_a_session_on_every_machine_denies if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"ssm:StartSession": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant({}), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({"kind": "service", "value": "ec2.amazonaws.com"}, {})]}, "workloads": {"i": envelope.workload({"runs_as": ["admin"]})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "r could obtain administrator access through admin with ssm:StartSession (path ssm-start-session)."]}
}

test_a_session_on_every_machine_is_possible_when_none_is_in_view if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"ssm:StartSession": ["g"]}})}, "grants": {"g": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "possible", "r could take over what already runs in the account, with its role, with ssm:StartSession (path ssm-start-session)."]}
}

test_a_session_on_one_machine_outside_the_view_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"ssm:StartSession": ["g"]}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:ec2:eu-west-1:111122223333:instance/i-1", []), {"actions": ["x"]}))}})
}

test_opening_every_key_warns if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"kms:PutKeyPolicy": ["g"]}})}, "grants": {"g": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "possible", "r could obtain access that nobody gave it, with kms:PutKeyPolicy (path kms-put-key-policy)."]}
}

test_reading_alone_is_no_escalation if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"secretsmanager:GetSecretValue": ["g"], "lambda:GetFunction": ["g"], "ssm:GetParameter": ["g"], "ec2:DescribeInstanceAttribute": ["g"], "ecr:BatchGetImage": ["g"], "ecr:GetDownloadUrlForLayer": ["g"], "apigateway:GET": ["g"], "s3:GetObject": ["g"]}})}, "grants": {"g": envelope.grant({})}})
}

test_rewriting_any_role_and_its_trust_denies if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PutRolePolicy": ["g"], "iam:UpdateAssumeRolePolicy": ["g"]}})}, "grants": {"g": envelope.grant({})}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["critical", "proven", "r could give itself any access with iam:PutRolePolicy (path iam-put-role-policy), and by 2 other paths."]}
}

test_the_only_alternative_closed_by_a_condition_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:CreateRole": ["g"], "iam:PutRolePolicy": ["h"]}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/app-*", []), {"actions": ["x"]})), "h": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/app-*", []), {"actions": ["x"], "conditions": [envelope.when("StringEquals", "iam:PermissionsBoundary", ["arn:aws:iam::111122223333:policy/b"])]}))}})
}

test_administrator_has_a_finding_of_its_own if {
	rule.findings == set() with input as envelope.of({"identities": {"admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"a": envelope.grant({})}})
}

test_alternatives_closed_by_a_condition_are_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:CreateRole": ["g"], "iam:PutRolePolicy": ["g"]}})}, "grants": {"g": envelope.grant(object.union(envelope.named("arn:aws:iam::111122223333:role/app", []), {"conditions": [envelope.when("StringEquals", "iam:PermissionsBoundary", ["arn:aws:iam::111122223333:policy/b"])]}))}})
}

test_associated_resource_limits_the_pass if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}}), "admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})}, "grants": {"g": envelope.grant({"conditions": [envelope.when("ArnEquals", "iam:AssociatedResourceArn", ["arn:aws:lambda:eu-west-1:111122223333:function:f"])]}), "a": envelope.grant({})}, "trust": {"admin": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}})
}

# self-resource-only: for policies it is an escalation, for credentials it is not.
test_own_user_only if {
	own := envelope.grant(object.union(envelope.named("arn:aws:iam::*:user/${aws:username}", []), {"own": true}))
	policy := rule.findings with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:PutUserPolicy": ["g"]}, "kind": "user"})}, "grants": {"g": own}})
	{[f.severity, f.confidence, f.path[0].to] | some f in policy} == {["critical", "proven", "u"]}
	rule.findings == set() with input as envelope.of({"identities": {"u": envelope.identity({"grants": {"iam:CreateAccessKey": ["g"]}, "kind": "user"})}, "grants": {"g": own}})
}

# passrole-service-condition: a wildcard among the values does not count.
test_pass_to_services_by_wildcard_limits_nothing if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}})}, "grants": {"g": envelope.grant({"conditions": [envelope.when("StringLike", "iam:PassedToService", ["*.amazonaws.com"])]})}})
	{[f.severity, f.confidence] | some f in found} == {["critical", "possible"]}
}

# service-end-of-life: nothing can be done today with a service that is gone; what is left of it in a policy is told.
test_a_service_that_is_gone_warns_at_most if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"codestar:CreateProject": ["g"], "codestar:AssociateTeamMember": ["g"]}})}, "grants": {"g": envelope.grant({})}})
	{[f.severity, f.path[0].via] | some f in found} == {["low", "codestar-associate-team-member"]}
	passing := rule.findings with input as envelope.of({
		"identities": {
			"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "codestar:CreateProject": ["g"]}}),
			"boss": envelope.identity({"all_access": "unconditional", "grants": {"*": ["all"]}}),
		},
		"grants": {"g": envelope.grant(envelope.named("arn:aws:iam::111122223333:role/boss", ["boss"])), "all": envelope.grant({})},
		"trust": {"boss": [envelope.edge({"kind": "service", "value": "codestar.amazonaws.com"}, {})]},
	})
	{[f.severity, f.confidence, f.path[0].to] | some f in passing} == {["low", "proven", "boss"]}
}

_glue(parts) := {[f.severity, f.confidence] | some f in found} if {
	found := rule.findings with input as envelope.of(object.union(
		{
			"identities": {"r": envelope.identity({"grants": {"glue:UpdateDevEndpoint": ["g"]}})},
			"grants": {"g": envelope.grant({"source": envelope.from("arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole")})},
			"trust": {"r": [envelope.edge({"kind": "service", "value": "glue.amazonaws.com"}, {})]},
		},
		parts,
	))
}

test_policy_that_aws_prescribes_for_its_service_warns_about_what_nobody_sees if {
	_glue({}) == {["medium", "possible"]}
	_glue({"trust": {"r": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]}}) == {["high", "possible"]}
	_glue({"grants": {"g": envelope.grant({})}}) == {["high", "possible"]}
	_copies("pods.eks.amazonaws.com") == {["low", "possible"]}
	_copies("lambda.amazonaws.com") == {["medium", "possible"]}
}

_copies(service) := {[f.severity, f.confidence] | some f in found} if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"ec2:CreateSnapshot": ["g"], "ec2:CreateVolume": ["g"]}})},
		"grants": {"g": envelope.grant({"source": envelope.from("arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy")})},
		"trust": {"r": [envelope.edge({"kind": "service", "value": service}, {})]},
	})
}

test_policy_that_aws_prescribes_denies_over_an_administrator_in_view if {
	_glue({
		"identities": {
			"r": envelope.identity({"grants": {"glue:UpdateDevEndpoint": ["g"]}}),
			"admin": envelope.identity({"all_access": "unconditional", "grants": {"*": ["a"]}}),
		},
		"grants": {
			"g": envelope.grant({"source": envelope.from("arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole")}),
			"a": envelope.grant({}),
		},
		"trust": {name: [envelope.edge({"kind": "service", "value": "glue.amazonaws.com"}, {})] | some name in ["r", "admin"]},
		"workloads": {"aws_glue_dev_endpoint.e": envelope.workload({"kind": "aws_glue_dev_endpoint", "runs_as": ["admin"]})},
	}) == {["critical", "proven"]}
}

# A job definition whose role is not in view may be anybody's: luck.
test_a_path_that_needs_luck_warns_at_most if {
	found := rule.findings with input as envelope.of({"identities": {"r": envelope.identity({"grants": {"batch:SubmitJob": ["g"]}})}, "grants": {"g": envelope.grant({})}})
	{[f.severity, f.path[0].via] | some f in found} == {["medium", "batch-submit-existing"]}
}

# On everything, with no administrator in view but one who can make itself one.
test_the_strongest_in_view_is_what_everything_reaches if {
	found := rule.findings with input as envelope.of({
		"identities": {
			"r": envelope.identity({"grants": {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}}),
			"maker": envelope.identity({"grants": {"iam:PutRolePolicy": ["g"]}}),
		},
		"grants": {"g": envelope.grant({})},
		"trust": {"maker": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]},
	})
	{[f.severity, f.confidence, f.path[0].to] | some f in found; f.identity == "r"} == {["high", "proven", "maker"]}
}
