package gate.lib.strength_test

import data.gate.lib.envelope_test as envelope
import data.gate.lib.strength

_of(identity, grant) := found if {
	found := strength.of("r") with input as envelope.of({
		"identities": {"r": envelope.identity(identity)}, "grants": {"g": envelope.grant(grant)},
	})
}

_reads := {"grants": {"secretsmanager:GetSecretValue": ["g"]}}

_one(resource) := envelope.named(resource, [])

test_an_administrator_is_the_strongest if {
	_of({"all_access": "conditional"}, {}) == "administrator"
}

test_a_branch_of_secrets_is_strong_and_a_named_one_is_ordinary if {
	_of(_reads, {}) == "strong"
	_of(_reads, _one("arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/*")) == "strong"
	_of(_reads, _one("arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop-??????")) == "ordinary"
	_of(_reads, {"conditions": [envelope.when("StringEquals", "aws:ResourceTag/team", ["a"])]}) == "ordinary"
}

test_data_and_invocations_are_ordinary if {
	_of({"grants": {"s3:GetObject": ["g"], "lambda:InvokeFunction": ["g"]}}, {}) == "ordinary"
}
