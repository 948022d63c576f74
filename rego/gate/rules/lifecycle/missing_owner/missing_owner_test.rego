package gate.rules.lifecycle.missing_owner_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.lifecycle.missing_owner as rule

test_identity_without_owner_and_purpose_is_low if {
	rule.findings == {{
		"address": "aws_iam_role.app",
		"confidence": "proven",
		"evidence": [
			{"address": "aws_iam_role.app", "location": {"end_line": 9, "file": "main.tf", "line": 3}, "statement": null},
		],
		"facts": {"no owner", "no purpose"},
		"frameworks": ["OWASP-NHI:NHI1", "NIST-800-53:AC-2"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": "r does not state its owner and purpose.",
		"path": [],
		"remediation": concat(" ", [
			"Tag the identity (Owner, Purpose), or annotate the service account, with the responsible team and the",
			"reason.",
		]),
		"rule": "missing-owner",
		"severity": "low",
		"title": "Identity without owner or purpose",
	}} with input as envelope.of({"identities": {"r": envelope.identity({"lifecycle": {
		"owner": null, "purpose": null, "expires": null,
	}})}})
}

test_what_is_required_stands_in_the_configuration if {
	found := rule.findings with input as envelope.configured(
		{"identities": {"r": envelope.identity({})}},
		{"lifecycle": {"required": ["expires"]}},
	)
	{[f.severity, f.confidence, f.message] | some f in found} == {["low", "proven", "r does not state its expires."]}
}

test_owner_and_purpose_are_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({})}})
}

test_untouched_identity_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({
		"lifecycle": {"owner": null, "purpose": null, "expires": null}, "change": "none",
	})}})
}

test_external_identity_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({
		"lifecycle": {"owner": null, "purpose": null, "expires": null}, "external": true,
	})}})
}

test_group_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {"r": envelope.identity({
		"lifecycle": {"owner": null, "purpose": null, "expires": null}, "kind": "group",
	})}})
}
