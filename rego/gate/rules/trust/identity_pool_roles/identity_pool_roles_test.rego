package gate.rules.trust.identity_pool_roles_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.identity_pool_roles as rule

# What the rule says: its wording is compared here and nowhere else.
_classic(who) := sprintf(
	"p allows the classic flow, in which %s get sessions without the limits of the enhanced flow.",
	[who],
)

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
		"message": "Users of p choose their own access: the claim custom:role decides it, and they can write it.",
		"path": [],
		"remediation": concat(" ", [
			"Remove the attribute from write_attributes of the client, or map roles by a claim that only",
			"administrators write.",
		]),
		"rule": "identity-pool-roles",
		"severity": "high",
		"title": "Identity pool that lets users choose their role",
	}} with input as _pool([_setting("user-written-claim", "custom:role")])
}

test_a_role_by_token_and_the_classic_flow_warn if {
	_said([_setting("role-by-token", "the authenticated role")]) == {
		["low", "The token chooses the role that p gives, and an ambiguous token gets the authenticated role."],
	}
	_said([_setting("classic-flow", "users")]) == {[
		"low", _classic("users"),
	]}
	_said([_setting("classic-flow", "guests and users"), _setting("guests", "r")]) == {[
		"medium",
		_classic("guests and users"),
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
