package gate.rules.credentials.plaintext_secret_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.credentials.plaintext_secret as rule

test_secret_in_clear_denies if {
	rule.findings == {{
		"address": "aws_lambda_function.f",
		"confidence": "possible",
		"evidence": [{
			"address": "aws_lambda_function.f",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"statement": "environment[0].variables.DB",
		}],
		"facts": {"aws_lambda_function.f environment[0].variables.DB 0123456789ab"},
		"frameworks": ["OWASP-NHI:NHI2", "NIST-800-53:IA-5"],
		"identity": null,
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": concat(" ", [
			"aws_lambda_function.f contains a plaintext secret at environment[0].variables.DB: password (fingerprint",
			"0123456789ab).",
		]),
		"path": [],
		"remediation": "Revoke the secret, keep the new one in a secret store, and refer to it from there.",
		"rule": "plaintext-secret",
		"severity": "high",
		"title": "Plaintext secret",
	}} with input as envelope.of({"secrets": [{
		"fingerprint": "0123456789ab",
		"kind": "password",
		"attribute": "environment[0].variables.DB",
		"source": envelope.from("aws_lambda_function.f"),
		"identity": null,
		"change": "create",
	}]})
}

test_removed_secret_is_silent if {
	rule.findings == set() with input as envelope.of({"secrets": [{
		"fingerprint": "0123456789ab",
		"kind": "password",
		"attribute": "environment[0].variables.DB",
		"source": envelope.from("aws_lambda_function.f"),
		"identity": null,
		"change": "delete",
	}]})
}
