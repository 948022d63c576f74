package gate.rules.access.effect_of_apply_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.access.effect_of_apply as rule

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
		"message": "Applying terraform_data.x runs a local-exec provisioner with the credentials of whoever applies.",
		"path": [],
		"remediation": "Make what it does a resource that a plan shows, or let somebody review it and waive the finding.",
		"rule": "effect-of-apply",
		"severity": "medium",
		"title": "What the apply does by itself",
	}} with input as envelope.of({"effects": [_effect({})]})
}

test_what_it_runs_or_calls_is_said_and_weighed if {
	admin := {"r": object.union(envelope.identity({}), {"all_access": "unconditional"})}
	_said({"kind": "external-program", "what": "external"}, {}) == {[
		"medium", "Applying terraform_data.x runs a program with the credentials of whoever applies.",
	]}
	_said({"kind": "command", "what": "AWS-RunShellScript"}, {}) == {[
		"medium", "Applying terraform_data.x runs AWS-RunShellScript on machines.",
	]}
	_said({"kind": "invocation", "what": "aws_lambda_function.f", "runs_as": ["r"]}, {"r": envelope.identity({})}) == {[
		"medium", "Applying terraform_data.x invokes aws_lambda_function.f as r.",
	]}
	_said({"kind": "invocation", "what": "aws_lambda_function.f", "runs_as": ["r"]}, admin) == {[
		"high", "Applying terraform_data.x invokes aws_lambda_function.f as r.",
	]}
	_said({"kind": "api-call", "what": "s3:PutObject", "actions": ["s3:PutObject"]}, {}) == {[
		"medium", "Applying terraform_data.x sets up calls of s3:PutObject.",
	]}
	_said({"kind": "api-call", "what": "iam:AttachRolePolicy", "actions": ["iam:AttachRolePolicy"]}, {}) == {[
		"high", "Applying terraform_data.x sets up calls of iam:AttachRolePolicy.",
	]}
	_said({"kind": "guardrail", "what": "p", "actions": ["iam:CreateUser"]}, {}) == {[
		"high", "Applying terraform_data.x takes away a limit of the organization and allows iam:CreateUser again.",
	]}
}

test_what_does_not_change_is_silent if {
	_said({"change": "none"}, {}) == set()
}
