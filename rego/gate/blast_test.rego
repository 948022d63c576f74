package gate.blast_test

import data.gate.blast
import data.gate.lib.envelope_test as envelope

_radius(envelope_) := {summary.id: summary.blast_radius | some summary in found} if {
	found := blast.identities with input as envelope_
}

_bare := {
	"admin": false, "score": 0, "services": 0, "sensitive_actions": 0, "readable": 0, "writable": 0, "destructible": 0,
	"secrets": 0, "unlimited": [], "identities": 0, "becomes": [], "accounts": 1, "environments": [], "exposure": "none",
	"lifetime": "session", "tiers": [],
}

_idle(parts) := envelope.identity(object.union({"services": 0, "service_names": []}, parts))

test_identity_without_reach_has_its_own_account if {
	found := blast.identities with input as envelope.of({"identities": {"r": _idle({})}})
	found == [{"id": "r", "kind": "role", "platform": "aws", "blast_radius": _bare}]
}

test_administrator_scores_the_whole if {
	parts := {"identities": {"r": _idle({"all_access": "unconditional", "services": 400, "grants": {"*": ["g"]}})}, "grants": {"g": envelope.grant({})}}
	_radius(envelope.of(parts)) == {"r": object.union(_bare, {
		"admin": true, "score": 100, "services": 400, "sensitive_actions": 1, "tiers": ["privileged"],
		"unlimited": ["destructible", "readable", "secrets", "writable"],
	})}
}

_parts_who1(conditions) := {
	"identities": {"r": _idle({"grants": {"iam:PutRolePolicy": ["g"]}})},
	"grants": {"g": envelope.grant({"conditions": conditions})},
}

test_who_can_write_anybodys_rights_is_an_administrator if {
	_radius(envelope.of(_parts_who1([]))).r.admin
	_radius(envelope.of(_parts_who1([envelope.when("Bool", "aws:MultiFactorAuthPresent", ["true"])]))).r.admin
	found := _radius(envelope.of(_parts_who1([envelope.when("StringEquals", "aws:ResourceTag/team", ["a"])]))).r
	[found.admin, found.tiers] == [false, ["privileged"]]
}

_world := {
	"identities": {
		"ci": envelope.identity({"kind": "user", "account": "111122223333", "services": 20, "environment": "Production", "grants": {
			"sts:AssumeRole": ["all"], "iam:PassRole": ["one"], "secretsmanager:GetSecretValue": ["all"],
			"lambda:CreateFunction": ["all"], "lambda:InvokeFunction": ["all"],
		}}),
		"deploy": envelope.identity({"account": "111122223333", "environment": "dev", "service_names": ["sqs"]}),
		"passed": envelope.identity({"account": "111122223333", "grants": {"iam:PassRole": ["all"], "ec2:RunInstances": ["all"]}}),
		"far": envelope.identity({"account": "444455556666", "external": true}),
		"admin": envelope.identity({"account": "111122223333", "all_access": "unconditional", "grants": {"*": ["all"]}}),
	},
	"grants": {"all": envelope.grant({}), "one": envelope.grant(envelope.named("arn", ["passed", "aws_s3_bucket.b"]))},
	"trust": {
		"deploy": [envelope.edge({"kind": "account", "value": "111122223333", "own_account": true}, {})],
		"far": [envelope.edge({"kind": "role", "value": "deploy", "identity": "deploy"}, {})],
		"admin": [
			envelope.edge({"kind": "role", "value": "not ci", "identity": "ci"}, {"negated": true}),
			envelope.edge({"kind": "service", "value": "ec2.amazonaws.com"}, {}),
		],
		"passed": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})],
	},
	"workloads": {"f": envelope.workload({"runs_as": ["deploy"], "exposure": "internet", "secrets": [{"secret": "db", "via": "env"}]})},
	"credentials": [{"kind": "access key", "source": envelope.from("aws_iam_access_key.k"), "identity": "deploy", "change": "create"}],
}

test_reach_follows_trust_and_passed_roles if {
	found := _radius(envelope.of(_world))
	found.deploy == object.union(_bare, {
		"score": 11, "services": 2, "secrets": 1, "identities": 1, "becomes": ["far"], "accounts": 2,
		"environments": ["dev"], "exposure": "internet", "lifetime": "unlimited", "tiers": ["internet-facing"],
	})
	[found.passed.admin, found.passed.score, found.passed.becomes] == [true, 100, ["admin"]]
	found.ci == object.union(_bare, {
		"admin": true, "score": 100, "services": 20, "secrets": 2, "sensitive_actions": 7, "identities": 4, "accounts": 2,
		"becomes": ["admin", "deploy", "far", "passed"], "environments": ["Production", "dev"], "tiers": ["prod"],
		"unlimited": ["destructible", "readable", "secrets", "writable"],
	})
	[found.admin.score, found.admin.identities] == [100, 0]
}

test_external_identities_are_not_listed if {
	not _radius(envelope.of(_world)).far
}

test_named_role_is_assumed_only_when_it_lets_the_account_in if {
	parts := {
		"identities": {"r": envelope.identity({"grants": {"sts:AssumeRole": ["g"]}}), "a": envelope.identity({}), "b": envelope.identity({})},
		"grants": {"g": envelope.grant(envelope.named("arn", ["a", "b"]))},
		"trust": {"a": [envelope.edge({"kind": "account", "value": "1", "own_account": true}, {})]},
	}
	_radius(envelope.of(parts)).r.becomes == ["a"]
}

_passing(conditions, starts) := {
	"identities": {
		"r": envelope.identity({"kind": "user", "grants": object.union({"iam:PassRole": ["g"]}, {action: ["h"] | some action in starts})}),
		"a": envelope.identity({}), "b": envelope.identity({}), "c": envelope.identity({}),
		"x": envelope.identity({"external": true}),
	},
	"grants": {"g": envelope.grant({"conditions": conditions}), "h": envelope.grant({})},
	"trust": {
		"a": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})],
		"b": [envelope.edge({"kind": "service", "value": "ec2.amazonaws.com"}, {})],
	},
}

test_edge_the_named_identity_cannot_use_leads_nowhere if {
	parts := {
		"identities": {"r": envelope.identity({}), "a": envelope.identity({}), "b": envelope.identity({})},
		"trust": {
			"a": [envelope.edge({"kind": "role", "value": "r", "identity": "r"}, {"usable": false})],
			"b": [envelope.edge({"kind": "role", "value": "r", "identity": "r"}, {"usable": true})],
		},
	}
	_radius(envelope.of(parts)).r.becomes == ["b"]
}

test_role_that_trusts_no_service_cannot_be_passed if {
	_radius(envelope.of(_passing([], _both_services))).r.becomes == ["a", "b", "x"]
}

_both_services := ["lambda:CreateFunction", "lambda:InvokeFunction", "ec2:RunInstances"]

test_role_is_passed_only_where_code_can_be_started if {
	_radius(envelope.of(_passing([], ["ec2:RunInstances"]))).r.becomes == ["b", "x"]
	_radius(envelope.of(_passing([], []))).r.becomes == []
	named := {"g": envelope.grant(envelope.named("arn", ["a", "b"])), "h": envelope.grant({})}
	_radius(envelope.of(object.union(_passing([], ["ec2:RunInstances"]), {"grants": named}))).r.becomes == ["b"]
}

test_who_is_an_administrator_under_conditions_passes_to_every_service if {
	parts := _passing([], [])
	user := envelope.identity({"kind": "user", "all_access": "conditional", "grants": {"iam:PassRole": ["g"]}})
	_radius(envelope.of(object.union(parts, {"identities": object.union(parts.identities, {"r": user})}))).r.becomes == ["a", "b", "x"]
}

_own_policy(conditions) := {
	"identities": {"r": _idle({"grants": {"iam:PutRolePolicy": ["g"]}})},
	"grants": {"g": envelope.grant(object.union(envelope.named("arn", ["r"]), {"conditions": conditions}))},
}

test_who_can_write_its_own_policy_is_an_administrator if {
	_radius(envelope.of(_own_policy([]))).r.admin
	not _radius(envelope.of(_own_policy([envelope.when("StringEquals", "aws:ResourceTag/team", ["a"])]))).r.admin
}

_when_roles2(values) := [envelope.when("StringEquals", "iam:PassedToService", values)]

test_roles_are_passed_to_the_services_the_condition_names if {
	_radius(envelope.of(_passing(_when_roles2(["lambda.amazonaws.com"]), _both_services))).r.becomes == ["a", "x"]
	_radius(envelope.of(_passing(_when_roles2(["lambda.*"]), _both_services))).r.becomes == ["a", "b", "x"]
}

_becomes_credentials3(action, targets) := _radius(envelope.of({
	"identities": {
		"r": envelope.identity({"grants": {action: ["g"]}}), "role": envelope.identity({}),
		"user": envelope.identity({"kind": "user"}), "group": envelope.identity({"kind": "group"}),
	},
	"grants": {"g": envelope.grant(envelope.named("arn", targets))},
	"workloads": {"aws_lambda_function.f": envelope.workload({"runs_as": ["role"]})},
})).r.becomes

test_credentials_trust_groups_and_code_of_others_are_ways_to_become_them if {
	all := ["role", "user", "group", "aws_lambda_function.f"]
	_becomes_credentials3("iam:CreateAccessKey", all) == ["user"]
	_becomes_credentials3("iam:UpdateAssumeRolePolicy", all) == ["role"]
	_becomes_credentials3("iam:AddUserToGroup", all) == ["group"]
	_becomes_credentials3("lambda:UpdateFunctionCode", all) == ["role"]
	_becomes_credentials3("ssm:StartSession", all) == []
	_becomes_credentials3("lambda:UpdateFunctionCode", ["aws_s3_bucket.b"]) == []
}

test_service_account_becomes_the_role_that_lets_it_in if {
	parts := {
		"identities": {
			"k8s:ServiceAccount/shop/web": _idle({"kind": "service_account", "platform": "kubernetes", "namespace": "shop", "name": "web"}),
			"role": _idle({"account": "111122223333"}),
		},
		"trust": {"role": [envelope.edge({"kind": "service_account", "identity": "k8s:ServiceAccount/shop/web"}, {"meant": true})]},
	}
	found := _radius(envelope.of(parts))["k8s:ServiceAccount/shop/web"]
	[found.becomes, found.accounts] == [["role"], 1]
}

_holding(action, grant) := _radius(envelope.of({
	"identities": {"r": _idle({"grants": {action: ["g"]}})},
	"grants": {"g": envelope.grant(object.union({"everything": false}, grant))},
})).r

test_objects_of_a_bucket_are_one_store if {
	found := _holding("s3:GetObject", {"resources": ["arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:sqs:::q", "arn:aws:gate:::aws_s3_bucket.c/*", "${var.bucket}"]})
	[found.readable, found.writable, found.unlimited] == [3, 0, []]
}

test_pattern_covers_what_nobody_can_list if {
	found := _holding("s3:DeleteObject", {"resources": ["arn:aws:s3:::logs-?"]})
	[found.destructible, found.unlimited] == [1, ["destructible"]]
}

test_ending_of_a_secrets_name_is_no_pattern if {
	found := _holding("secretsmanager:GetSecretValue", {"resources": ["arn:aws:secretsmanager:eu:1:secret:db-*", "arn:aws:secretsmanager:eu:1:secret:api-??????"]})
	[found.secrets, found.unlimited] == [2, []]
}

test_more_secrets_nobody_can_list_score_more if {
	named := _holding("secretsmanager:GetSecretValue", {"resources": ["arn:aws:secretsmanager:eu:1:secret:db"]})
	pattern := _holding("secretsmanager:GetSecretValue", {"resources": ["arn:aws:secretsmanager:eu:1:secret:prod/*"]})
	whole := _holding("secretsmanager:GetSecretValue", {"everything": true})
	[named.score, pattern.score, whole.score] == [3, 9, 10]
}

_parts_secrets4(grant) := {
	"identities": {"sa": _idle({"kind": "service_account", "platform": "kubernetes", "grants": {"get secrets": ["g"]}})},
	"grants": {"g": envelope.grant(object.union({"platform": "kubernetes", "everything": false}, grant))},
}

test_secrets_of_a_namespace_are_secrets if {
	named := _radius(envelope.of(_parts_secrets4({"resources": ["shop/db", "shop/api"]}))).sa
	[named.secrets, named.unlimited] == [2, []]
	whole := _radius(envelope.of(_parts_secrets4({"resources": ["shop/*"]}))).sa
	[whole.secrets, whole.unlimited] == [1, ["secrets"]]
}

_accounts_account5(parts, own) := _radius(envelope.of({
	"identities": {"r": _idle({}), "s": _idle(parts)}, "own_accounts": own,
	"trust": {"s": [envelope.edge({"kind": "role", "value": "r", "identity": "r"}, {})]},
})).r.accounts

test_account_without_a_number_is_one_account if {
	_accounts_account5({}, []) == 1
	_accounts_account5({"account": "111122223333"}, []) == 2
	_accounts_account5({"account": "111122223333"}, ["111122223333"]) == 1
}

_score_unknown6(exposures) := _radius(envelope.of({
	"identities": {"r": envelope.identity({"services": 90})},
	"workloads": {exposure: envelope.workload({"exposure": exposure}) | some exposure in exposures},
})).r.score

test_unknown_exposure_stands_between if {
	[_score_unknown6(["none"]), _score_unknown6(["none", "unknown"]), _score_unknown6(["unknown", "internet"])] == [11, 13, 14]
}

test_roles_that_assume_each_other_are_one_walk if {
	ids := {sprintf("r%d", [n]) | some n in numbers.range(1, 300)}
	parts := {
		"identities": {id: envelope.identity({"grants": {"sts:AssumeRole": ["g"]}}) | some id in ids},
		"grants": {"g": envelope.grant({})},
		"trust": {id: [envelope.edge({"kind": "account", "value": "1", "own_account": true}, {})] | some id in ids},
	}
	{[radius.identities, count(radius.becomes)] | some radius in _radius(envelope.of(parts))} == {[299, 0]}
}
