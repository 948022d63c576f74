package gate.rules.trust.identity_pool_roles_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.identity_pool_roles as rule

_setting(name, value) := {"name": name, "where": "here", "value": value, "source": envelope.from("aws_setting.s")}

_pool(
	settings,
) := envelope.of({"workloads": {"p": envelope.workload({"kind": "aws_cognito_identity_pool", "settings": settings})}})

_said(settings) := {[f.severity, f.message] | some f in rule.findings with input as _pool(settings)}

test_a_claim_that_users_write_denies if {
	rule.findings == {{
		"address": "aws_setting.s",
		"confidence": "proven",
		"evidence": [{
			"action": "here",
			"address": "aws_setting.s",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "p",
			"statement": null,
		}],
		"facts": {"user-written-claim of p: custom:role"},
		"frameworks": ["OWASP-NHI:NHI4", "NIST-800-53:AC-3"],
		"identity": null,
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": "Users of p choose their own access: the claim custom:role decides over it, and they can write it.",
		"path": [],
		"remediation": concat(" ", [
			"Take the attribute out of write_attributes of the client, or decide by a claim that only",
			"administrators write.",
		]),
		"rule": "identity-pool-roles",
		"severity": "high",
		"title": "Identity pool that leaves the role to its users",
	}} with input as _pool([_setting("user-written-claim", "custom:role")])
}

test_a_role_by_token_and_the_classic_flow_warn if {
	_said([_setting("role-by-token", "the authenticated role")]) == {
		["low", "The token chooses the role that p gives, and without a clear answer the user gets the authenticated role."],
	}
	_said([_setting("classic-flow", "users")]) == {[
		"low", "p allows the classic flow, in which users get sessions without the limits of the enhanced flow.",
	]}
	_said([_setting("classic-flow", "guests and users"), _setting("guests", "r")]) == {[
		"medium",
		"p allows the classic flow, in which guests and users get sessions without the limits of the enhanced flow.",
	]}
}

test_other_settings_and_other_workloads_are_silent if {
	_said([_setting("guests", "r")]) == set()
	workload := envelope.workload({"settings": [_setting("classic-flow", "users")]})
	rule.findings == set() with input as envelope.of({"workloads": {"w": workload}})
}

test_each_remedy_names_the_setting_to_change if {
	words := {"user-written-claim": "write_attributes", "role-by-token": "Rules", "classic-flow": "allow_classic_flow"}
	{name |
		some name, word in words
		some f in rule.findings with input as _pool([_setting(name, "users")])
		contains(f.remediation, word)
	} == object.keys(words)
}
