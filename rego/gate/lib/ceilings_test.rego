package gate.lib.ceilings_test

import data.gate.lib.becoming
import data.gate.lib.envelope_test as envelope
import data.gate.lib.holdings
import data.gate.rules.escalation.privilege_escalation as rule

_itself := "arn:aws:iam::111122223333:role/app"

# a role that may write its own policies, inside a boundary that allows these actions by these grants beside
_inside(allowed, grants) := _of({"all_access": "none", "grants": object.union({"iam:PutRolePolicy": ["own"]}, allowed), "services": 2, "service_names": ["iam", "s3"]}, grants)

_of(ceiling, grants) := envelope.of({
	"identities": {"r": envelope.identity({"grants": {"iam:PutRolePolicy": ["own"]}, "boundary": "aws_iam_policy.b", "ceiling": ceiling})},
	"grants": object.union({"own": envelope.grant(envelope.named(_itself, ["r"]))}, grants),
})

_found(input_) := {[f.severity, f.confidence, f.message] | some f in found} if {
	found := rule.findings with input as input_
}

_low := {["low", "proven", "r could give itself all that aws_iam_policy.b allows with iam:PutRolePolicy (path iam-put-role-policy)."]}

_critical := {["critical", "proven", "r could give itself any access with iam:PutRolePolicy (path iam-put-role-policy)."]}

test_a_tight_boundary_holds_back if {
	_found(_inside({"s3:GetObject": ["s"]}, {"s": envelope.grant({"holders": []})})) == _low
}

test_the_reach_is_what_the_boundary_allows if {
	inside := _inside({"s3:GetObject": ["s"]}, {"s": envelope.grant(envelope.named("arn:aws:s3:::b/*", []))})
	becoming.confined == {"r"} with input as inside
	becoming.administrators == set() with input as inside
	holdings.of.r.things == {["read", "s3", "named", "arn:aws:s3:::b"]} with input as inside
	holdings.of.r.services == {"iam", "s3"} with input as inside
}

test_whom_the_boundary_lets_it_become if {
	inside := object.union(_inside({"sts:AssumeRole": ["a"]}, {"a": envelope.grant(envelope.named("arn:aws:iam::111122223333:role/o", ["o"]))}), {"access": {
		"identities": {"o": envelope.identity({})},
		"trust": {"o": [envelope.edge({"kind": "account", "value": "111122223333", "account": "111122223333", "own_account": true}, {"identity": "o"})]},
	}})
	becoming.next("r") == {"o"} with input as inside
}

test_without_a_boundary_everything_is_its_own if _found(_of(null, {})) == _critical

test_a_boundary_of_everything_holds_nobody_back if {
	every kind in ["conditional", "unconditional"] {
		_found(_of({"all_access": kind, "grants": {}, "services": 2, "service_names": []}, {})) == _critical
	}
}

test_a_boundary_that_makes_administrators_holds_nobody_back if {
	_found(_inside({"iam:CreateAccessKey": ["k"]}, {"k": envelope.grant({"holders": []})})) == _critical
}

test_keys_of_one_user_are_another_matter if {
	_found(_inside({"iam:CreateAccessKey": ["k"]}, {"k": envelope.grant(envelope.named("arn:aws:iam::111122223333:user/u", ["u"]))})) == _low
}

test_an_escalation_inside_the_boundary_counts if {
	names := {"iam:PassRole": ["e"], "lambda:CreateFunction": ["e"], "lambda:InvokeFunction": ["e"]}
	_found(_inside(names, {"e": envelope.grant({"holders": []})})) == {["critical", "possible", "r could give itself all that aws_iam_policy.b allows with iam:PutRolePolicy (path iam-put-role-policy)."]}
}

test_a_role_in_view_that_the_boundary_lets_it_pass_counts if {
	names := {"iam:PassRole": ["p"], "lambda:CreateFunction": ["e"], "lambda:InvokeFunction": ["e"]}
	grants := {"e": envelope.grant({"holders": []}), "p": envelope.grant(envelope.named("arn:aws:iam::111122223333:role/admin", ["admin"])), "x": envelope.grant({})}
	inside := object.union(_inside(names, grants), {"access": {
		"identities": {"admin": envelope.identity({"all_access": "unconditional", "grants": {"*": ["x"]}})},
		"trust": {"admin": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {"identity": "admin"})]},
	}})
	_found(inside) == {["critical", "proven", "r could give itself all that aws_iam_policy.b allows with iam:PutRolePolicy (path iam-put-role-policy)."]}
	becoming.next("r") == {"admin"} with input as inside
}

test_who_may_take_its_boundary_away_has_none if {
	_found(_inside({"iam:DeleteRolePermissionsBoundary": ["own"]}, {})) == _critical
	_found(_inside({"iam:PutRolePermissionsBoundary": ["own"]}, {})) == _critical
	_found(_inside({"iam:DeleteRolePermissionsBoundary": ["e"]}, {"e": envelope.grant({"holders": []})})) == _critical
}

test_the_boundary_of_another_is_another_matter if {
	_found(_inside({"iam:DeleteRolePermissionsBoundary": ["o"]}, {"o": envelope.grant(envelope.named("arn:aws:iam::111122223333:role/o", ["o"]))})) == _low
	_found(_inside({"iam:DeleteUserPermissionsBoundary": ["own"]}, {})) == _low
}

test_a_boundary_that_has_to_stay_stays if {
	stays := object.union(envelope.named(_itself, ["r"]), {"conditions": [envelope.when("StringEquals", "iam:PermissionsBoundary", ["arn:aws:iam::111122223333:policy/b"])]})
	_found(_inside({"iam:PutRolePermissionsBoundary": ["o"]}, {"o": envelope.grant(stays)})) == _low
}

test_a_boundary_that_gives_the_account_away_is_none if {
	away := object.union(envelope.named(_itself, ["r"]), {"conditions": [envelope.when("StringEquals", "iam:PermissionsBoundary", ["arn:aws:iam::aws:policy/AdministratorAccess"])]})
	_found(_inside({"iam:PutRolePermissionsBoundary": ["o"]}, {"o": envelope.grant(away)})) == _critical
}

test_a_group_of_administrators_gives_no_more_than_the_boundary if {
	grants := {"join": envelope.grant(envelope.named("arn:aws:iam::111122223333:group/g", ["g"])), "all": envelope.grant({})}
	user := {"kind": "user", "grants": {"iam:AddUserToGroup": ["join"]}, "boundary": "aws_iam_policy.b"}
	group := envelope.identity({"kind": "group", "all_access": "unconditional", "grants": {"*": ["all"]}})
	held := {"all_access": "none", "grants": {"iam:AddUserToGroup": ["join"]}, "services": 1, "service_names": ["iam"]}
	severities := [{severity |
		some [severity, _, _] in _found(envelope.of({"identities": {"u": envelope.identity(object.union(user, {"ceiling": ceiling})), "g": group}, "grants": grants}))
	} |
		some ceiling in [held, null]
	]
	severities == [{"low"}, {"critical"}]
}

test_who_may_rewrite_its_boundary_has_none if {
	_found(_inside({"iam:CreatePolicyVersion": ["b"]}, {"b": envelope.grant(envelope.named("arn:aws:iam::111122223333:policy/b", ["aws_iam_policy.b"]))})) == _critical
	_found(_inside({"iam:SetDefaultPolicyVersion": ["b"]}, {"b": envelope.grant(envelope.named("arn:aws:iam::111122223333:policy/b", ["aws_iam_policy.b"]))})) == _critical
}

test_who_may_rewrite_a_boundary_outside_has_none if {
	_found(_rewriting("arn:aws:iam::111122223333:policy/out*")) == _critical
	_found(_rewriting("arn:aws:iam::111122223333:policy/other")) == {[f[0], f[1], replace(f[2], "aws_iam_policy.b", _outside)] | some f in _low}
}

_outside := "arn:aws:iam::111122223333:policy/outside"

_rewriting(resource) := json.patch(
	_inside({"iam:CreatePolicyVersion": ["b"]}, {"b": envelope.grant(envelope.named(resource, []))}),
	[{"op": "replace", "path": "/access/identities/r/boundary", "value": _outside}],
)

test_own_user_inside_a_boundary if {
	{severity | some [severity, _, _] in _found(_user({}))} == {"low"}
	{severity | some [severity, _, _] in _found(_user({"iam:DeleteUserPermissionsBoundary": ["own"]}))} == {"critical"}
}

_user(allowed) := envelope.of({
	"identities": {"u": envelope.identity({
		"kind": "user", "grants": {"iam:PutUserPolicy": ["own"]}, "boundary": "aws_iam_policy.b",
		"ceiling": {"all_access": "none", "grants": object.union({"iam:PutUserPolicy": ["own"]}, allowed), "services": 1, "service_names": ["iam"]},
	})},
	"grants": {"own": envelope.grant({"everything": false, "resources": ["arn:aws:iam::*:user/${aws:username}"], "targets": [], "own": true})},
})

test_service_control_policies_alone_hold_back_too if {
	_found(json.patch(_inside({"s3:GetObject": ["s"]}, {"s": envelope.grant({"holders": []})}), [{"op": "replace", "path": "/access/identities/r/boundary", "value": null}])) == {["low", "proven", "r could give itself all that its organization allows with iam:PutRolePolicy (path iam-put-role-policy)."]}
}
