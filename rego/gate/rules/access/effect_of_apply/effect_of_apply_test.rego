package gate.rules.access.effect_of_apply_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.access.effect_of_apply as rule

# What the rule says: its wording is compared here and nowhere else.
_says_runs(what) := sprintf("Applying terraform_data.x runs %s with the credentials of whoever runs the apply.", [what])

_says_sets_up(action) := sprintf("Applying terraform_data.x sets up calls to %s.", [action])

_says_invokes(function) := sprintf("Applying terraform_data.x invokes %s as r.", [function])

_effect(parts) := object.union(
	{
		"kind": "provisioner",
		"what": "local-exec",
		"source": envelope.from("terraform_data.x"),
		"actions": [],
		"runs_as": [],
		"change": "create",
	},
	parts,
)

_said(parts, identities) := {[f.severity, f.message] |
	some f in rule.findings with input as envelope.of({"identities": identities, "effects": [_effect(parts)]})
}

test_a_program_of_the_apply_warns if {
	rule.findings == {{
		"address": "terraform_data.x",
		"confidence": "proven",
		"evidence": [{
			"action": "provisioner",
			"address": "terraform_data.x",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "local-exec",
			"statement": "0",
		}],
		"facts": {"provisioner local-exec"},
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:CM-3", "NIST-800-53:AC-6"],
		"identity": null,
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": _says_runs("a local-exec provisioner"),
		"path": [],
		"remediation": "Declare the effect as a resource that a plan shows, or have it reviewed and waive the finding.",
		"rule": "effect-of-apply",
		"severity": "medium",
		"title": "Side effect of applying the change",
	}} with input as envelope.of({"effects": [_effect({})]})
}

test_what_it_runs_or_calls_is_said_and_weighed if {
	admin := {"r": object.union(envelope.identity({}), {"all_access": "unconditional"})}
	_said({"kind": "external-program", "what": "external"}, {}) == {[
		"medium", _says_runs("a program"),
	]}
	_said({"kind": "command", "what": "AWS-RunShellScript"}, {}) == {[
		"medium", "Applying terraform_data.x runs AWS-RunShellScript on machines.",
	]}
	_said({"kind": "invocation", "what": "aws_lambda_function.f", "runs_as": ["r"]}, {"r": envelope.identity({})}) == {[
		"medium", _says_invokes("aws_lambda_function.f"),
	]}
	_said({"kind": "invocation", "what": "aws_lambda_function.f", "runs_as": ["r"]}, admin) == {[
		"high", _says_invokes("aws_lambda_function.f"),
	]}
	_said({"kind": "api-call", "what": "s3:PutObject", "actions": ["s3:PutObject"]}, {}) == {[
		"medium", _says_sets_up("s3:PutObject"),
	]}
	_said({"kind": "api-call", "what": "iam:AttachRolePolicy", "actions": ["iam:AttachRolePolicy"]}, {}) == {[
		"high", _says_sets_up("iam:AttachRolePolicy"),
	]}
	_said({"kind": "guardrail", "what": "p", "actions": ["iam:CreateUser"]}, {}) == {[
		"high", "Applying terraform_data.x removes a limit of the organization and allows iam:CreateUser again.",
	]}
	_said({"kind": "guardrail", "what": "p-1", "actions": []}, {}) == {[
		"medium", "Applying terraform_data.x detaches p-1, a policy of the organization that is not in the input.",
	]}
}

test_what_does_not_change_is_silent if {
	_said({"change": "none"}, {}) == set()
}
