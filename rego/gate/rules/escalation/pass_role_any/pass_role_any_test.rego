package gate.rules.escalation.pass_role_any_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.escalation.pass_role_any as rule

# An identity that holds iam:PassRole by these grants.
_passing(grants) := found if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"iam:PassRole": sort(object.keys(grants))}})},
		"grants": grants,
	})
}

_severities(grants) := {[f.severity, f.address] | some f in _passing(grants)}

_at := {"file": "main.tf", "line": 3, "end_line": 9}

_finding := {
	"address": "aws_iam_policy.p",
	"confidence": "possible",
	"evidence": [{
		"action": "iam:PassRole", "address": "aws_iam_policy.p", "location": _at, "resource": "*", "statement": "0",
	}],
	"facts": {"iam:PassRole on everything "},
	"frameworks": ["OWASP-NHI:NHI5", "MITRE-ATTACK:T1098", "NIST-800-53:AC-6"],
	"identity": "r",
	"location": _at,
	"message": "r can pass every role in the account to any service, through statement 0 of aws_iam_policy.p.",
	"path": [],
	"remediation": concat(" ", [
		"Name the roles that this identity passes in Resource, and require iam:PassedToService with StringEquals",
		"(IfExists limits nothing).",
	]),
	"rule": "pass-role-any",
	"severity": "high",
	"title": "iam:PassRole on all roles",
}

_to(operator, services) := envelope.grant({
	"source": envelope.from("aws_iam_policy.limited"),
	"conditions": [envelope.when(operator, "iam:PassedToService", services)],
})

test_pass_role_on_everything_denies if {
	_passing({"g": envelope.grant({})}) == {_finding}
}

test_every_role_by_pattern_is_everything if {
	all_roles := object.union(envelope.named("arn:aws:iam::111122223333:role/*", []), {"whole_type": true})
	_severities({"g": envelope.grant(all_roles)}) == {["high", "aws_iam_policy.p"]}
}

test_named_services_warn if {
	services := ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"]
	{[f.severity, f.message, f.facts] | some f in _passing({"g": _to("StringEquals", services)})} == {[
		"medium",
		concat("", [
			"r can pass every role in the account to ecs-tasks.amazonaws.com and lambda.amazonaws.com, ",
			"through statement 0 of aws_iam_policy.limited.",
		]),
		{concat("", [
			"iam:PassRole on everything ",
			"iam:PassedToService StringEquals ecs-tasks.amazonaws.com|lambda.amazonaws.com",
		])},
	]}
}

test_optional_condition_limits_nothing if {
	optional := _to("StringEqualsIfExists", ["lambda.amazonaws.com"])
	_severities({"g": optional}) == {["high", "aws_iam_policy.limited"]}
}

test_statement_without_the_condition_is_told_first if {
	both := {"a": _to("StringEquals", ["lambda.amazonaws.com"]), "g": envelope.grant({})}
	{[f.severity, f.address, count(f.evidence), count(f.facts)] | some f in _passing(both)} == {[
		"high", "aws_iam_policy.p", 2, 2,
	]}
}

test_names_and_patterns_of_names_are_not_every_role if {
	_passing({"g": envelope.grant(envelope.named("arn:aws:iam::111122223333:role/app", []))}) == set()
	prefix := object.union(envelope.named("arn:aws:iam::111122223333:role/app-*", []), {"width": "pattern"})
	_passing({"g": envelope.grant(prefix)}) == set()
}

test_administrator_is_judged_elsewhere if {
	rule.findings == set() with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"]}, "all_access": "conditional"})},
		"grants": {"g": envelope.grant({})},
	})
}

_emr(service) := {f.severity | some f in found} if {
	found := rule.findings with input as envelope.of({
		"identities": {"r": envelope.identity({"grants": {"iam:PassRole": ["g"]}})},
		"grants": {"g": envelope.grant({
			"source": envelope.from("arn:aws:iam::aws:policy/service-role/AmazonElasticMapReduceRole"),
		})},
		"trust": {"r": [envelope.edge({"kind": "service", "value": service}, {})]},
	})
}

test_policy_that_aws_prescribes_for_its_service_warns if {
	_emr("elasticmapreduce.amazonaws.com") == {"medium"}
	_emr("lambda.amazonaws.com") == {"high"}
}
