package gate.lib.conditions_test

import data.gate.lib.conditions
import data.gate.lib.envelope_test as envelope

test_accounts_on_whose_behalf_a_service_acts if {
	conditions.sources([
		envelope.when("StringEquals", "aws:SourceAccount", ["111122223333", "444455556666"]),
		envelope.when("ArnLike", "aws:SourceArn", ["arn:aws:sns:*:444455556666:t"]),
	]) == {"444455556666"}
	conditions.sources([envelope.when("ArnLike", "aws:SourceArn", ["arn:aws:s3:::b"])]) == set()
}

test_an_address_counts_only_as_a_part_of_all if {
	conditions.network([envelope.condition({"name": "aws:sourceip", "covers": "some addresses"})])
	not conditions.network([envelope.condition({"name": "aws:sourceip", "covers": "values"})])
}

test_a_condition_narrows_as_the_model_says if {
	conditions.unlimited([])
	conditions.unlimited([envelope.condition({"narrows": false})])
	not conditions.unlimited([envelope.condition({"narrows": true}), envelope.condition({"narrows": false})])
}

test_an_external_id_that_the_request_fills_is_none if {
	written := envelope.when("StringEquals", "sts:ExternalId", ["${aws:PrincipalAccount}"])
	conditions.external_id([written])
	not conditions.external_id([object.union(written, {"filled": ["*"]})])
}
