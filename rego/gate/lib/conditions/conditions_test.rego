package gate.lib.conditions_test

import data.gate.lib.conditions
import data.gate.lib.envelope_test as envelope

_counts(operator, key, value) if conditions.counts(envelope.when(operator, key, [value]))

test_patterns_that_strangers_fit_say_nothing_of_the_caller if {
	every value in [
		"*:session",
		"arn:*",
		"arn:aws:*",
		"arn:aws:sns:*",
		"arn:aws:sns:eu-west-1:12345678901?:t",
		"arn:aws:sns:*:1*:t",
		"1*",
		"o-*",
		"o-ab*",
		"vpce-*",
		"vpc-0*",
		"AROA*",
		"AIDA*",
	] {
		not _counts("StringLike", "aws:SourceArn", value)
	}
}

test_patterns_within_one_caller_count if {
	every value in [
		"arn:aws:sns:*:111122223333:*", "arn:aws:s3:::logs-*", "arn:aws:sns:eu-west-1:111122223333:t",
		"o-abcdefghij/*", "o-abcdefghij*", "111122223333", "vpce-0123456789abcdef0", "vpce-0123456789abcdef0*",
		"AROAEXAMPLEEXAMPLE123:*",
	] {
		_counts("StringLike", "aws:SourceArn", value)
	}
}

test_other_keys_have_patterns_of_their_own if {
	_counts("StringLike", "aws:ResourceTag/env", "*-dev")
	_counts("StringLike", "saml:sub", "*@example.com")
	_counts("StringLike", "sts:ExternalId", "1*")
}

test_exact_operators_compare_patterns_as_they_stand if {
	_counts("StringEquals", "aws:SourceAccount", "1*")
	not _counts("ForAllValues:StringLike", "aws:SourceAccount", "111122223333")
}

test_two_halves_of_the_internet_are_all_of_it if {
	conditions.network([envelope.when("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "192.0.2.0/24"])])
	not conditions.network([envelope.when("IpAddress", "aws:SourceIp", ["0.0.0.0/1", "128.0.0.0/1"])])
	not conditions.network([envelope.when("IpAddress", "aws:SourceIp", ["::/0"])])
}

test_accounts_on_whose_behalf_a_service_acts if {
	conditions.sources([
		envelope.when("StringEquals", "aws:SourceAccount", ["111122223333", "444455556666"]),
		envelope.when("ArnLike", "aws:SourceArn", ["arn:aws:sns:*:444455556666:t"]),
	]) == {
		"444455556666",
	}
	conditions.sources([envelope.when("ArnLike", "aws:SourceArn", ["arn:aws:s3:::b"])]) == set()
}

test_a_tag_that_must_be_there_narrows if {
	count(conditions.limiting([envelope.when("StringLike", "ec2:ResourceTag/CSIVolumeName", ["*"])])) == 1
	conditions.limiting([envelope.when("StringLikeIfExists", "aws:ResourceTag/team", ["*"])]) == []
	conditions.limiting([envelope.when("StringLike", "aws:PrincipalTag/team", ["*"])]) == []
}

test_who_calls_from_where_and_whose_account_narrow_nothing if {
	every key in [
		"aws:PrincipalOrgID", "aws:PrincipalTag/team", "aws:SourceVpc", "aws:SourceVpce", "aws:SourceIdentity",
		"aws:ResourceAccount", "aws:ResourceOrgID", "aws:FederatedProvider", "lambda:SourceFunctionArn",
	] {
		conditions.limiting([envelope.when("StringEquals", key, ["x"])]) == []
	}
	every key in ["aws:ResourceTag/team", "aws:RequestTag/team", "iam:PassedToService", "aws:SourceAccount", "s3:prefix"] {
		count(conditions.limiting([envelope.when("StringEquals", key, ["x"])])) == 1
	}
}
