package gate.rules.access.blast_radius_limit_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.access.blast_radius_limit as rule

_found(parts, limits) := found if {
	found := rule.findings with input as envelope.configured(parts, {"limits": limits})
}

_said(parts, limits) := {[f.identity, f.message] | some f in _found(parts, limits)}

_reader := {
	"identities": {"r": envelope.identity({"grants": {"secretsmanager:GetSecretValue": ["g", "h"]}, "environment": "prod"})},
	"grants": {
		"g": envelope.grant({"everything": false, "resources": ["arn:aws:secretsmanager:::secret:a", "arn:aws:secretsmanager:::secret:b"]}),
		"h": envelope.grant({"everything": false, "resources": ["arn:aws:secretsmanager:::secret:c"], "source": object.union(envelope.from("aws_iam_policy.q"), {"statement": null})}),
	},
}

test_breach_says_limit_count_and_contributors if {
	at := {"file": "main.tf", "line": 3, "end_line": 9}
	_found(_reader, {"default": {"max_secrets": 9}, "prod": {"max_secrets": 2}}) == {{
		"address": "aws_iam_role.app",
		"confidence": "proven",
		"evidence": [
			{"address": "aws_iam_policy.p", "statement": "0", "action": "secretsmanager:GetSecretValue", "resource": "arn:aws:secretsmanager:::secret:a, arn:aws:secretsmanager:::secret:b", "location": at},
			{"address": "aws_iam_policy.q", "statement": null, "action": "secretsmanager:GetSecretValue", "resource": "arn:aws:secretsmanager:::secret:c", "location": at},
		],
		"facts": {
			"max_secrets: secret secretsmanager named arn:aws:secretsmanager:::secret:a",
			"max_secrets: secret secretsmanager named arn:aws:secretsmanager:::secret:b",
			"max_secrets: secret secretsmanager named arn:aws:secretsmanager:::secret:c",
		},
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:AC-6"],
		"identity": "r",
		"location": at,
		"message": "r reads 3 secrets; limits.prod.max_secrets of gate.yaml allows 2. Largest contributors: statement 0 of aws_iam_policy.p (2), aws_iam_policy.q.",
		"path": [],
		"remediation": "Take away what contributes most, split the identity by its functions, or raise the limit in gate.yaml with whoever owns it.",
		"rule": "blast-radius-limit",
		"severity": "high",
		"title": "Blast radius over a limit",
	}}
}

test_no_limits_are_silent if {
	_found(_reader, {}) == set()
}

test_what_is_allowed_is_silent if {
	_found(_reader, {"default": {"max_secrets": 3, "max_services": 1, "max_identities": 0, "admin": false, "destroy": false, "cross_account": false, "cross_environment": false}}) == set()
	_found(_world, {"default": {"admin": true, "destroy": true, "cross_account": true, "cross_environment": true}}) == set()
}

test_limits_of_other_tiers_do_not_hold if {
	_found(_reader, {"internet-facing": {"max_secrets": 0}, "privileged": {"max_secrets": 0}}) == set()
}

test_strictest_of_several_tiers_counts if {
	exposed := object.union(_reader, {"workloads": {"f": envelope.workload({"exposure": "internet"})}})
	said := _said(exposed, {"default": {"max_secrets": 0}, "prod": {"max_secrets": 2}, "internet-facing": {"max_secrets": 1}})
	said == {["r", "r reads 3 secrets, and the internet reaches it through f; limits.internet-facing.max_secrets of gate.yaml allows 1. Largest contributors: statement 0 of aws_iam_policy.p (2), aws_iam_policy.q."]}
}

test_secrets_nobody_can_count_are_too_many if {
	parts := {"identities": {"r": envelope.identity({"grants": {"ssm:GetParameter": ["g"]}})}, "grants": {"g": envelope.grant({})}}
	_said(parts, {"default": {"max_secrets": 99}}) == {["r", "r reads secrets that nobody can count; limits.default.max_secrets of gate.yaml allows 99. Largest contributors: statement 0 of aws_iam_policy.p."]}
}

test_secrets_of_workloads_count if {
	parts := {"identities": {"r": envelope.identity({})}, "workloads": {"f": envelope.workload({"secrets": [{"secret": "db", "via": "env"}]})}}
	_said(parts, {"default": {"max_secrets": 0}}) == {["r", "r reads 1 secret; limits.default.max_secrets of gate.yaml allows 0. Largest contributors: what workloads hand to it."]}
}

_world := {
	"identities": {
		"ci": envelope.identity({"grants": {"sts:AssumeRole": ["all"], "s3:DeleteBucket": ["b"]}, "environment": "dev", "account": "111122223333", "service_names": ["s3", "sts"], "services": 2}),
		"deploy": envelope.identity({"environment": "prod", "account": "111122223333", "service_names": ["sqs"], "source": null}),
		"far": envelope.identity({"external": true, "account": "444455556666", "service_names": []}),
		"team": envelope.identity({"kind": "group", "members": ["ci"], "grants": {"s3:DeleteBucket": ["b"]}}),
	},
	"grants": {"all": envelope.grant({}), "b": envelope.grant(object.union(envelope.named("arn:aws:s3:::b", []), {}))},
	"trust": {
		"deploy": [envelope.edge({"kind": "account", "value": "111122223333", "own_account": true}, {})],
		"far": [envelope.edge({"kind": "role", "value": "deploy", "identity": "deploy"}, {})],
	},
}

test_identities_and_services_are_counted_by_chains if {
	_said(_world, {"default": {"max_identities": 1, "max_services": 2}}) == {
		["ci", "ci can become 2 other identities; limits.default.max_identities of gate.yaml allows 1. Largest contributors: deploy (2)."],
		["ci", "ci reaches 3 services; limits.default.max_services of gate.yaml allows 2. Largest contributors: ci (2), deploy, far."],
	}
}

test_environments_accounts_and_data_are_limited if {
	_said(_world, {"default": {"cross_environment": false, "cross_account": false, "destroy": false}}) == {
		["ci", "ci reaches the environments dev and prod; limits.default.cross_environment of gate.yaml allows none. Largest contributors: deploy."],
		["ci", "ci reaches 2 accounts; limits.default.cross_account of gate.yaml allows none. Largest contributors: far."],
		["ci", "ci can destroy 1 data store; limits.default.destroy of gate.yaml allows none. Largest contributors: statement 0 of aws_iam_policy.p."],
		["deploy", "deploy reaches 2 accounts; limits.default.cross_account of gate.yaml allows none. Largest contributors: far."],
	}
	{f.address | some f in _found(_world, {"default": {"cross_account": false}})} == {"aws_iam_role.app", "deploy"}
}

test_one_other_identity_is_one if {
	_said(_world, {"default": {"max_identities": 0}}) & {["deploy", "deploy can become 1 other identity; limits.default.max_identities of gate.yaml allows 0. Largest contributors: far."]} != set()
}

_admin := {
	"identities": {"r": envelope.identity({"all_access": "unconditional", "services": 400, "grants": {"*": ["g"]}})},
	"grants": {"g": envelope.grant({})},
}

test_administrator_is_one_finding if {
	_said(_admin, {"default": {"admin": false, "max_secrets": 1, "max_services": 1, "destroy": false}}) == {["r", "r is an administrator or can become one; limits.default.admin of gate.yaml allows none. Largest contributors: r."]}
}

test_administrator_that_is_allowed_has_no_other_limit if {
	_said(_admin, {"default": {"admin": false, "max_secrets": 1}, "privileged": {"admin": true}}) == set()
}

test_administrator_breaches_every_limit_where_none_speaks_of_administrators if {
	_said(_admin, {"default": {"max_secrets": 1, "max_identities": 5, "destroy": false}}) == {
		["r", "r reads secrets that nobody can count; limits.default.max_secrets of gate.yaml allows 1. Largest contributors: what administrators hold."],
		["r", "r can become every identity of its account; limits.default.max_identities of gate.yaml allows 5. Largest contributors: what administrators hold."],
		["r", "r can destroy data stores that nobody can count; limits.default.destroy of gate.yaml allows none. Largest contributors: what administrators hold."],
	}
}

test_more_than_a_hundred_are_only_counted_in_the_facts if {
	names := [sprintf("s%d", [n]) | some n in numbers.range(1, 120)]
	found := _found({"identities": {"r": envelope.identity({"service_names": names, "services": 120})}}, {"default": {"max_services": 5}})
	{f.facts | some f in found} == {{"max_services: 120"}}
}

_account := "k8s:ServiceAccount/shop/web"

_bridged := {
	"identities": {
		_account: envelope.identity({"kind": "service_account", "platform": "kubernetes", "service_names": [], "source": null}),
		"web": envelope.identity({"grants": {"secretsmanager:GetSecretValue": ["g"]}}),
	},
	"grants": {"g": envelope.grant({"everything": false, "resources": ["arn:aws:secretsmanager:::secret:a", "arn:aws:secretsmanager:::secret:b"]})},
	"trust": {"web": [envelope.edge({"kind": "service_account", "identity": _account}, {"meant": true, "actions": ["sts:AssumeRoleWithWebIdentity"]})]},
	"workloads": {"k8s:Deployment/shop/web": envelope.workload({"platform": "kubernetes", "runs_as": [_account, "web"], "exposure": "internet", "doors": ["k8s:Ingress/shop/web"]})},
}

test_chain_from_the_internet_to_the_secrets_is_one_finding if {
	{[f.identity, f.message, f.path] | some f in _found(_bridged, {"internet-facing": {"max_secrets": 1}})} == {[
		_account,
		"k8s:ServiceAccount/shop/web reads 2 secrets by becoming web, and the internet reaches it through k8s:Ingress/shop/web and k8s:Deployment/shop/web; limits.internet-facing.max_secrets of gate.yaml allows 1. Largest contributors: statement 0 of aws_iam_policy.p (2).",
		[
			{"from": "k8s:Ingress/shop/web", "via": "traffic from the internet", "actions": [], "to": "k8s:Deployment/shop/web"},
			{"from": "k8s:Deployment/shop/web", "via": "runs as", "actions": [], "to": _account},
			{"from": _account, "via": "aws_iam_role.app", "actions": ["sts:AssumeRoleWithWebIdentity"], "to": "web"},
			{"from": "web", "via": "aws_iam_policy.p", "actions": ["secretsmanager:GetSecretValue"], "to": "arn:aws:secretsmanager:::secret:a, arn:aws:secretsmanager:::secret:b"},
		],
	]}
	_found(_bridged, {"internet-facing": {"max_secrets": 2}}) == set()
}

test_role_alone_over_a_limit_of_its_own_tier_is_said_of_the_role if {
	prod := json.patch(_bridged, [{"op": "replace", "path": "/identities/web/environment", "value": "prod"}])
	{f.identity | some f in _found(prod, {"prod": {"max_secrets": 1}})} == {"web"}
}

test_steps_over_another_identity_are_shown if {
	parts := {
		"identities": {
			"a": envelope.identity({"grants": {"iam:CreateAccessKey": ["u"]}, "service_names": ["iam"]}),
			"b": envelope.identity({"kind": "user", "grants": {"iam:UpdateAssumeRolePolicy": ["v"]}, "service_names": ["iam"]}),
			"c": envelope.identity({"grants": {"iam:UpdateAssumeRolePolicy": ["w"]}, "service_names": ["iam"]}),
			"d": envelope.identity({"grants": {"s3:DeleteBucket": ["x"]}, "service_names": ["s3"]}),
		},
		"grants": {
			"u": envelope.grant({"everything": false, "resources": ["b"], "targets": ["b"]}),
			"v": envelope.grant({"everything": false, "resources": ["c"], "targets": ["c"]}),
			"w": envelope.grant({"everything": false, "resources": ["d"], "targets": ["d"]}),
			"x": envelope.grant({"everything": false, "resources": ["arn:aws:s3:::data"]}),
		},
	}
	paths := {f.identity: [[step.from, step.via, step.to] | some step in f.path] | some f in _found(parts, {"default": {"destroy": false}})}
	last := ["d", "aws_iam_policy.p", "arn:aws:s3:::data"]
	paths == {
		"a": [["a", "other identities", "d"], last],
		"b": [["b", "its permissions", "c"], ["c", "its permissions", "d"], last],
		"c": [["c", "its permissions", "d"], last],
		"d": [],
	}
}
