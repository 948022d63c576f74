package gate.blast_test

import data.gate.blast
import data.gate.lib.envelope_test as envelope

_radius(envelope_) := {summary.id: summary.blast_radius | some summary in found} if {
	found := blast.identities with input as envelope_
}

test_identity_without_reach_has_its_own_account if {
	found := blast.identities with input as envelope.of({"identities": {"r": envelope.identity({"services": 0})}})
	found == [{
		"id": "r", "kind": "role", "platform": "aws",
		"blast_radius": {"admin": false, "score": 0, "services": 0, "secrets": 0, "identities": 0, "accounts": 1},
	}]
}

test_administrator_scores_the_whole if {
	_radius(envelope.of({"identities": {"r": envelope.identity({"all_access": "unconditional", "services": 400})}})) == {"r": {
		"admin": true, "score": 100, "services": 400, "secrets": 0, "identities": 0, "accounts": 1,
	}}
}

_world := {
	"identities": {
		"ci": envelope.identity({"kind": "user", "account": "111122223333", "services": 20, "grants": {
			"sts:AssumeRole": ["all"], "iam:PassRole": ["one"], "secretsmanager:GetSecretValue": ["all"],
		}}),
		"deploy": envelope.identity({"account": "111122223333"}),
		"passed": envelope.identity({"account": "111122223333", "grants": {"iam:PassRole": ["all"]}}),
		"far": envelope.identity({"account": "444455556666", "external": true}),
		"admin": envelope.identity({"all_access": "unconditional", "grants": {"*": ["all"]}}),
	},
	"grants": {"all": envelope.grant({}), "one": envelope.grant(envelope.named("arn", ["passed", "aws_s3_bucket.b"]))},
	"trust": {
		"deploy": [envelope.edge({"kind": "account", "value": "111122223333", "own_account": true}, {})],
		"far": [envelope.edge({"kind": "role", "value": "deploy", "identity": "deploy"}, {})],
		"admin": [envelope.edge({"kind": "role", "value": "not ci", "identity": "ci"}, {"negated": true})],
	},
	"workloads": {"f": envelope.workload({"runs_as": ["deploy"], "secrets": [{"secret": "db", "via": "env"}]})},
}

test_reach_follows_trust_and_passed_roles if {
	found := _radius(envelope.of(_world))
	found.deploy == {"admin": false, "score": 15, "services": 1, "secrets": 1, "identities": 1, "accounts": 2}
	found.passed == {"admin": true, "score": 100, "services": 1, "secrets": 0, "identities": 3, "accounts": 2}
	found.ci == {"admin": true, "score": 100, "services": 20, "secrets": 1, "identities": 4, "accounts": 2}
	found.admin == {"admin": true, "score": 100, "services": 1, "secrets": 0, "identities": 0, "accounts": 1}
}

test_external_identities_are_not_listed if {
	not _radius(envelope.of(_world)).far
}

test_named_role_is_assumed_only_when_it_lets_the_account_in if {
	parts := {
		"identities": {
			"r": envelope.identity({"grants": {"sts:AssumeRole": ["g"]}}),
			"a": envelope.identity({}),
			"b": envelope.identity({}),
		},
		"grants": {"g": envelope.grant(envelope.named("arn", ["a", "b"]))},
		"trust": {"a": [envelope.edge({"kind": "account", "value": "1", "own_account": true}, {})]},
	}
	_radius(envelope.of(parts)).r.identities == 1
}
