package gate.rules.access.blast_radius_limit_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.access.blast_radius_limit as rule

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
		"things": {"t": {"secret": [{"width": "named", "count": 3}]}},
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
		"message": concat("", [
			"r reads 3 secrets; limits.prod.max_secrets of gate.yaml allows 2. ",
			"Largest contributors: statement 0 of aws_iam_policy.p (2), aws_iam_policy.q.",
		]),
		"path": [],
		"remediation": concat("", [
			"Take away what contributes most, split the identity by its functions, ",
			"or raise the limit in gate.yaml with whoever owns it.",
		]),
		"rule": "blast-radius-limit",
		"severity": "high",
		"title": "Blast radius over a limit",
	}}
}

test_no_limits_are_silent if {
	_found(_reader, {}) == set()
}

test_what_is_allowed_is_silent if {
	strict := {"admin": false, "destroy": false, "cross_account": false, "cross_environment": false}
	exact := {"max_secrets": 3, "max_services": 1, "max_identities": 0}
	_found(_reader, {"default": object.union(strict, exact)}) == set()
	lax := {name: true | some name, _ in strict}
	_found(_world, {"default": lax}) == set()
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
		concat("", [
			"r reads 3 secrets, and the internet reaches it through f; limits.internet-facing.max_secrets of gate.yaml allows 1. ",
			"Largest contributors: statement 0 of aws_iam_policy.p (2), aws_iam_policy.q.",
		]),
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
	unlisted := object.union(_reader, {"graph": {"things": {"t": {"secret": [{"width": "every", "count": 1}]}}}})
	_said(unlisted, {"default": {"max_secrets": 99}}) == {[
		"r",
		concat("", [
			"r reads secrets that nobody can count; limits.default.max_secrets of gate.yaml allows 99. ",
			"Largest contributors: statement 0 of aws_iam_policy.p (2), aws_iam_policy.q.",
		]),
	]}
}

test_secrets_that_workloads_hand_over_count if {
	handed := object.union(_exposed, {"graph": {
		"things": {"t": {"secret": [{"width": "named", "count": 1}]}},
		"contributions": {"r": {"max_secrets": {"contributors": [], "reached": ["secret workload named db"], "count": 1}}},
	}})
	{[f.message, f.facts, [step.to | some step in f.path]] | some f in _found(handed, {"default": {"max_secrets": 0}})} == {[
		concat("", [
			"r reads 1 secret, and the internet reaches it through f; limits.default.max_secrets of gate.yaml allows 0. ",
			"Largest contributors: what workloads hand to it.",
		]),
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

_part(id, size, reached) := envelope.contribution({
	"contributors": [envelope.contributor(id, size)], "reached": reached, "count": count(reached),
})

# `ci` of the environment dev can become `deploy` of prod and `far` of another account.
_world := {
	"identities": {
		"ci": envelope.identity({"environment": "dev"}),
		"deploy": envelope.identity({"environment": "prod", "source": null}),
		"far": envelope.identity({"external": true}),
	},
	"grants": {"b": envelope.grant(envelope.named("arn:aws:s3:::b", []))},
	"trust": {
		"deploy": [envelope.edge({"kind": "account", "own_account": true}, {})],
		"far": [envelope.edge({"kind": "role", "value": "deploy", "identity": "deploy"}, {"source": envelope.from("far")})],
	},
	"graph": {
		"reach": {
			"ci": envelope.reach({
				"becomes": ["deploy", "far"], "identities": 2, "services": 3, "accounts": 2,
				"environments": ["dev", "prod"], "things": "b",
			}),
			"deploy": envelope.reach({
				"becomes": ["far"], "identities": 1, "services": 1, "accounts": 2, "environments": ["prod"],
			}),
		},
		"things": {"b": {"destroy": [{"width": "named", "count": 1}]}},
		"contributions": {
			"ci": {
				"max_identities": _part("deploy", 2, ["ci", "deploy", "far"]),
				"max_services": envelope.contribution({
					"contributors": [envelope.contributor("ci", 2), envelope.contributor("deploy", 1)],
					"reached": ["s3", "sqs", "sts"], "count": 3,
				}),
				"destroy": envelope.contribution({
					"contributors": [{"holder": "ci", "size": 1, "grant": "b", "action": "s3:DeleteBucket"}],
					"reached": ["destroy s3 named arn:aws:s3:::b"], "count": 1,
				}),
				"cross_environment": _part("deploy", 1, ["dev", "prod"]),
				"cross_account": object.union(_part("far", 1, ["111122223333", "444455556666"]), {"way": [
					envelope.step("ci", "sts-assume-role", "deploy"), envelope.step("deploy", "sts-assume-role", "far"),
				]}),
			},
			"deploy": {
				"max_identities": _part("far", 1, ["deploy", "far"]),
				"cross_account": _part("far", 1, ["111122223333", "444455556666"]),
			},
		},
	},
}

test_each_limit_is_said_in_its_own_words if {
	limits := {
		"max_identities": 0, "max_services": 2, "destroy": false, "cross_environment": false, "cross_account": false,
	}
	said := {f.message | some f in _found(_world, {"default": limits}); f.identity == "ci"}
	said == {sprintf("ci %s; limits.default.%s of gate.yaml allows %s. Largest contributors: %s.", words) |
		some words in [
			["can become 2 other identities", "max_identities", "0", "deploy (2)"],
			["reaches 3 services", "max_services", "2", "ci (2), deploy"],
			["can destroy 1 data store", "destroy", "none", "statement 0 of aws_iam_policy.p"],
			["reaches the environments dev and prod", "cross_environment", "none", "deploy"],
			["reaches 2 accounts", "cross_account", "none", "far"],
		]
	}
}

test_one_other_identity_is_one_and_is_told_at_its_address_or_id if {
	found := {f | some f in _found(_world, {"default": {"max_identities": 0}}); f.identity == "deploy"}
	{[f.address, f.location, f.message] | some f in found} == {[
		"deploy", null,
		"deploy can become 1 other identity; limits.default.max_identities of gate.yaml allows 0. Largest contributors: far.",
	]}
}

test_steps_over_others_are_shown_by_the_trust_policy_that_names_them if {
	found := {f | some f in _found(_world, {"default": {"cross_account": false}}); f.identity == "ci"}
	{[f.path, f.evidence] | some f in found} == {[
		[
			{"from": "ci", "via": "sts-assume-role", "actions": [], "to": "deploy"},
			{"from": "deploy", "via": "far", "actions": ["sts:AssumeRole"], "to": "far"},
		],
		[{"address": "aws_iam_role.app", "statement": null, "location": _at}],
	]}
}

_admin := {
	"identities": {"r": envelope.identity({"all_access": "unconditional"})},
	"graph": {
		"administrators": ["r"],
		"reach": {"r": envelope.reach({"administrator": true, "services": 400})},
		"contributions": {"r": object.union(
			{name: envelope.contribution({}) | some name in ["max_secrets", "max_identities", "destroy"]},
			{"admin": _part("r", 1, ["r"])},
		)},
	},
}

test_administrator_is_one_finding if {
	_said(_admin, {"default": {"admin": false, "max_secrets": 1, "max_services": 1, "destroy": false}}) == {[
		"r",
		"r is an administrator or can become one; limits.default.admin of gate.yaml allows none. Largest contributors: r.",
	]}
}

test_administrator_that_is_allowed_has_no_other_limit if {
	_said(_admin, {"default": {"admin": false, "max_secrets": 1}, "privileged": {"admin": true}}) == set()
}

test_administrator_breaches_every_limit_where_none_speaks_of_administrators if {
	said := _said(_admin, {"default": {"max_secrets": 1, "max_identities": 5, "destroy": false}})
	said == {["r", message] |
		some words in [
			["reads secrets that nobody can count", "max_secrets", "1"],
			["can become every identity of its account", "max_identities", "5"],
			["can destroy data stores that nobody can count", "destroy", "none"],
		]
		message := sprintf(
			"r %s; limits.default.%s of gate.yaml allows %s. Largest contributors: what administrators hold.",
			words,
		)
	}
}

_account := "k8s:ServiceAccount/shop/web"

_two_secrets := {"max_secrets": envelope.contribution({
	"contributors": [_granted("web", 2, "g")], "reached": ["secret secretsmanager named a"], "count": 2,
})}

# A pod that the internet reaches, its account, and the role that this one is meant to be.
_bridged := {
	"identities": {
		_account: envelope.identity({"kind": "service_account", "platform": "kubernetes", "source": null}),
		"web": envelope.identity({"grants": {_reads: ["g"]}}),
	},
	"grants": {"g": envelope.grant({"everything": false, "resources": [_secret("a"), _secret("b")]})},
	"trust": {"web": [envelope.edge(
		{"kind": "service_account", "identity": _account},
		{"meant": true, "actions": ["sts:AssumeRoleWithWebIdentity"]},
	)]},
	"workloads": {"k8s:Deployment/shop/web": envelope.workload({
		"platform": "kubernetes", "runs_as": [_account, "web"], "exposure": "internet", "doors": ["k8s:Ingress/shop/web"],
	})},
	"graph": {
		"reach": {id: envelope.reach({"things": "t"}) | some id in [_account, "web"]},
		"things": {"t": {"secret": [{"width": "named", "count": 2}]}},
		"contributions": {
			_account: object.union(_two_secrets, {"max_secrets": {"way": [envelope.step(_account, "federation", "web")]}}),
			"web": _two_secrets,
		},
	},
}

test_chain_from_the_internet_to_the_secrets_is_one_finding if {
	{[f.identity, f.message, f.path] | some f in _found(_bridged, {"internet-facing": {"max_secrets": 1}})} == {[
		_account,
		concat("", [
			"k8s:ServiceAccount/shop/web reads 2 secrets by becoming web, and the internet reaches it through ",
			"k8s:Ingress/shop/web and k8s:Deployment/shop/web; limits.internet-facing.max_secrets of gate.yaml allows 1. ",
			"Largest contributors: statement 0 of aws_iam_policy.p (2).",
		]),
		[
			{"from": "k8s:Ingress/shop/web", "via": "traffic from the internet", "actions": [], "to": "k8s:Deployment/shop/web"},
			{"from": "k8s:Deployment/shop/web", "via": "runs as", "actions": [], "to": _account},
			{"from": _account, "via": "aws_iam_role.app", "actions": ["sts:AssumeRoleWithWebIdentity"], "to": "web"},
			{
				"from": "web", "via": "aws_iam_policy.p", "actions": [_reads],
				"to": "arn:aws:secretsmanager:::secret:a, arn:aws:secretsmanager:::secret:b",
			},
		],
	]}
	_found(_bridged, {"internet-facing": {"max_secrets": 2}}) == set()
}

test_role_alone_over_a_limit_of_its_own_tier_is_said_of_the_role if {
	prod := object.union(_bridged, {"identities": {"web": {"environment": "prod"}}})
	{f.identity | some f in _found(prod, {"prod": {"max_secrets": 1}})} == {"web"}
}
