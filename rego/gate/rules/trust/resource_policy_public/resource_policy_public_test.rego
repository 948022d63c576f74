package gate.rules.trust.resource_policy_public_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.resource_policy_public as rule

# What the rule says: its wording is compared here and nowhere else.
_says_anyone(action, condition) := sprintf(
	"Anyone can do %s on aws_s3_bucket.b%s, through aws_s3_bucket_policy.b.",
	[action, condition],
)

_granting(grant) := envelope.of({"resource_grants": [grant]})

_anyone_when(operator, key, value) := envelope.resource_grant({}, {"conditions": [envelope.when(operator, key, [
	value,
])]})

test_anyone_denies if {
	rule.findings == {{
		"address": "aws_s3_bucket_policy.b",
		"confidence": "proven",
		"evidence": [{
			"action": "s3:GetObject",
			"address": "aws_s3_bucket_policy.b",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "aws_s3_bucket.b",
			"statement": "0",
		}],
		"facts": {"Anyone *: s3:GetObject on aws_s3_bucket.b when "},
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:AC-3"],
		"identity": null,
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": _says_anyone("s3:GetObject", ""),
		"path": [],
		"remediation": concat(" ", [
			"Name who uses the resource in Principal, or add a condition on aws:PrincipalOrgID, aws:SourceArn or",
			"aws:SourceVpce.",
		]),
		"rule": "resource-policy-public",
		"severity": "high",
		"title": "Resource open to the public",
	}} with input as envelope.of({"resource_grants": [envelope.resource_grant({}, {"conditions": []})]})
}

test_not_principal_denies if {
	found := rule.findings with input as envelope.of({"resource_grants": [envelope.resource_grant(
		{"kind": "account", "value": "111122223333"},
		{"conditions": [], "negated": true},
	)]})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high",
		"proven",
		"Everyone except those named can do s3:GetObject on aws_s3_bucket.b, through aws_s3_bucket_policy.b.",
	]}
}

test_function_url_type_names_nobody if {
	found := rule.findings with input as envelope.of({"resource_grants": [envelope.resource_grant({}, {
		"conditions": [envelope.when("StringEquals", "lambda:FunctionUrlAuthType", ["NONE"])],
		"actions": ["lambda:InvokeFunctionUrl"],
	})]})
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high",
		"proven",
		_says_anyone("lambda:InvokeFunctionUrl", " when lambda:FunctionUrlAuthType StringEquals NONE"),
	]}
}

test_network_warns if {
	found := rule.findings with input as _granting(_anyone_when("IpAddress", "aws:SourceIp", "10.0.0.0/8"))
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"medium",
		"proven",
		_says_anyone("s3:GetObject", " when aws:SourceIp IpAddress 10.0.0.0/8"),
	]}
}

test_whole_internet_denies if {
	found := rule.findings with input as _granting(_anyone_when("IpAddress", "aws:SourceIp", "0.0.0.0/0"))
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"high",
		"proven",
		_says_anyone("s3:GetObject", " when aws:SourceIp IpAddress 0.0.0.0/0"),
	]}
}

test_organization_of_somebody_warns if {
	found := rule.findings with input as envelope.configured(
		{"resource_grants": [_anyone_when("StringEquals", "aws:PrincipalOrgID", "o-xyz")]},
		{"organizations": ["o-abc"]},
	)
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"medium",
		"proven",
		_says_anyone("s3:GetObject", " when aws:PrincipalOrgID StringEquals o-xyz"),
	]}
}

test_own_organization_is_silent if {
	rule.findings == set() with input as envelope.configured(
		{"resource_grants": [_anyone_when("StringEquals", "aws:PrincipalOrgID", "o-abc")]},
		{"organizations": ["o-abc"]},
	)
}

test_endpoint_is_silent if {
	rule.findings == set() with input as _granting(_anyone_when("StringEquals", "aws:SourceVpce", "vpce-1"))
}

test_public_access_block_is_silent if {
	rule.findings == set() with input as envelope.of({"resource_grants": [envelope.resource_grant({}, {
		"conditions": [], "public_block": true,
	})]})
}

test_named_role_is_silent if {
	rule.findings == set() with input as envelope.of({"resource_grants": [envelope.resource_grant(
		{"kind": "role", "value": "arn:aws:iam::111122223333:role/a"},
		{"conditions": []},
	)]})
}

_remediation(conditions, actions) := {f.remediation | some f in found} if {
	found := rule.findings with input as envelope.of({"resource_grants": [envelope.resource_grant({}, {
		"conditions": conditions, "actions": actions,
	})]})
}

test_organization_that_is_required_already_is_to_be_listed if {
	_remediation([envelope.when("StringEquals", "aws:PrincipalOrgID", ["o-xyz"])], ["s3:GetObject"]) == {
		"List o-xyz under organizations in gate.yaml if it is yours. Otherwise name who uses the resource in Principal.",
	}
}

test_url_of_a_function_asks_for_authorization if {
	some text in _remediation([envelope.when("StringEquals", "lambda:FunctionUrlAuthType", ["NONE"])], [
		"lambda:InvokeFunctionUrl",
	])
	startswith(text, "Set authorization_type of the URL to AWS_IAM")
	contains(text, "authorizer")
}

test_file_system_behind_a_mount_target_is_silent if {
	_remediation([envelope.when("Bool", "elasticfilesystem:AccessedViaMountTarget", ["true"])], [
		"elasticfilesystem:ClientWrite",
	]) == set()
	count(_remediation([envelope.when("Bool", "elasticfilesystem:AccessedViaMountTarget", ["false"])], [
		"elasticfilesystem:ClientWrite",
	])) == 1
}

test_another_condition_that_is_true_is_no_mount_target if {
	secure := envelope.when("Bool", "aws:SecureTransport", ["true"])
	count(_remediation([secure], ["elasticfilesystem:ClientWrite"])) == 1
}
