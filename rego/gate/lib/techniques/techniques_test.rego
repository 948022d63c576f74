package gate.lib.techniques_test

import data.gate.lib.envelope_test as envelope
import data.gate.lib.techniques

_model := envelope.of({"graph": {"closed": {"tagged": ["iam-update-assume-role-policy"]}}})

test_actions_are_those_required_and_the_alternatives_that_are_held if {
	held := {action: ["g"] | some action in ["s3:GetObject", "lambda:InvokeFunction", "lambda:UpdateFunctionCode"]}
	techniques.actions("lambda-update-code-invoke", held) == ["lambda:UpdateFunctionCode", "lambda:InvokeFunction"]
}

test_technique_of_no_action_uses_none if {
	techniques.actions("federation", {"sts:AssumeRole": ["g"]}) == []
}

test_resources_of_the_aimed_action_alone_say_what_is_reached if {
	grants := {"iam:PassRole": ["p"], "lambda:CreateFunction": ["c"], "lambda:InvokeFunction": ["i"]}
	techniques.aimed("lambda-create-invoke", grants) == {"p"} with input as _model
}

test_grant_that_a_condition_closes_is_not_used_beside_an_open_one if {
	name := "iam-update-assume-role-policy"
	techniques.usable(name, {name: ["tagged", "free"]}, name) == {"free"} with input as _model
	techniques.usable("other", {name: ["tagged", "free"]}, name) == {"tagged", "free"} with input as _model
}

# Its holder can change the tags: the model states it as open.
test_closed_grants_are_used_where_there_is_no_other if {
	name := "iam-update-assume-role-policy"
	techniques.usable(name, {name: ["tagged"]}, name) == {"tagged"} with input as _model
}
