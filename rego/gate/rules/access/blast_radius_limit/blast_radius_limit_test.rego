package gate.rules.access.blast_radius_limit_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.access.blast_radius_limit as rule

# What the rule says: its wording is compared here and nowhere else.
_sentence(reaches, limit, allowed, by) := sprintf(
	"r %s; limits.%s of gate.yaml allows %s. Largest contributors: %s.",
	[reaches, limit, allowed, by],
)

_found(parts, limits) := found if {
	found := rule.findings with input as envelope.configured(parts, {"limits": limits})
}

_said(parts, limits) := {[f.identity, f.message] | some f in _found(parts, limits)}

_at := {"file": "main.tf", "line": 3, "end_line": 9}

_reads := "secretsmanager:GetSecretValue"

_secret(name) := sprintf("arn:aws:secretsmanager:::secret:%s", [name])

_granted(holder, size, grant) := {"holder": holder, "size": size, "grant": grant, "action": _reads}

# An identity `r` of the environment prod that reads three secrets by two grants.
_reader := {
	"identities": {"r": envelope.identity({"grants": {_reads: ["g", "h"]}, "environment": "prod"})},
	"grants": {
		"g": envelope.grant({"everything": false, "resources": [_secret("a"), _secret("b")]}),
		"h": envelope.grant(object.union(
			envelope.named(_secret("c"), []),
			{"source": object.union(envelope.from("aws_iam_policy.q"), {"statement": null})},
		)),
	},
	"graph": {
		"reach": {"r": envelope.reach({"things": "t", "services": 1, "environments": ["prod"]})},
		"things": {"t": {"secret": [envelope.stores("named", 3)]}},
		"contributions": {"r": {"max_secrets": envelope.contribution({
			"contributors": [_granted("r", 2, "g"), _granted("r", 1, "h")],
			"reached": [sprintf("secret secretsmanager named %s", [_secret(name)]) | some name in ["a", "b", "c"]],
			"count": 3,
		})}},
	},
}

_evidence(address, statement, resource) := {
	"address": address, "statement": statement, "action": _reads, "resource": resource, "location": _at,
}

test_breach_says_limit_count_and_contributors if {
	_found(_reader, {"default": {"max_secrets": 9}, "prod": {"max_secrets": 2}}) == {{
		"address": "aws_iam_role.app",
		"confidence": "proven",
		"evidence": [
			_evidence("aws_iam_policy.p", "0", "arn:aws:secretsmanager:::secret:a, arn:aws:secretsmanager:::secret:b"),
			_evidence("aws_iam_policy.q", null, "arn:aws:secretsmanager:::secret:c"),
		],
		"facts": {
			"max_secrets: secret secretsmanager named arn:aws:secretsmanager:::secret:a",
			"max_secrets: secret secretsmanager named arn:aws:secretsmanager:::secret:b",
			"max_secrets: secret secretsmanager named arn:aws:secretsmanager:::secret:c",
		},
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:AC-6"],
		"identity": "r",
		"location": _at,
		"message": _sentence(
			"reads 3 secrets",
			"prod.max_secrets",
			"2",
			"statement 0 of aws_iam_policy.p (2), aws_iam_policy.q",
		),
		"path": [],
		"remediation": concat(" ", [
			"Remove the largest contributor, split the identity by function, or agree on a higher limit in",
			"gate.yaml with its owner.",
		]),
		"rule": "blast-radius-limit",
		"severity": "high",
		"title": "Blast radius exceeds a limit",
	}}
}

test_no_limits_are_silent if {
	_found(_reader, {}) == set()
}

test_what_is_allowed_is_silent if {
	strict := {"admin": false, "destroy": false, "cross_account": false, "cross_environment": false}
	exact := {"max_secrets": 3, "max_services": 1, "max_identities": 0}
	_found(_reader, {"default": object.union(strict, exact)}) == set()
}

test_limits_of_other_tiers_do_not_hold if {
	_found(_reader, {"internet-facing": {"max_secrets": 0}, "privileged": {"max_secrets": 0}}) == set()
}

test_identities_outside_of_the_change_and_groups_with_members_are_silent if {
	every parts in [{"external": true}, {"kind": "group", "members": ["r"]}] {
		_found(object.union(_reader, {"identities": {"r": parts}}), {"default": {"max_secrets": 0}}) == set()
	}
}

_exposed := object.union(_reader, {"workloads": {"f": envelope.workload({"exposure": "internet"})}})

test_strictest_of_several_tiers_counts_and_the_way_of_the_internet_is_shown if {
	limits := {"default": {"max_secrets": 0}, "prod": {"max_secrets": 2}, "internet-facing": {"max_secrets": 1}}
	{[f.message, f.path] | some f in _found(_exposed, limits)} == {[
		_sentence(
			"reads 3 secrets, and the internet reaches it through f",
			"internet-facing.max_secrets",
			"1",
			"statement 0 of aws_iam_policy.p (2), aws_iam_policy.q",
		),
		[
			{"from": "f", "via": "runs as", "actions": [], "to": "r"},
			{
				"from": "r", "via": "aws_iam_policy.p", "actions": [_reads],
				"to": "arn:aws:secretsmanager:::secret:a, arn:aws:secretsmanager:::secret:b",
			},
		],
	]}
}

test_secrets_nobody_can_count_are_too_many if {
	unlisted := object.union(_reader, {"graph": {"things": {"t": {"secret": [envelope.stores("every", 1)]}}}})
	every most in [0, 99] {
		_said(unlisted, {"default": {"max_secrets": most}}) == {["r", sprintf(
			concat("", [
				"r can read an unbounded set of secrets; limits.default.max_secrets of gate.yaml allows %d. ",
				"Largest contributors: statement 0 of aws_iam_policy.p (2), aws_iam_policy.q.",
			]),
			[most],
		)]}
	}
}

test_data_nobody_can_count_is_said_once if {
	unlisted := object.union(_reader, {"graph": {"things": {"t": {"destroy": [envelope.stores("pattern", 2)]}}}})
	{f.message | some f in _found(unlisted, {"default": {"destroy": false}})} == {_sentence(
		"can destroy an unbounded set of data stores",
		"default.destroy",
		"none",
		"secrets mounted into its workloads",
	)}
}

test_limit_of_administrators_leaves_the_other_limits_to_everybody_else if {
	{f.identity | some f in _found(_reader, {"default": {"admin": false, "max_secrets": 2}})} == {"r"}
}

test_secrets_that_workloads_hand_over_count if {
	handed := object.union(_exposed, {"graph": {
		"things": {"t": {"secret": [envelope.stores("named", 1)]}},
		"contributions": {"r": {"max_secrets": {"contributors": [], "reached": ["secret workload named db"], "count": 1}}},
	}})
	limits := {"default": {"max_secrets": 0}}
	{[f.message, f.facts, [step.to | some step in f.path]] | some f in _found(handed, limits)} == {[
		_sentence(
			"reads 1 secret, and the internet reaches it through f",
			"default.max_secrets",
			"0",
			"secrets mounted into its workloads",
		),
		{"max_secrets: secret workload named db"},
		["r"],
	]}
}

test_number_of_which_nobody_says_the_parts_is_over_its_limit_too if {
	bare := json.patch(_reader, [{"op": "remove", "path": "/graph/contributions/r"}])
	{[f.identity, f.facts] | some f in _found(bare, {"default": {"max_secrets": 0}})} == {["r", {"max_secrets: 0"}]}
}

test_what_is_too_much_to_list_is_counted_in_the_facts if {
	many := object.union(_reader, {"graph": {
		"reach": {"r": {"services": 120}},
		"contributions": {"r": {"max_services": envelope.contribution({
			"contributors": [envelope.contributor("r", 120)], "count": 120,
		})}},
	}})
	{f.facts | some f in _found(many, {"default": {"max_services": 5}})} == {{"max_services: 120"}}
}

_admin := {
	"identities": {"r": envelope.identity({"all_access": "unconditional"})},
	"graph": {
		"administrators": ["r"],
		"reach": {"r": envelope.reach({"administrator": true, "services": 400})},
		"contributions": {"r": object.union(
			{name: envelope.contribution({}) | some name in ["max_secrets", "max_identities", "destroy"]},
			{"admin": envelope.contribution({"contributors": [envelope.contributor("r", 1)], "reached": ["r"], "count": 1})},
		)},
	},
}

test_administrator_is_one_finding if {
	_said(_admin, {"default": {"admin": false, "max_secrets": 1, "max_services": 1, "destroy": false}}) == {[
		"r",
		_sentence(
			"is an administrator or can become one",
			"default.admin",
			"none",
			"r",
		),
	]}
}

test_administrator_that_becomes_too_many_is_counted if {
	becoming := object.union(_admin, {"graph": {"reach": {"r": {"identities": 7}}}})
	{f.message | some f in _found(becoming, {"default": {"max_identities": 5}})} == {_sentence(
		"can become 7 other identities",
		"default.max_identities",
		"5",
		"the permissions of administrators",
	)}
}

test_administrator_that_is_allowed_has_no_other_limit if {
	_said(_admin, {"default": {"admin": false, "max_secrets": 1}, "privileged": {"admin": true}}) == set()
}

test_administrator_breaches_every_limit_where_none_speaks_of_administrators if {
	said := _said(_admin, {"default": {"max_secrets": 1, "max_identities": 5, "destroy": false}})
	said == {["r", message] |
		some words in [
			["can read an unbounded set of secrets", "max_secrets", "1"],
			["can become every identity of its account", "max_identities", "5"],
			["can destroy an unbounded set of data stores", "destroy", "none"],
		]
		message := sprintf(
			"r %s; limits.default.%s of gate.yaml allows %s. Largest contributors: the permissions of administrators.",
			words,
		)
	}
}
