package gate.rules.escalation.privilege_escalation_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.escalation.privilege_escalation.fixture_test as fixture

# What the rule says: its wording is compared here and nowhere else.
_in_two_steps(what) := sprintf(
	concat("", [
		"r could grant itself %s in 2 steps: ",
		"become maker through lambda-create-invoke, then become maker through iam-put-role-policy.",
	]),
	[what],
)

_maker := {"maker": [envelope.gain({"technique": "iam-put-role-policy", "target": "maker", "gains": "anything"})]}

_over(steps, end, by_holder) := fixture.model(fixture.new_code, by_holder, {
	"identities": {"maker": envelope.identity({
		"kind": "group", "members": ["r"], "grants": {"iam:PutRolePolicy": ["g"]},
	})},
	"graph": object.union(envelope.gaining(by_holder), {"chains": {"r": envelope.chain(steps, end)}}),
})

_run := envelope.step("r", "lambda-create-invoke", "maker")

test_shortest_chain_over_others_is_one_finding if {
	fixture.found(_over([_run], "maker", _maker)) == {object.union(fixture.finding, {
		"facts": {"lambda-create-invoke -> maker -> iam-put-role-policy -> maker (critical)"},
		"message": _in_two_steps("any permission"),
		"path": [
			{"from": "r", "via": "lambda-create-invoke", "actions": fixture.new_code, "to": "maker"},
			{"from": "maker", "via": "iam-put-role-policy", "actions": ["iam:PutRolePolicy"], "to": "maker"},
		],
	})}
}

test_chain_to_less_than_an_escalation_is_silent if {
	fixture.found(_over([_run], "maker", {"maker": [envelope.gain({"gains": "data"})]})) == set()
}

test_chain_is_told_where_it_leads_to_more_than_the_own_gains if {
	every own in [fixture.beyond("lambda-create-invoke", "pattern"), envelope.gain({"gains": "conditional"})] {
		found := fixture.found(_over([_run], "maker", object.union({"r": [own]}, _maker)))
		{[f.severity, f.confidence, count(f.path)] | some f in found} == {["critical", "proven", 2]}
	}
}

test_own_gains_that_are_as_bad_are_told_instead if {
	own := {"r": [envelope.gain({})]}
	fixture.found(_over([_run], "maker", object.union(own, _maker))) == {fixture.finding}
	surer := {
		"r": [envelope.gain({"gains": "conditional"})],
		"maker": [fixture.beyond("lambda-update-code", "everything")],
	}
	{count(f.path) | some f in fixture.found(_over([_run], "maker", surer))} == {1}
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
	{[f.message, [step.to | some step in f.path]] | some f in fixture.found(_over(steps, "r", own))} == {[
		concat("", [
			"r could gain administrator access through b in 4 steps: become maker through lambda-create-invoke, ",
			"then change the permissions of b through iam-put-role-policy, ",
			"then remove the guardrails of b through iam-delete-role-boundary, then become b through sts-assume-role.",
		]),
		["maker", "b", "b", "b"],
	]}
}

test_chain_that_ends_in_a_state_of_another_goes_on_from_that_one if {
	steps := [object.union(envelope.step("r", "iam-put-role-policy", "b"), {"kind": "writes"})]
	model := fixture.model(["iam:PutRolePolicy"], {}, {
		"identities": {"b": envelope.identity({})},
		"graph": object.union(
			envelope.gaining({"b (rewritten)": [envelope.gain({})]}),
			{"chains": {"r": envelope.chain(steps, "b (rewritten)")}},
		),
	})
	{[f.severity, f.message, f.path] | some f in fixture.found(model)} == {[
		"critical",
		concat("", [
			"r could gain administrator access through admin in 2 steps: ",
			"change the permissions of b through iam-put-role-policy, ",
			"then become admin through lambda-create-invoke.",
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
	model := fixture.model(["sts:AssumeRole"], {}, {
		"identities": {account: envelope.identity({"platform": "kubernetes", "kind": "service_account"})},
		"graph": object.union(
			envelope.gaining({account: [envelope.gain({"technique": "federation", "steps": 1})]}),
			{"chains": {"r": envelope.chain(steps, account)}},
		),
	})
	fixture.messages(model) == {concat("", [
		"r could gain administrator access through admin in 2 steps: ",
		"become k8s:ServiceAccount/ci/runner through sts-assume-role, then become admin through federation.",
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
	fixture.messages(bounded) == {_in_two_steps("everything that aws_iam_policy.boundary allows")}
}

test_long_chain_counts_the_steps_that_are_not_shown if {
	long := object.union(envelope.chain([_run], "maker"), {"length": 70})
	model := object.union(_over([_run], "maker", _maker), {"access": {"graph": {"chains": {"r": long}}}})
	{contains(message, " in 71 steps: ") | some message in fixture.messages(model)} == {true}
}

test_chain_that_begins_with_a_trust_policy_shows_that if {
	steps := [envelope.step("r", "sts-assume-role", "admin")]
	entered := fixture.model([], {}, object.union(fixture.entering, {"graph": object.union(
		envelope.gaining({"admin": [fixture.beyond("lambda-create-invoke", "everything")]}),
		{"chains": {"r": envelope.chain(steps, "admin")}, "entries": {"r": ["admin"]}},
	)}))
	{[f.address, f.severity, f.confidence, f.remediation] | some f in fixture.found(entered)} == {[
		"aws_iam_role.admin", "critical", "possible",
		"Remove the identity from the trust policy of admin, or reduce the permissions of that role.",
	]}
}

test_chain_of_a_role_that_runs_nobodys_code_warns_at_most if {
	trust := {"trust": {"r": [envelope.edge({"kind": "service", "value": "cloudtrail.amazonaws.com"}, {})]}}
	fixture.judged(object.union(_over([_run], "maker", _maker), {"access": trust})) == {["r", "medium", "proven"]}
}
