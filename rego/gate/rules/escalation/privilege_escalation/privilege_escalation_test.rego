package gate.rules.escalation.privilege_escalation_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.escalation.privilege_escalation as rule

_at := {"file": "main.tf", "line": 3, "end_line": 9}

_evidence(action) := {
	"address": "aws_iam_policy.p", "statement": "0", "action": action, "resource": "*", "location": _at,
}

_new_code := ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]

_holding(actions) := {"grants": {action: ["g"] | some action in actions}}

# An identity `r` that holds actions by one grant `g` on everything, beside others; what they gain, by holder.
_model(actions, by_holder, parts) := envelope.of(object.union(
	{
		"identities": {"r": envelope.identity(_holding(actions)), "admin": envelope.identity({"all_access": "unconditional"})},
		"grants": {"g": envelope.grant({})},
		"graph": envelope.gaining(by_holder),
	},
	parts,
))

_found(model) := found if {
	found := rule.findings with input as model
}

_judged(model) := {[f.identity, f.severity, f.confidence] | some f in _found(model)}

_messages(model) := {f.message | some f in _found(model)}

_finding := {
	"address": "aws_iam_policy.p",
	"confidence": "proven",
	"evidence": [_evidence(action) | some action in _new_code],
	"facts": {"lambda-create-invoke -> admin (critical)"},
	"frameworks": ["OWASP-NHI:NHI5", "MITRE-ATTACK:T1098", "NIST-800-53:AC-6"],
	"identity": "r",
	"location": _at,
	"message": concat("", [
		"r could obtain administrator access through admin with iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction ",
		"(path lambda-create-invoke).",
	]),
	"path": [{"from": "r", "via": "lambda-create-invoke", "actions": _new_code, "to": "admin"}],
	"remediation": "Limit iam:PassRole to the named resources that this identity works on, or take it away.",
	"rule": "privilege-escalation",
	"severity": "critical",
	"title": "Privilege escalation",
}

test_technique_that_reaches_an_administrator_denies if {
	_found(_model(_new_code, {"r": [envelope.gain({})]}, {})) == {_finding}
}

test_who_gains_nothing_is_silent if {
	_found(_model(_new_code, {}, {})) == set()
}

test_each_gain_is_said_in_its_own_words if {
	words := {
		"administrator": "obtain administrator access through t",
		"conditional": "obtain administrator access, under conditions, through t",
		"anything": "give itself any access",
		"secrets": "obtain the secrets that t reads",
		"data": "obtain the data that t reaches",
		"rights": "write what t may do",
		"named": "obtain what t holds, which this change does not show,",
	}
	every gained, text in words {
		gain := envelope.gain({"technique": "iam-create-access-key", "target": "t", "gains": gained})
		_messages(_model(["iam:CreateAccessKey"], {"r": [gain]}, {})) == {sprintf(
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
	model := _model(["sts:AssumeRole"], {"r": [gain]}, {"grants": {"g": envelope.grant(envelope.named(role, []))}})
	{[f.severity, f.confidence, f.message, f.remediation] | some f in _found(model)} == {[
		"high", "unverified",
		concat("", [
			"r could obtain what arn:aws:iam::444455556666:role/OrganizationAccountAccessRole holds, which this change does not ",
			"show, with sts:AssumeRole (path org-access-role).",
		]),
		concat("", [
			"See what arn:aws:iam::444455556666:role/OrganizationAccountAccessRole holds; if that is more than this identity is ",
			"meant to have, take it out of the resources of sts:AssumeRole.",
		]),
	]}
}

# technique → [its action, what it comes to where nobody can list its targets]
_over_any := {
	"apprunner-update": ["apprunner:UpdateService", "take over what already runs in the account, with its role"],
	"iam-create-access-key": ["iam:CreateAccessKey", "take over any user"],
	"iam-update-assume-role-policy": ["iam:UpdateAssumeRolePolicy", "let itself into any role"],
	"iam-add-user-to-group": ["iam:AddUserToGroup", "join any group"],
	"iam-put-role-policy": ["iam:PutRolePolicy", "write the policies of any identity"],
	"iam-put-group-policy": ["iam:PutGroupPolicy", "write the policies of any group"],
	"iam-create-policy-version": ["iam:CreatePolicyVersion", "write any policy of the account"],
	"iam-create-role-and-grant": ["iam:CreateRole", "make an identity with any access"],
	"iam-update-saml-provider": ["iam:UpdateSAMLProvider", "obtain access that nobody gave it"],
}

_beyond(technique, gained) := envelope.gain({
	"technique": technique, "target": null, "confidence": "possible", "gains": gained,
})

test_what_nobody_can_list_is_said_by_what_the_technique_does if {
	every technique, told in _over_any {
		every gained in ["everything", "pattern", "visible_pattern"] {
			_messages(_model([told[0]], {"r": [_beyond(technique, gained)]}, {})) == {sprintf(
				"r could %s, with %s (path %s).",
				[told[1], told[0], technique],
			)}
		}
	}
}

test_pattern_denies_where_nothing_of_it_is_in_view_and_warns_where_something_is if {
	pattern := {gained: _judged(_model(_new_code, {"r": [_beyond("lambda-create-invoke", gained)]}, {})) |
		some gained in ["pattern", "visible_pattern"]
	}
	pattern == {"pattern": {["r", "high", "possible"]}, "visible_pattern": {["r", "medium", "possible"]}}
}

test_other_techniques_are_counted_and_the_worst_is_told if {
	others := [_beyond("lambda-create-invoke", "pattern"), _beyond("iam-create-role-and-grant", "pattern")]
	worst := envelope.gain({"technique": "iam-create-access-key", "target": "admin", "steps": 1})
	counted := {n: _messages(_model(["iam:CreateAccessKey"], {"r": array.concat([worst], array.slice(others, 0, n))}, {})) |
		some n in [1, 2]
	}
	told := "r could obtain administrator access through admin with iam:CreateAccessKey (path iam-create-access-key)%s."
	counted == {
		1: {sprintf(told, [", and by 1 other path"])},
		2: {sprintf(told, [", and by 2 other paths"])},
	}
}

# Inside a ceiling that opens nothing.
_rewriting(boundary) := {[f.severity, f.message] | some f in _found(model)} if {
	gain := envelope.gain({
		"technique": "iam-put-role-policy", "target": "r", "gains": "ceiling", "state": "r (rewritten)", "steps": 1,
	})
	model := object.union(
		_model(["iam:PutRolePolicy"], {"r": [gain]}, {}),
		{"access": {"identities": {"r": {"boundary": boundary}}}},
	)
}

test_who_rewrites_itself_inside_a_ceiling_gains_what_that_allows if {
	_rewriting("aws_iam_policy.boundary") == {[
		"low", "r could give itself all that aws_iam_policy.boundary allows with iam:PutRolePolicy (path iam-put-role-policy).",
	]}
	_rewriting(null) == {[
		"low", "r could give itself all that its organization allows with iam:PutRolePolicy (path iam-put-role-policy).",
	]}
}

_entering := {
	"trust": {"admin": [
		envelope.edge({"kind": "role", "value": "other", "identity": "other"}, {"source": envelope.from("aws_iam_role.other")}),
		envelope.edge({"kind": "role", "value": "r", "identity": "r"}, {"source": envelope.from("aws_iam_role.admin")}),
	]},
	"graph": {"entries": {"r": ["admin"]}},
}

_assume := envelope.gain({"technique": "sts-assume-role", "steps": 1})

test_trust_policy_that_names_the_identity_is_the_evidence if {
	_found(object.union(_model([], {"r": [_assume]}, {}), {"access": _entering})) == {object.union(_finding, {
		"address": "aws_iam_role.admin",
		"evidence": [{
			"address": "aws_iam_role.admin", "statement": "0", "location": _at, "action": "sts:AssumeRole", "resource": "admin",
		}],
		"facts": {"sts-assume-role -> admin (critical)"},
		"message": "r could obtain administrator access through admin with its trust policy (path sts-assume-role).",
		"path": [{"from": "r", "via": "sts-assume-role", "actions": [], "to": "admin"}],
		"remediation": "Take the identity out of the trust policy of admin, or narrow what that role may do.",
	})}
}

test_right_that_others_hold_is_shown_at_the_identity_itself if {
	gain := envelope.gain({"technique": "iam-put-role-policy", "target": "b", "steps": 2})
	shown := {"statement": null, "action": "iam-put-role-policy", "resource": "b"}
	written := object.union({"address": "aws_iam_role.app", "location": _at}, shown)
	model := _model([], {"r": [gain]}, {})
	expected := object.union(_finding, {
		"address": "aws_iam_role.app",
		"evidence": [written],
		"facts": {"iam-put-role-policy -> b (critical)"},
		"message": "r could obtain administrator access through b with the rights of others (path iam-put-role-policy).",
		"path": [{"from": "r", "via": "iam-put-role-policy", "actions": [], "to": "b"}],
		"remediation": "Narrow what b may do, or what lets this identity become whoever changes it.",
	})
	_found(model) == {expected}
	outside := object.union(model, {"access": {"identities": {"r": {"source": null}}}})
	_found(outside) == {object.union(expected, {
		"address": "r", "evidence": [object.union({"address": "r", "location": null}, shown)], "location": null,
	})}
}

test_statement_that_a_condition_closes_is_no_evidence if {
	closed := envelope.grant({"source": envelope.from("aws_iam_policy.closed")})
	model := envelope.of({
		"identities": {"r": envelope.identity({"grants": {"iam:CreateAccessKey": ["a", "g"]}})},
		"grants": {"a": closed, "g": envelope.grant({})},
		"graph": object.union(
			envelope.gaining({"r": [envelope.gain({"technique": "iam-create-access-key"})]}),
			{"closed": {"a": ["iam-create-access-key"]}},
		),
	})
	{[f.address, f.evidence] | some f in _found(model)} == {["aws_iam_policy.p", [_evidence("iam:CreateAccessKey")]]}
}

test_administrators_groups_with_members_and_other_platforms_are_judged_elsewhere if {
	every parts in [
		{"all_access": "unconditional"}, {"all_access": "conditional"}, {"kind": "group", "members": ["admin"]},
		{"platform": "kubernetes"},
	] {
		_found(object.union(_model(_new_code, {"r": [envelope.gain({})]}, {}), {"access": {"identities": {"r": parts}}})) == set()
	}
}

test_group_without_members_in_view_speaks_for_itself if {
	group := {"identities": {"r": {"kind": "group", "members": ["u"]}}}
	_judged(object.union(_model(_new_code, {"r": [envelope.gain({})]}, {}), {"access": group})) == {["r", "critical", "proven"]}
}

test_role_that_runs_nobodys_code_warns_at_most if {
	trust := {"trust": {"r": [envelope.edge({"kind": "service", "value": "cloudtrail.amazonaws.com"}, {})]}}
	_judged(_model(_new_code, {"r": [envelope.gain({})]}, trust)) == {["r", "medium", "proven"]}
}

_glue := "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"

_ebs := "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"

# A role with a policy of AWS that one service assumes.
_prescribed(policy, service, gains) := _judged(_model(["glue:UpdateDevEndpoint"], {"r": gains}, {
	"grants": {"g": envelope.grant({"source": envelope.from(policy)})},
	"trust": {"r": [envelope.edge({"kind": "service", "value": service}, {})]},
}))

_code := _beyond("glue-update-dev-endpoint", "everything")

test_policy_that_aws_prescribes_for_its_service_warns_about_what_nobody_sees if {
	_prescribed(_glue, "glue.amazonaws.com", [_code]) == {["r", "medium", "possible"]}
	_prescribed(_glue, "lambda.amazonaws.com", [_code]) == {["r", "high", "possible"]}
	_prescribed("aws_iam_policy.own", "glue.amazonaws.com", [_code]) == {["r", "high", "possible"]}
}

test_prescribed_policy_with_a_small_gain_weighs_still_less if {
	_copies("pods.eks.amazonaws.com") == {["r", "low", "possible"]}
	_copies("lambda.amazonaws.com") == {["r", "medium", "possible"]}
}

_copies(service) := _judged(_model(
	["ec2:CreateSnapshot", "ec2:CreateVolume"],
	{"r": [_beyond("ec2-snapshot-copy", "everything")]},
	{
		"grants": {"g": envelope.grant({"source": envelope.from(_ebs)})},
		"trust": {"r": [envelope.edge({"kind": "service", "value": service}, {})]},
	},
))

test_prescribed_policy_denies_over_an_administrator_in_view if {
	sure := envelope.gain({"technique": "glue-update-dev-endpoint", "steps": 1})
	_prescribed(_glue, "glue.amazonaws.com", [sure]) == {["r", "critical", "proven"]}
	slight := envelope.gain({"technique": "glue-update-dev-endpoint", "target": "t", "gains": "data"})
	_prescribed(_glue, "glue.amazonaws.com", [_code, slight]) == {["r", "high", "possible"]}
}

test_prescribed_policy_beside_one_of_its_own_denies if {
	model := envelope.of({
		"identities": {"r": envelope.identity({"grants": {"glue:UpdateDevEndpoint": ["g"], "lambda:UpdateFunctionCode": ["h"]}})},
		"grants": {"g": envelope.grant({"source": envelope.from(_glue)}), "h": envelope.grant({})},
		"trust": {"r": [envelope.edge({"kind": "service", "value": "glue.amazonaws.com"}, {})]},
		"graph": envelope.gaining({"r": [_code, _beyond("lambda-update-code", "everything")]}),
	})
	_judged(model) == {["r", "high", "possible"]}
}

# --- over others

_maker := {"maker": [envelope.gain({"technique": "iam-put-role-policy", "target": "maker", "gains": "anything"})]}

_over(steps, end, by_holder) := _model(_new_code, by_holder, {
	"identities": {"maker": envelope.identity({"kind": "group", "members": ["r"], "grants": {"iam:PutRolePolicy": ["g"]}})},
	"graph": object.union(envelope.gaining(by_holder), {"chains": {"r": envelope.chain(steps, end)}}),
})

_run := envelope.step("r", "lambda-create-invoke", "maker")

test_shortest_chain_over_others_is_one_finding if {
	_found(_over([_run], "maker", _maker)) == {object.union(_finding, {
		"facts": {"lambda-create-invoke -> maker -> iam-put-role-policy -> maker (critical)"},
		"message": concat("", [
			"r could give itself any access in 2 steps: become maker by lambda-create-invoke, ",
			"then become maker by iam-put-role-policy.",
		]),
		"path": [
			{"from": "r", "via": "lambda-create-invoke", "actions": _new_code, "to": "maker"},
			{"from": "maker", "via": "iam-put-role-policy", "actions": ["iam:PutRolePolicy"], "to": "maker"},
		],
	})}
}

test_chain_to_less_than_an_escalation_is_silent if {
	_found(_over([_run], "maker", {"maker": [envelope.gain({"gains": "data"})]})) == set()
}

test_chain_is_told_where_it_leads_to_more_than_the_own_gains if {
	own := {"r": [_beyond("lambda-create-invoke", "pattern")]}
	{[f.severity, f.confidence, count(f.path)] | some f in _found(_over([_run], "maker", object.union(own, _maker)))} == {[
		"critical", "proven", 2,
	]}
}

test_own_gains_that_are_as_bad_are_told_instead if {
	own := {"r": [envelope.gain({})]}
	_found(_over([_run], "maker", object.union(own, _maker))) == {_finding}
	surer := {"r": [envelope.gain({"gains": "conditional"})], "maker": [_beyond("lambda-update-code", "everything")]}
	{count(f.path) | some f in _found(_over([_run], "maker", surer))} == {1}
}

# By the rights of somebody else it writes what a third one may do, whom it can become.
test_chain_by_the_rights_of_others_ends_where_they_do if {
	steps := [
		_run,
		object.union(envelope.step("maker", "iam-put-role-policy", "b"), {"kind": "writes"}),
		object.union(envelope.step("maker", "iam-delete-role-boundary", "b"), {"kind": "lifts"}),
		envelope.step("r", "sts-assume-role", "b"),
	]
	own := {"r": [envelope.gain({"technique": "iam-put-role-policy", "target": "b", "steps": 2})]}
	{[f.message, [step.to | some step in f.path]] | some f in _found(_over(steps, "r", own))} == {[
		concat("", [
			"r could obtain administrator access through b in 4 steps: become maker by lambda-create-invoke, ",
			"then rewrite what b may do by iam-put-role-policy, ",
			"then take away what holds b back by iam-delete-role-boundary, then become b by sts-assume-role.",
		]),
		["maker", "b", "b", "b"],
	]}
}

test_chain_that_ends_in_a_state_of_another_goes_on_from_that_one if {
	steps := [object.union(envelope.step("r", "iam-put-role-policy", "b"), {"kind": "writes"})]
	model := _model(["iam:PutRolePolicy"], {}, {
		"identities": {"b": envelope.identity({})},
		"graph": object.union(
			envelope.gaining({"b (rewritten)": [envelope.gain({})]}),
			{"chains": {"r": envelope.chain(steps, "b (rewritten)")}},
		),
	})
	{[f.severity, f.message, f.path] | some f in _found(model)} == {[
		"critical",
		concat("", [
			"r could obtain administrator access through admin in 2 steps: rewrite what b may do by iam-put-role-policy, ",
			"then become admin by lambda-create-invoke.",
		]),
		[
			{"from": "r", "via": "iam-put-role-policy", "actions": ["iam:PutRolePolicy"], "to": "b"},
			{"from": "b", "via": "lambda-create-invoke", "actions": [], "to": "admin"},
		],
	]}
}

# A service account on the way gains by what lets it in.
test_chain_that_ends_at_another_platform_is_told if {
	account := "k8s:ServiceAccount/ci/runner"
	steps := [envelope.step("r", "sts-assume-role", account)]
	model := _model(["sts:AssumeRole"], {}, {
		"identities": {account: envelope.identity({"platform": "kubernetes", "kind": "service_account"})},
		"graph": object.union(
			envelope.gaining({account: [envelope.gain({"technique": "federation", "steps": 1})]}),
			{"chains": {"r": envelope.chain(steps, account)}},
		),
	})
	_messages(model) == {concat("", [
		"r could obtain administrator access through admin in 2 steps: ",
		"become k8s:ServiceAccount/ci/runner by sts-assume-role, then become admin by federation.",
	])}
}

test_ceiling_at_the_end_of_a_chain_is_that_of_the_end if {
	own := envelope.gain({
		"technique": "iam-put-role-policy", "target": "maker", "gains": "ceiling", "state": "maker (rewritten)", "steps": 1,
	})
	bounded := object.union(
		_over([_run], "maker", {"maker": [own], "maker (rewritten)": [envelope.gain({})]}),
		{"access": {"identities": {"maker": {"boundary": "aws_iam_policy.boundary"}}}},
	)
	_messages(bounded) == {concat("", [
		"r could give itself all that aws_iam_policy.boundary allows in 2 steps: ",
		"become maker by lambda-create-invoke, then become maker by iam-put-role-policy.",
	])}
}

test_long_chain_counts_the_steps_that_are_not_shown if {
	long := object.union(envelope.chain([_run], "maker"), {"length": 70})
	model := object.union(_over([_run], "maker", _maker), {"access": {"graph": {"chains": {"r": long}}}})
	{contains(message, " in 71 steps: ") | some message in _messages(model)} == {true}
}

test_chain_that_begins_with_a_trust_policy_shows_that if {
	steps := [envelope.step("r", "sts-assume-role", "admin")]
	entered := _model([], {}, object.union(_entering, {"graph": object.union(
		envelope.gaining({"admin": [_beyond("lambda-create-invoke", "everything")]}),
		{"chains": {"r": envelope.chain(steps, "admin")}, "entries": {"r": ["admin"]}},
	)}))
	{[f.address, f.severity, f.confidence, f.remediation] | some f in _found(entered)} == {[
		"aws_iam_role.admin", "critical", "possible",
		"Take the identity out of the trust policy of admin, or narrow what that role may do.",
	]}
}

test_chain_of_a_role_that_runs_nobodys_code_warns_at_most if {
	trust := {"trust": {"r": [envelope.edge({"kind": "service", "value": "cloudtrail.amazonaws.com"}, {})]}}
	_judged(object.union(_over([_run], "maker", _maker), {"access": trust})) == {["r", "medium", "proven"]}
}
