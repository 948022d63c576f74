package gate.lib.remediation_test

import data.gate.lib.envelope_test as envelope
import data.gate.lib.remediation

_passing(grant) := envelope.of({
	"identities": {"r": envelope.identity({}), "vault": envelope.identity({"kind": "role"})},
	"grants": {"g": envelope.grant(grant)},
	"trust": {"vault": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})]},
})

_far := "arn:aws:iam::111122223333:role/far"

_hit := {"name": "lambda-create-invoke", "target": "vault"}

_pass_grants := {"iam:PassRole": ["g"], "lambda:CreateFunction": ["g"], "lambda:InvokeFunction": ["g"]}

_role := envelope.named("arn:aws:iam::111122223333:role/vault", ["vault"])

test_wildcard_is_to_be_replaced_by_names if {
	found := remediation.escalation("r", _hit, _pass_grants) with input as _passing({})
	found == "Limit iam:PassRole to the resources that this identity works on, or remove it."
}

test_named_role_is_to_be_taken_out_or_passed_to_another_service if {
	found := remediation.escalation("r", _hit, _pass_grants) with input as _passing(_role)
	found == concat(" ", [
		"Remove vault from the resources of iam:PassRole, or allow only services other than",
		"lambda.amazonaws.com with the condition iam:PassedToService.",
	])
}

test_condition_that_names_the_service_is_to_be_changed if {
	condition := envelope.when("StringEquals", "iam:PassedToService", ["lambda.amazonaws.com"])
	found := remediation.escalation("r", _hit, _pass_grants) with input as _passing(object.union(_role, {"conditions": [
		condition,
	]}))
	found == concat(" ", [
		"Remove vault from the resources of iam:PassRole, or remove lambda.amazonaws.com from its",
		"condition iam:PassedToService.",
	])
}

test_role_outside_the_view_names_the_services_of_the_path if {
	outside := {"name": "lambda-create-invoke", "target": _far}
	found := remediation.escalation("r", outside, _pass_grants) with input as _passing(envelope.named(_far, []))
	found == concat(" ", [
		"Remove arn:aws:iam::111122223333:role/far from the resources of iam:PassRole, or allow only",
		"services other than lambda.amazonaws.com with the condition iam:PassedToService.",
	])
}

_on(action, name, target) := found if {
	found := remediation.escalation("r", {"name": name, "target": target}, {
		action: ["g"],
	}) with input as _passing(envelope.named("arn", [target]))
}

test_role_that_nobody_has_shown_is_to_be_looked_at if {
	outside := {"name": "lambda-create-invoke", "target": _far, "confidence": "unverified"}
	found := remediation.escalation("r", outside, _pass_grants) with input as _passing(envelope.named(_far, []))
	found == concat(" ", [
		"Check the permissions of arn:aws:iam::111122223333:role/far; if this identity should not",
		"have them, remove it from the resources of iam:PassRole.",
	])
}

test_own_policy_is_not_to_be_written if {
	_on(
		"iam:PutRolePolicy",
		"iam-put-role-policy",
		"r",
	) == "Remove iam:PutRolePolicy, or exclude the identity itself from its resources."
}

test_named_role_is_to_be_left_alone_or_narrowed if {
	_on("sts:AssumeRole", "sts-assume-role", "vault") == "Remove sts:AssumeRole, or reduce the permissions of vault."
}

test_what_is_no_identity_is_to_be_taken_out if {
	_on(
		"iam:CreatePolicyVersion",
		"iam-create-policy-version",
		"aws_iam_policy.p",
	) == "Remove aws_iam_policy.p from the resources of iam:CreatePolicyVersion."
}

test_trust_policy_that_names_the_identity_is_enough if {
	entries := {"graph": {"entries": {"r": ["vault"]}}}
	entering := object.union(_passing(envelope.named("arn", ["vault"])), {"access": entries})
	hit := {"name": "sts-assume-role", "target": "vault"}
	found := remediation.escalation("r", hit, {"sts:AssumeRole": ["g"]}) with input as entering
	found == "Remove the identity from the trust policy of vault, or reduce the permissions of that role."
}

test_rights_of_others_are_not_to_be_taken_from_the_identity if {
	written := {"name": "iam-put-role-policy", "target": "vault"}
	found := remediation.escalation("r", written, {}) with input as _passing(_role)
	found == "Reduce the permissions of vault, or remove what lets this identity become someone who can change it."
}
