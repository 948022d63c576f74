package gate.rules.visibility.not_analysed_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.visibility.not_analysed as rule

test_created_resource_denies if {
	rule.findings == {{
		"address": "okta_app_oauth.a",
		"confidence": "unverified",
		"evidence": [
			{"address": "okta_app_oauth.a", "location": {"end_line": 9, "file": "main.tf", "line": 3}, "statement": null},
		],
		"facts": {"okta_app_oauth okta_app_oauth.a"},
		"frameworks": ["NIST-800-53:CM-4"],
		"identity": null,
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": concat(" ", [
			"okta_app_oauth.a is of type okta_app_oauth, which affects identity (creates an identity) and",
			"is not analysed yet.",
		]),
		"path": [],
		"remediation": concat(" ", [
			"Review the resource by hand and waive the finding, or set rules.not-analysed.effect in gate.yaml with",
			"a reason.",
		]),
		"rule": "not-analysed",
		"severity": "high",
		"title": "Resource that affects identity is not analysed",
	}} with input as envelope.of({"not_analysed": [{
		"type": "okta_app_oauth",
		"platform": "okta",
		"role": "creates an identity",
		"source": envelope.from("okta_app_oauth.a"),
		"change": "create",
	}]})
}

test_untouched_resource_is_silent if {
	rule.findings == set() with input as envelope.of({"not_analysed": [{
		"type": "okta_app_oauth",
		"platform": "okta",
		"role": "creates an identity",
		"source": envelope.from("okta_app_oauth.a"),
		"change": "none",
	}]})
}

test_removed_resource_is_silent if {
	rule.findings == set() with input as envelope.of({"not_analysed": [{
		"type": "okta_app_oauth",
		"platform": "okta",
		"role": "creates an identity",
		"source": envelope.from("okta_app_oauth.a"),
		"change": "delete",
	}]})
}

_said(role) := {[finding.severity, finding.remediation] |
	some finding in rule.findings with input as envelope.of({"not_analysed": [{
		"type": "example.com/v1 X",
		"platform": "kubernetes",
		"role": role,
		"source": envelope.from("k8s:X/a/b"),
		"change": "create",
	}]})
}

test_reference_to_a_store_is_a_warning if {
	[[severity, _]] := [said | some said in _said("copies secrets of an external store")]
	severity == "medium"
}

test_what_deploys_other_objects_says_how_to_see_them if {
	[[severity, fix]] := [said | some said in _said("deploys objects that are not in this change")]
	severity == "high"
	startswith(fix, "Give what it deploys to the same check")
}

test_secret_of_a_client_of_a_user_pool_is_a_low_warning if {
	found := rule.findings with input as envelope.of({"not_analysed": [{
		"type": "aws_cognito_user_pool_client",
		"platform": "aws",
		"role": "credential, where it has a secret",
		"source": envelope.from("aws_cognito_user_pool_client.c"),
		"change": "create",
	}]})
	{f.severity | some f in found} == {"low"}
}
