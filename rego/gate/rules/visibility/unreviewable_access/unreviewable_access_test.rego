package gate.rules.visibility.unreviewable_access_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.visibility.unreviewable_access as rule

test_document_known_after_apply_denies if {
	rule.findings == {{
		"address": "aws_iam_policy.p",
		"confidence": "unverified",
		"evidence": [{
			"address": "aws_iam_policy.p",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "aws_s3_bucket.b.arn",
			"statement": "0",
		}],
		"facts": {"policy document of aws_iam_policy.p: aws_s3_bucket.b.arn"},
		"frameworks": ["NIST-800-53:CM-4", "NIST-800-53:AC-6"],
		"identity": null,
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": concat(" ", [
			"The policy document of aws_iam_policy.p could not be read because of aws_s3_bucket.b.arn: it is",
			"known only after apply.",
		]),
		"path": [],
		"remediation": concat(" ", [
			"Give the gate the source directory (--source) so that it can evaluate the document, or write the value",
			"in a form that is known before apply.",
		]),
		"rule": "unreviewable-access",
		"severity": "high",
		"title": "Access that could not be determined",
	}} with input as envelope.of({"unknown": [object.union(
		{
			"what": "policy document",
			"reason": "it is known only after apply",
			"source": envelope.from("aws_iam_policy.p"),
			"identity": null,
			"reference": "aws_s3_bucket.b.arn",
			"remedy": null,
			"change": "create",
		},
		{},
	)]})
}

test_the_identity_and_the_remedy_are_told if {
	rule.findings == {{
		"address": "aws_iam_policy.p",
		"confidence": "unverified",
		"evidence": [{
			"address": "aws_iam_policy.p",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": null,
			"statement": "0",
		}],
		"facts": {"policy document of aws_iam_policy.p: null"},
		"frameworks": ["NIST-800-53:CM-4", "NIST-800-53:AC-6"],
		"identity": "aws_iam_role.app",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": "The policy document of aws_iam_policy.p could not be read: It is not JSON. It affects aws_iam_role.app.",
		"path": [],
		"remediation": "Mend the document.",
		"rule": "unreviewable-access",
		"severity": "high",
		"title": "Access that could not be determined",
	}} with input as envelope.of({"unknown": [object.union(
		{
			"what": "policy document",
			"reason": "it is known only after apply",
			"source": envelope.from("aws_iam_policy.p"),
			"identity": null,
			"reference": "aws_s3_bucket.b.arn",
			"remedy": null,
			"change": "create",
		},
		{"identity": "aws_iam_role.app", "reference": null, "reason": "It is not JSON.", "remedy": "Mend the document."},
	)]})
}

test_removed_document_is_silent if {
	rule.findings == set() with input as envelope.of({"unknown": [object.union(
		{
			"what": "policy document",
			"reason": "it is known only after apply",
			"source": envelope.from("aws_iam_policy.p"),
			"identity": null,
			"reference": "aws_s3_bucket.b.arn",
			"remedy": null,
			"change": "create",
		},
		{"change": "delete"},
	)]})
}

test_a_reason_that_names_the_resource_is_not_repeated if {
	unknown := {
		"what": "policy document",
		"reason": concat(" ", [
			"The policy document of aws_iam_policy.p is not known before apply because it mentions",
			"aws_s3_bucket.b.arn.",
		]),
		"source": envelope.from("aws_iam_policy.p"),
		"identity": "aws_iam_role.app",
		"reference": "aws_s3_bucket.b.arn",
		"remedy": "give the source: gate check --source DIR",
		"change": "create",
	}
	found := rule.findings with input as envelope.of({"unknown": [unknown]})
	{[f.message, f.remediation] | some f in found} == {[
		concat(" ", [
			"The policy document of aws_iam_policy.p is not known before apply because it mentions",
			"aws_s3_bucket.b.arn. It affects aws_iam_role.app.",
		]),
		"Give the source: gate check --source DIR",
	]}
}

test_environment_variables_that_are_not_known_warn if {
	unknown := {
		"what": "environment variables",
		"reason": "not known before apply",
		"source": envelope.from("aws_lambda_function.f"),
		"identity": null,
		"reference": "aws_s3_bucket.b.arn",
		"remedy": null,
		"change": "create",
	}
	found := rule.findings with input as envelope.of({"unknown": [unknown]})
	{[f.severity, f.message] | some f in found} == {[
		"medium",
		concat(" ", [
			"The environment variables of aws_lambda_function.f could not be read because of aws_s3_bucket.b.arn:",
			"not known before apply.",
		]),
	]}
}

test_an_identity_that_the_reason_or_the_place_names_is_not_told_twice if {
	unknown := {
		"what": "policy document",
		"source": envelope.from("aws_iam_policy.p"),
		"reference": null,
		"remedy": null,
		"change": "create",
	}
	every told in [
		{"reason": "aws_iam_role.app holds it, and it is not known", "identity": "aws_iam_role.app"},
		{"reason": "it is not known", "identity": "aws_iam_policy.p"},
	] {
		found := rule.findings with input as envelope.of({"unknown": [object.union(unknown, told)]})
		{f.identity | some f in found} == {told.identity}
		every f in found { not contains(f.message, "concerns") }
	}
}

_weights(what) := {f.severity |
	some f in rule.findings with input as envelope.of({"unknown": [{
		"what": what, "reason": "not known", "source": envelope.from("aws_x.y"), "identity": null,
		"reference": null, "remedy": null, "change": "create",
	}]})
}

test_what_is_unknown_beside_access_is_a_warning if {
	beside := {
		"environment variables", "container definitions", "container properties", "default arguments", "user data",
	}
	every what in beside { _weights(what) == {"medium"} }
	_weights("trust policy") == {"high"}
}
