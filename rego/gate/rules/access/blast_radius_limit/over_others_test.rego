package gate.rules.access.blast_radius_limit_test

import data.gate.lib.envelope_test as envelope

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
		"things": {"b": {"destroy": [envelope.stores("named", 1)]}},
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
		[{"address": "aws_iam_role.app", "statement": null, "location": envelope.from("r").location}],
	]}
}

test_what_is_allowed_is_silent if {
	limits := {"admin": true, "destroy": true, "cross_account": true, "cross_environment": true, "max_identities": 2}
	_found(_world, {"default": limits}) == set()
}

_account := "k8s:ServiceAccount/shop/web"

_reads_secrets := "secretsmanager:GetSecretValue"

_secrets := ["arn:aws:secretsmanager:::secret:a", "arn:aws:secretsmanager:::secret:b"]

_two_secrets := {"max_secrets": envelope.contribution({
	"contributors": [{"holder": "web", "size": 2, "grant": "g", "action": _reads_secrets}],
	"reached": [sprintf("secret secretsmanager named %s", [secret]) | some secret in _secrets],
	"count": 2,
})}

# A pod that the internet reaches, its account, and the role that this one is meant to be.
_bridged := {
	"identities": {
		_account: envelope.identity({"kind": "service_account", "platform": "kubernetes", "source": null}),
		"web": envelope.identity({"grants": {_reads_secrets: ["g"]}}),
	},
	"grants": {"g": envelope.grant({"everything": false, "resources": _secrets})},
	"trust": {"web": [envelope.edge(
		{"kind": "service_account", "identity": _account},
		{"meant": true, "actions": ["sts:AssumeRoleWithWebIdentity"]},
	)]},
	"workloads": {"k8s:Deployment/shop/web": envelope.workload({
		"platform": "kubernetes", "runs_as": [_account, "web"], "exposure": "internet", "doors": ["k8s:Ingress/shop/web"],
	})},
	"graph": {
		"reach": {id: envelope.reach({"things": "t"}) | some id in [_account, "web"]},
		"things": {"t": {"secret": [envelope.stores("named", 2)]}},
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
				"from": "web", "via": "aws_iam_policy.p", "actions": [_reads_secrets],
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
