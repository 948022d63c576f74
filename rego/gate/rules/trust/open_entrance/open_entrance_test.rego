package gate.rules.trust.open_entrance_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.open_entrance as rule

# What the rule says: its wording is compared here and nowhere else.
_sentence(who, holds) := sprintf("%s through aws_entrance.e, and it %s.", [who, holds])

_says_guest(holds) := _sentence("Anyone, without signing in, can act as r", holds)

_says_user(holds) := _sentence("Anyone who signs up can act as r", holds)

_says_driver(holds) := _sentence("Anyone, without authorization, can trigger w, which acts as r,", holds)

_setting(name, value) := {"name": name, "where": "here", "value": value, "source": envelope.from("aws_entrance.e")}

_pool(name) := envelope.workload({"kind": "aws_cognito_identity_pool", "settings": [_setting(name, "r")]})

_function := envelope.workload({"service_roles": ["s"], "settings": [_setting("open-route", "NONE")]})

_said(workload, identity, grant) := {[f.severity, f.message] |
	some f in rule.findings with input as envelope.of({
		"workloads": {"w": workload},
		"identities": {"r": envelope.identity(identity)},
		"grants": {"g": envelope.grant(grant)},
	})
}

_admin := {"all_access": "unconditional", "service_names": []}

_reads_secrets := {"grants": {"secretsmanager:GetSecretValue": ["g"]}, "service_names": ["secretsmanager"]}

_branch := envelope.named("arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/*", [])

test_guests_who_are_administrators_deny if {
	rule.findings == {{
		"address": "aws_entrance.e",
		"confidence": "proven",
		"evidence": [{
			"action": "here",
			"address": "aws_entrance.e",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "r",
			"statement": null,
		}],
		"facts": {"guests of w at here (critical)"},
		"frameworks": ["OWASP-NHI:NHI5", "OWASP-NHI:NHI6", "NIST-800-53:AC-14"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": _says_guest("is an administrator"),
		"path": [],
		"remediation": concat(" ", [
			"Require authorization (an authorizer, AWS_IAM, users that an administrator creates), or give the",
			"identity only permissions that everyone may have.",
		]),
		"rule": "open-entrance",
		"severity": "critical",
		"title": "Identity open to unauthenticated or self-registered users",
	}} with input as envelope.of({"workloads": {"w": _pool("guests")}, "identities": {"r": envelope.identity(_admin)}})
}

test_guests_are_judged_by_what_they_do_beyond_analytics if {
	_said(_pool("guests"), _reads_secrets, _branch) == {[
		"high",
		_says_guest("has secretsmanager:GetSecretValue on everything under a common prefix"),
	]}
	_said(_pool("guests"), {"service_names": ["rum", "s3"]}, {}) == {[
		"medium", _says_guest("calls s3"),
	]}
	_said(_pool("guests"), {"service_names": ["rum", "mobiletargeting"]}, {}) == set()
	_said(_pool("guests"), {"external": true, "service_names": []}, {}) == {[
		"medium",
		_says_guest("calls what this change does not show"),
	]}
}

test_whoever_signs_up_is_judged_more_mildly if {
	_said(_pool("self-sign-up"), _reads_secrets, _branch) == {[
		"high",
		_says_user("has secretsmanager:GetSecretValue on everything under a common prefix"),
	]}
	_said(_pool("self-sign-up"), {"service_names": ["s3"]}, {}) == {[
		"low", _says_user("calls s3"),
	]}
	_said(_pool("self-sign-up"), {"service_names": ["rum"]}, {}) == set()
}

test_a_route_counts_only_before_a_strong_identity if {
	_said(_function, _admin, {}) == {[
		"high",
		_says_driver("is an administrator"),
	]}
	_said(_function, _reads_secrets, _branch) == {[
		"medium",
		_says_driver("has secretsmanager:GetSecretValue on everything under a common prefix"),
	]}
	_said(_function, {"service_names": ["dynamodb"]}, {}) == set()
}

test_a_workload_without_such_a_setting_is_silent if {
	_said(envelope.workload({"settings": [_setting("host-network", "true")]}), _admin, {}) == set()
}

test_users_who_sign_up_may_have_what_is_their_own if {
	own := {"grants": {"s3:GetObject": ["g"]}, "service_names": ["cognito-sync", "s3"], "own_services": ["s3"]}
	_said(_pool("self-sign-up"), own, {}) == set()
	_said(_pool("self-sign-up"), object.union(own, {"own_services": []}), {}) != set()
	_said(_pool("self-sign-up"), object.union(own, {"service_names": ["s3", "lambda"]}), {}) != set()
	count(_said(_pool("guests"), own, {})) == 1
}
