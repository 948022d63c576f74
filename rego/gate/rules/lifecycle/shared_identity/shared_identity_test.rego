package gate.rules.lifecycle.shared_identity_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.lifecycle.shared_identity as rule

# What the rule says: its wording is compared here and nowhere else.
_sentence := "aws_lambda_function.f and aws_lambda_function.g share the identity r."

test_two_workloads_of_one_identity_warn if {
	rule.findings == {{
		"address": "aws_iam_role.app",
		"confidence": "proven",
		"evidence": [
			{"address": "aws_lambda_function.f", "location": {"end_line": 9, "file": "main.tf", "line": 3}, "statement": null},
			{"address": "aws_lambda_function.f", "location": {"end_line": 9, "file": "main.tf", "line": 3}, "statement": null},
		],
		"facts": {"runs aws_lambda_function.f", "runs aws_lambda_function.g"},
		"frameworks": ["OWASP-NHI:NHI9", "NIST-800-53:IA-2"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": _sentence,
		"path": [],
		"remediation": "Give each workload an identity of its own with the permissions that this workload needs.",
		"rule": "shared-identity",
		"severity": "medium",
		"title": "Identity shared by workloads",
	}} with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"s3:GetObject": ["g"]}})},
		"workloads": {"aws_lambda_function.f": envelope.workload({}), "aws_lambda_function.g": envelope.workload({})},
	})
}

test_identity_without_a_place_is_found_at_a_workload if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"s3:GetObject": ["g"]}, "source": null})},
		"workloads": {"aws_lambda_function.f": envelope.workload({}), "aws_lambda_function.g": envelope.workload({})},
	})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"medium", "proven", _sentence,
	]}
}

test_copies_of_one_workload_are_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"s3:GetObject": ["g"]}})},
		"workloads": {id: envelope.workload({"declared": "aws_instance.w"}) |
			some id in ["aws_instance.w[0]", "aws_instance.w[1]"]
		},
	})
}

test_identity_without_access_is_silent if {
	rule.findings == set() with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {}})},
		"workloads": {"aws_lambda_function.f": envelope.workload({}), "aws_lambda_function.g": envelope.workload({})},
	})
}

test_store_that_acts_for_its_workload_shares_nothing if {
	rule.findings == set() with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"s3:GetObject": ["g"]}})},
		"workloads": {
			"k8s:Pod/shop/web": envelope.workload({"kind": "Pod"}),
			"k8s:SecretStore/shop/aws": envelope.workload({"kind": "SecretStore"}),
		},
	})
}
