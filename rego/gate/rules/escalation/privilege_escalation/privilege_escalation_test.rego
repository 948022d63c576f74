package gate.rules.escalation.privilege_escalation_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.escalation.privilege_escalation.fixture_test as fixture

_plain := fixture.model(fixture.new_code, {"r": [envelope.gain({})]}, {})

test_technique_that_reaches_an_administrator_denies if {
	fixture.found(_plain) == {fixture.finding}
}

test_who_gains_nothing_is_silent if {
	fixture.found(fixture.model(fixture.new_code, {}, {})) == set()
}

test_each_gain_is_said_in_its_own_words if {
	words := {
		"administrator": "gain administrator access through t",
		"conditional": "gain administrator access, under conditions, through t",
		"anything": "grant itself any permission",
		"secrets": "gain access to the secrets that t can read",
		"data": "gain access to the data that t can reach",
		"rights": "change the permissions of t",
		"named": "gain the permissions of t, which is not part of this change,",
	}
	every gained, text in words {
		gain := envelope.gain({"technique": "iam-create-access-key", "target": "t", "gains": gained})
		fixture.messages(fixture.model(["iam:CreateAccessKey"], {"r": [gain]}, {})) == {sprintf(
			"r could %s with iam:CreateAccessKey (path iam-create-access-key).",
			[text],
		)}
	}
}

test_role_that_is_strong_by_convention_is_not_shown_by_the_change if {
	role := "arn:aws:iam::444455556666:role/OrganizationAccountAccessRole"
	gain := envelope.gain({
		"technique": "org-access-role", "target": role, "confidence": "unverified", "gains": "conventional",
	})
	model := fixture.model(["sts:AssumeRole"], {"r": [gain]}, {"grants": {"g": envelope.grant(envelope.named(role, []))}})
	{[f.severity, f.confidence, f.message, f.remediation] | some f in fixture.found(model)} == {[
		"high", "unverified",
		concat("", [
			"r could gain the permissions of arn:aws:iam::444455556666:role/OrganizationAccountAccessRole, which is not ",
			"part of this change, with sts:AssumeRole (path org-access-role).",
		]),
		concat(" ", [
			"Check the permissions of arn:aws:iam::444455556666:role/OrganizationAccountAccessRole; if",
			"this identity should not have them, remove it from the resources of sts:AssumeRole.",
		]),
	]}
}

# technique → [its action, what it comes to where nobody can list its targets]
_over_any := {
	"apprunner-update": [
		"apprunner:UpdateService", "take over workloads that already run in the account, with their roles",
	],
	"iam-create-access-key": ["iam:CreateAccessKey", "take over any user"],
	"iam-update-assume-role-policy": ["iam:UpdateAssumeRolePolicy", "add itself to the trust policy of any role"],
	"iam-add-user-to-group": ["iam:AddUserToGroup", "add itself to any group"],
	"iam-put-role-policy": ["iam:PutRolePolicy", "change the policies of any identity"],
	"iam-put-group-policy": ["iam:PutGroupPolicy", "change the policies of any group"],
	"iam-create-policy-version": ["iam:CreatePolicyVersion", "change any policy in the account"],
	"iam-create-role-and-grant": ["iam:CreateRole", "create an identity with any permissions"],
	"iam-update-saml-provider": ["iam:UpdateSAMLProvider", "gain access that it was not given"],
}

test_what_nobody_can_list_is_said_by_what_the_technique_does if {
	every technique, told in _over_any {
		every gained in ["everything", "pattern", "visible_pattern"] {
			fixture.messages(fixture.model([told[0]], {"r": [fixture.beyond(technique, gained)]}, {})) == {sprintf(
				"r could %s, with %s (path %s).",
				[told[1], told[0], technique],
			)}
		}
	}
}

test_pattern_denies_where_nothing_of_it_is_in_view_and_warns_where_something_is if {
	pattern := {gained: fixture.judged(model) |
		some gained in ["pattern", "visible_pattern"]
		model := fixture.model(fixture.new_code, {"r": [fixture.beyond("lambda-create-invoke", gained)]}, {})
	}
	pattern == {"pattern": {["r", "high", "possible"]}, "visible_pattern": {["r", "medium", "possible"]}}
}

test_other_techniques_are_counted_and_the_worst_is_told if {
	others := [fixture.beyond("lambda-create-invoke", "pattern"), fixture.beyond("iam-create-role-and-grant", "pattern")]
	worst := envelope.gain({"technique": "iam-create-access-key", "target": "admin", "steps": 1})
	counted := {n: fixture.messages(fixture.model(["iam:CreateAccessKey"], {"r": gains}, {})) |
		some n in [1, 2]
		gains := array.concat([worst], array.slice(others, 0, n))
	}
	told := "r could gain administrator access through admin with iam:CreateAccessKey (path iam-create-access-key)%s."
	counted == {
		1: {sprintf(told, [", and through 1 other path"])},
		2: {sprintf(told, [", and through 2 other paths"])},
	}
}

# Inside a ceiling that opens nothing.
_rewriting(boundary) := {[f.severity, f.message] | some f in fixture.found(model)} if {
	gain := envelope.gain({
		"technique": "iam-put-role-policy", "target": "r", "gains": "ceiling", "state": "r (rewritten)", "steps": 1,
	})
	model := object.union(
		fixture.model(["iam:PutRolePolicy"], {"r": [gain]}, {}),
		{"access": {"identities": {"r": {"boundary": boundary}}}},
	)
}

test_who_rewrites_itself_inside_a_ceiling_gains_what_that_allows if {
	_rewriting("aws_iam_policy.boundary") == {[
		"low",
		concat("", [
			"r could grant itself everything that aws_iam_policy.boundary allows with iam:PutRolePolicy ",
			"(path iam-put-role-policy).",
		]),
	]}
	_rewriting(null) == {[
		"low", concat(" ", [
			"r could grant itself everything that its organization allows with iam:PutRolePolicy (path",
			"iam-put-role-policy).",
		]),
	]}
}

_assume := envelope.gain({"technique": "sts-assume-role", "steps": 1})

test_trust_policy_that_names_the_identity_is_the_evidence if {
	entering := object.union(fixture.model([], {"r": [_assume]}, {}), {"access": fixture.entering})
	fixture.found(entering) == {object.union(fixture.finding, {
		"address": "aws_iam_role.admin",
		"evidence": [{
			"address": "aws_iam_role.admin", "statement": "0", "location": fixture.at, "action": "sts:AssumeRole",
			"resource": "admin",
		}],
		"facts": {"sts-assume-role -> admin (critical)"},
		"message": "r could gain administrator access through admin with its trust policy (path sts-assume-role).",
		"path": [{"from": "r", "via": "sts-assume-role", "actions": [], "to": "admin"}],
		"remediation": "Remove the identity from the trust policy of admin, or reduce the permissions of that role.",
	})}
}

test_right_that_others_hold_is_shown_at_the_identity_itself if {
	gain := envelope.gain({"technique": "iam-put-role-policy", "target": "b", "steps": 2})
	shown := {"statement": null, "action": "iam-put-role-policy", "resource": "b"}
	written := object.union({"address": "aws_iam_role.app", "location": fixture.at}, shown)
	model := fixture.model([], {"r": [gain]}, {})
	expected := object.union(fixture.finding, {
		"address": "aws_iam_role.app",
		"evidence": [written],
		"facts": {"iam-put-role-policy -> b (critical)"},
		"message": "r could gain administrator access through b with the permissions of others (path iam-put-role-policy).",
		"path": [{"from": "r", "via": "iam-put-role-policy", "actions": [], "to": "b"}],
		"remediation": "Reduce the permissions of b, or remove what lets this identity become someone who can change it.",
	})
	fixture.found(model) == {expected}
	outside := object.union(model, {"access": {"identities": {"r": {"source": null}}}})
	fixture.found(outside) == {object.union(expected, {
		"address": "r", "evidence": [object.union({"address": "r", "location": null}, shown)], "location": null,
	})}
}

test_first_statement_that_no_condition_closes_is_the_evidence if {
	other := envelope.grant({"source": envelope.from("aws_iam_policy.other")})
	model := envelope.of({
		"identities": {"r": envelope.identity({"grants": {"iam:CreateAccessKey": ["a", "g", "h"]}})},
		"grants": {"a": other, "g": envelope.grant({}), "h": other},
		"graph": object.union(
			envelope.gaining({"r": [envelope.gain({"technique": "iam-create-access-key"})]}),
			{"closed": {"a": ["iam-create-access-key"]}},
		),
	})
	{[f.address, f.evidence] | some f in fixture.found(model)} == {[
		"aws_iam_policy.p", [fixture.evidence("iam:CreateAccessKey")],
	]}
}

test_administrators_groups_with_members_and_other_platforms_are_judged_elsewhere if {
	every parts in [
		{"all_access": "unconditional"}, {"kind": "group", "members": ["admin"]}, {"platform": "kubernetes"},
	] {
		fixture.found(object.union(_plain, {"access": {"identities": {"r": parts}}})) == set()
	}
}

test_administrator_under_conditions_is_judged_unless_it_frees_itself_of_them if {
	under := {"access": {"identities": {"r": {"all_access": "conditional"}}}}
	fixture.judged(object.union(_plain, under)) == {["r", "critical", "proven"]}
	free := {"access": {"graph": {"administrators": ["r"]}}}
	fixture.found(object.union(object.union(_plain, under), free)) == set()
}

test_group_without_members_in_view_speaks_for_itself if {
	group := {"identities": {"r": {"kind": "group", "members": ["u"]}}}
	fixture.judged(object.union(_plain, {"access": group})) == {["r", "critical", "proven"]}
}

test_role_that_runs_nobodys_code_warns_at_most if {
	trust := {"trust": {"r": [envelope.edge({"kind": "service", "value": "cloudtrail.amazonaws.com"}, {})]}}
	fixture.judged(fixture.model(fixture.new_code, {"r": [envelope.gain({})]}, trust)) == {["r", "medium", "proven"]}
}

_glue := "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"

_emr := "arn:aws:iam::aws:policy/service-role/AmazonElasticMapReduceRole"

_ebs := "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"

# A role with one policy that one service assumes.
_prescribed(policy, service, actions, gains) := fixture.judged(fixture.model(actions, {"r": gains}, {
	"grants": {"g": envelope.grant({"source": envelope.from(policy)})},
	"trust": {"r": [envelope.edge({"kind": "service", "value": service}, {})]},
}))

_endpoint := ["glue:UpdateDevEndpoint"]

_code := fixture.beyond("glue-update-dev-endpoint", "everything")

test_policy_that_aws_prescribes_for_its_service_warns_about_what_nobody_sees if {
	_prescribed(_glue, "glue.amazonaws.com", _endpoint, [_code]) == {["r", "medium", "possible"]}
	_prescribed(_glue, "lambda.amazonaws.com", _endpoint, [_code]) == {["r", "high", "possible"]}
	_prescribed("aws_iam_policy.own", "glue.amazonaws.com", _endpoint, [_code]) == {["r", "high", "possible"]}
}

test_prescribed_policy_weighs_a_little_less_whatever_it_could_do if {
	passing := [fixture.beyond("lambda-create-invoke", "everything")]
	_prescribed(_emr, "elasticmapreduce.amazonaws.com", fixture.new_code, passing) == {["r", "medium", "possible"]}
	_prescribed(_emr, "lambda.amazonaws.com", fixture.new_code, passing) == {["r", "critical", "possible"]}
	snapshots := ["ec2:CreateSnapshot", "ec2:CreateVolume"]
	copying := [fixture.beyond("ec2-snapshot-copy", "everything")]
	_prescribed(_ebs, "pods.eks.amazonaws.com", snapshots, copying) == {["r", "low", "possible"]}
	_prescribed(_ebs, "lambda.amazonaws.com", snapshots, copying) == {["r", "medium", "possible"]}
}

test_prescribed_policy_denies_over_an_administrator_in_view if {
	sure := envelope.gain({"technique": "glue-update-dev-endpoint", "steps": 1})
	_prescribed(_glue, "glue.amazonaws.com", _endpoint, [sure]) == {["r", "critical", "proven"]}
	slight := envelope.gain({"technique": "glue-update-dev-endpoint", "target": "t", "gains": "data"})
	_prescribed(_glue, "glue.amazonaws.com", _endpoint, [_code, slight]) == {["r", "high", "possible"]}
}

test_prescribed_policy_beside_one_of_its_own_denies if {
	grants := {"glue:UpdateDevEndpoint": ["g"], "lambda:UpdateFunctionCode": ["h"]}
	model := envelope.of({
		"identities": {"r": envelope.identity({"grants": grants})},
		"grants": {"g": envelope.grant({"source": envelope.from(_glue)}), "h": envelope.grant({})},
		"trust": {"r": [envelope.edge({"kind": "service", "value": "glue.amazonaws.com"}, {})]},
		"graph": envelope.gaining({"r": [_code, fixture.beyond("lambda-update-code", "everything")]}),
	})
	fixture.judged(model) == {["r", "high", "possible"]}
}
