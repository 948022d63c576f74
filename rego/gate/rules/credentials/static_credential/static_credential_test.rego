package gate.rules.credentials.static_credential_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.credentials.static_credential as rule

test_access_key_denies if {
	rule.findings == {{
		"address": "aws_iam_access_key.k",
		"confidence": "proven",
		"evidence": [
			{"address": "aws_iam_access_key.k", "location": {"end_line": 9, "file": "main.tf", "line": 3}, "statement": "0"},
		],
		"facts": {"aws_iam_access_key.k: access key"},
		"frameworks": ["OWASP-NHI:NHI7", "NIST-800-53:IA-5"],
		"identity": "aws_iam_user.ci",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": concat(" ", [
			"aws_iam_access_key.k is a long-lived access key of aws_iam_user.ci that remains valid until it is",
			"revoked.",
		]),
		"path": [],
		"remediation": concat(" ", [
			"Remove the credential, and let the workload obtain short-lived credentials from a role or from",
			"workload identity federation.",
		]),
		"rule": "static-credential",
		"severity": "high",
		"title": "Long-lived credential",
	}} with input as envelope.of({"credentials": [{
		"kind": "access key",
		"source": envelope.from("aws_iam_access_key.k"),
		"identity": "aws_iam_user.ci",
		"change": "create",
	}]})
}

test_credential_of_nobody_known_denies if {
	found := rule.findings with input as envelope.of({"credentials": [{
		"kind": "service account token",
		"source": envelope.from("aws_iam_access_key.k"),
		"identity": null,
		"change": "none",
	}]})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high",
		"proven",
		"aws_iam_access_key.k is a long-lived service account token that remains valid until it is revoked.",
	]}
}

test_removed_credential_is_silent if {
	rule.findings == set() with input as envelope.of({"credentials": [{
		"kind": "access key",
		"source": envelope.from("aws_iam_access_key.k"),
		"identity": null,
		"change": "delete",
	}]})
}
