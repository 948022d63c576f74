"""What one condition establishes, as the model says it to the graph and to the rules."""

import pytest

from gate.extract.aws.language.condition_facts import read_condition
from gate.extract.aws.trust.unsatisfiable_trust import never_met
from gate.model.access import Condition, Principal

_GITHUB = Principal(
    "oidc",
    "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
    name="token.actions.githubusercontent.com",
)
_SUB = "token.actions.githubusercontent.com:sub"


def counts(operator: str, key: str, *values: str) -> bool:
    return read_condition(operator, key, values).counts


@pytest.mark.parametrize(
    "value",
    ["*", "**", "?*", "*:session", "arn:*", "arn:aws:*", "arn:aws:sns:*", "arn:aws:sns:eu-west-1:12345678901?:t",
     "arn:aws:sns:*:1*:t", "arn:aws:s3:::*", "arn:aws:iam::*:role/admin", "1*", "o-*", "o-ab*", "vpce-*", "vpc-0*",
     "AROA*", "AIDA*"],
)  # fmt: skip
def test_patterns_that_strangers_fit_say_nothing_of_the_caller(value):
    assert not counts("StringLike", "aws:SourceArn", value)
    assert not counts("StringLike", "aws:SourceArn", "arn:aws:sns:eu-west-1:111122223333:t", value)


@pytest.mark.parametrize(
    "value",
    ["arn:aws:sns:*:111122223333:*", "arn:aws:s3:::logs-*", "arn:aws:sns:eu-west-1:111122223333:t", "o-abcdefghij/*",
     "o-abcdefghij*", "111122223333", "vpce-0123456789abcdef0", "vpce-0123456789abcdef0*", "AROAEXAMPLEEXAMPLE123:*"],
)  # fmt: skip
def test_patterns_within_one_caller_count(value):
    assert counts("StringLike", "aws:SourceArn", value)


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringLike", "aws:PrincipalArn", "arn*"),
        ("StringLike", "aws:PrincipalArn", "ar?:aws:iam::*"),
        ("StringLike", "aws:PrincipalArn", "arn:aws:iam:*:role/deploy"),
        ("StringLike", "aws:PrincipalArn", "arn:*:iam::111122223333:role/deploy"),  # a path may hold the rest
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::1111?2223333:role/deploy"),
        ("StringLike", "aws:PrincipalOrgID", "o*"),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o*/r-ab12/*"),
        ("StringLike", "aws:SourceVpce", "v*"),
        ("StringLike", "aws:userid", "ARO*"),
        ("StringLike", "aws:userid", "AROA*:deploy"),
    ],
)
def test_the_beginning_of_a_name_is_everybodys(operator, key, value):
    assert not counts(operator, key, value)


@pytest.mark.parametrize(
    ("operator", "key", "value", "counting"),
    [
        ("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalAccount}", False),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:principalaccount}:role/deploy", False),
        ("StringEquals", "aws:PrincipalOrgID", "${aws:PrincipalOrgID, 'o-abcdefghij'}", False),
        ("StringEquals", "aws:SourceAccount", "${aws:SourceAccount}", False),
        ("StringEquals", "ec2:ResourceTag/team", "${ec2:ResourceTag/team}", False),
        ("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}", True),
        ("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}", True),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:ResourceAccount}:role/*", True),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:user/${aws:username}", True),
        ("StringEquals", "aws:PrincipalAccount", '${data.aws_caller_identity.by["a:b"].account_id}', True),
        ("ArnLike", "aws:PrincipalArn", "arn:*:iam::111122223333:role/deploy", True),
        ("StringEquals", "ec2:ResourceTag/owner", "${aws:username}", True),
    ],
)
def test_a_variable_of_the_request_names_nobody_and_one_of_the_owner_does(operator, key, value, counting):
    assert counts(operator, key, value) is counting


def test_other_keys_have_patterns_of_their_own():
    assert counts("StringLike", "aws:ResourceTag/env", "*-dev")
    assert counts("StringLike", "saml:sub", "*@example.com")
    assert counts("StringLike", "sts:ExternalId", "1*")


def test_an_exact_operator_compares_a_pattern_as_it_stands():
    assert counts("StringEquals", "aws:SourceAccount", "1*")
    assert counts("ForAnyValue:StringEquals", "aws:SourceAccount", "111122223333")


@pytest.mark.parametrize(
    "operator", ["ForAllValues:StringLike", "StringLikeIfExists", "StringNotLike", "Null", "Bool", "IpAddress"]
)
def test_what_also_holds_without_the_key_does_not_count(operator):
    assert not counts(operator, "aws:SourceAccount", "111122223333")
    assert not counts("StringEquals", "aws:SourceAccount")


@pytest.mark.parametrize(
    ("values", "some"),
    [
        (("10.0.0.0/8", "192.0.2.0/24"), True),
        (("0.0.0.0/1", "128.0.0.0/1"), False),
        (("::/0",), False),
        (tuple(f"{first}.0.0.0/8" for first in range(256)), False),
        (("0.0.0.0/0.0.0.0",), False),
        (("0/0",), False),
        (("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "2001:db8::/32"), True),
        (("${aws_eip.nat.public_ip}/32",), True),
        ((), False),
    ],
)
def test_two_halves_of_the_internet_are_all_of_it(values, some):
    assert (read_condition("IpAddress", "aws:SourceIp", values).covers == "some addresses") is some


def test_accounts_are_named_by_number_or_in_an_arn():
    numbers = ("111122223333", "arn:aws:sns:*:444455556666:t", "arn:aws:s3:::b", "1*")
    assert read_condition("StringEquals", "aws:SourceAccount", numbers).named == ("111122223333", "444455556666")
    assert read_condition("StringNotEquals", "aws:SourceAccount", numbers).named == ()


def test_an_account_that_is_not_known_yet_is_no_pattern_and_no_stranger():
    arn = "arn:aws:sns:{region?}:{account?}:t"
    found = read_condition("ArnLike", "aws:SourceArn", (arn, "arn:aws:sns:eu-west-1:000000000000:t"))
    assert (found.counts, found.named, found.wild) == (True, (), ())


def test_an_organization_stands_at_the_beginning_of_a_path():
    paths = ("o-abc/r-ab12/ou-ab12-11111111/*", "o-abc/r-ab12/*")
    found = read_condition("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", paths)
    assert (found.name, found.compares, found.named) == ("aws:principalorgpaths", "stringlike", ("o-abc",))


@pytest.mark.parametrize(
    ("operator", "value", "filled"),
    [
        ("StringEquals", "${token.actions.githubusercontent.com:sub}", ("*",)),
        ("StringLike", "repo:${token.actions.githubusercontent.com:repository_owner}/*", ("repo:*/*",)),
        ("StringEquals", "repo:*/${aws:x}", ("repo:_/*",)),  # a star as it stands
        ("StringEquals", "${aws:ResourceAccount}", ()),
        ("StringEquals", "${var.subject}", ()),
        ("StringEquals", "repo:acme/app:ref:refs/heads/main", ()),
    ],
)
def test_a_variable_of_the_request_may_become_anything(operator, value, filled):
    assert read_condition(operator, _SUB, (value,)).filled == filled


def test_a_key_with_a_name_of_the_users_is_one_name():
    assert read_condition("StringEquals", "aws:PrincipalTag/Team/Sub", ("a",)).name == "aws:principaltag/"
    assert read_condition("StringEquals", "aws:RequestTag/a.b:sub", ("a",)).name == "aws:requesttag/"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (_SUB, "sub"),
        ("oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF:aud", "aud"),
        ("accounts.google.com:oaud", "oaud"),
        ("SAML:aud", "saml:aud"),
        ("sts:ExternalId", "sts:externalid"),
        ("kms:EncryptionContext:aws:s3:arn", "kms:encryptioncontext:aws:s3:arn"),
    ],
)
def test_a_claim_of_a_token_is_named_without_its_issuer(key, name):
    assert read_condition("StringEquals", key, ("a",)).name == name


@pytest.mark.parametrize(
    ("operator", "key", "value", "narrows"),
    [
        ("StringLike", "ec2:ResourceTag/CSIVolumeName", "*", True),
        ("StringLikeIfExists", "aws:ResourceTag/team", "*", False),
        ("StringLike", "aws:PrincipalTag/team", "*", False),
        *(
            ("StringEquals", key, "x", False)
            for key in ("aws:PrincipalOrgID", "aws:PrincipalTag/team", "aws:SourceVpc", "aws:SourceVpce",
                        "aws:SourceIdentity", "aws:ResourceAccount", "aws:ResourceOrgID", "aws:FederatedProvider",
                        "lambda:SourceFunctionArn")
        ),
        *(
            ("StringEquals", key, "x", True)
            for key in ("aws:ResourceTag/team", "aws:RequestTag/team", "iam:PassedToService", "aws:SourceAccount",
                        "s3:prefix")
        ),
    ],
)  # fmt: skip
def test_who_calls_from_where_and_whose_account_narrow_nothing(operator, key, value, narrows):
    assert read_condition(operator, key, (value,)).narrows is narrows


@pytest.mark.parametrize(
    ("operator", "value", "narrows"),
    [
        ("ArnEquals", "arn:aws:iam::aws:policy/AdministratorAccess", False),
        ("StringLike", "arn:*", False),
        ("StringEqualsIgnoreCase", "arn:aws:iam::aws:policy/administratoraccess", False),
        ("ArnEquals", "arn:aws:iam::aws:policy/ReadOnlyAccess", True),
        ("ArnLike", "arn:aws:iam::111122223333:policy/*", True),
    ],
)
def test_who_may_attach_an_administrators_policy_is_not_narrowed(operator, value, narrows):
    assert read_condition(operator, "iam:PolicyARN", (value,)).narrows is narrows


@pytest.mark.parametrize(
    ("key", "value", "whole"),
    [
        ("aws:PrincipalArn", "arn:aws:iam::111122223333:role/*", True),
        ("aws:PrincipalArn", "arn:aws:iam::111122223333:*", True),
        ("aws:PrincipalArn", "arn:aws:iam::111122223333:role/ci-*", False),
        ("aws:SourceArn", "arn:aws:iam::111122223333:role/*", False),
    ],
)
def test_a_pattern_for_everybody_of_an_account(key, value, whole):
    assert (read_condition("ArnLike", key, (value,)).covers == "whole account") is whole


# Who never gets in


def subject(operator: str, *values: str, beside: Condition | None = None) -> tuple[str, ...]:
    conditions = [read_condition(operator, _SUB, values)]
    return never_met(_GITHUB, [*conditions, beside] if beside else conditions)


def test_no_pattern_stands_in_a_principal():
    pattern = Principal("unknown", "arn:aws:iam::111122223333:role/*")
    assert never_met(pattern, ()) == (
        "AWS does not accept a pattern in the ARN of a principal (arn:aws:iam::111122223333:role/*); "
        "use ArnLike on aws:PrincipalArn",
    )
    assert never_met(Principal("role", "arn:aws:iam::111122223333:role/a"), ()) == ()
    assert never_met(Principal("anyone", "*"), ()) == ()


def test_an_issuer_whose_path_ends_like_githubs_writes_subjects_of_its_own():
    key = "ci.example.com/token.actions.githubusercontent.com:sub"
    conditions = [read_condition("StringEquals", key, ("repo:acme@1/app:environment:prod",))]
    assert never_met(_GITHUB, conditions) == ()


def test_the_id_of_a_deleted_principal_is_nobody():
    assert never_met(Principal("dangling", "AROAIIAL55NLUUFAKE000"), ()) == (
        "AROAIIAL55NLUUFAKE000 is the id of a principal that was deleted",
    )


def test_a_star_under_string_equals_is_a_star_where_every_value_has_one():
    assert subject("StringEquals", "repo:acme@1/app@2:*") == (
        "StringEquals compares token.actions.githubusercontent.com:sub with repo:acme@1/app@2:* literally: "
        "a star is not a wildcard there",
    )
    assert subject("StringLike", "repo:acme@1/app@2:*") == ()
    assert subject("StringEqualsIfExists", "repo:acme@1/app@2:*") == ()
    assert subject("StringEquals", "repo:acme@1/app@2:*", "repo:acme@1/app@2:environment:prod") == ()
    service = Principal("service", "sns.amazonaws.com")
    assert len(never_met(service, [read_condition("StringEquals", "aws:SourceAccount", ("*1",))])) == 1
    assert never_met(service, ()) == ()


@pytest.mark.parametrize(
    ("key", "value", "never"),
    [
        ("aws:SourceArn", "arn:aws:s3:::logs*", True),
        ("sts:ExternalId", "acme-*", True),
        ("aws:PrincipalTag/team", "a*", True),
        ("token.actions.githubusercontent.com:sub", "acme*", True),
        ("oidc.eks.eu-west-1.amazonaws.com/id/A1:sub", "system:*", True),
        ("gitlab.example.com:sub", "project_path:acme/*", True),
        ("aws:UserAgent", "a*", False),
        ("aws:Referer", "https://example.com/*", False),
        ("auth.example.com:sub", "a*", False),
        ("auth.example.com:aud", "team-*", False),
        ("saml:sub", "a*", False),
    ],
)
def test_a_star_is_a_star_where_the_text_may_hold_one(key, value, never):
    principal = Principal("oidc", "https://auth.example.com")
    assert (never_met(principal, [read_condition("StringEquals", key, (value,))]) != ()) is never


@pytest.mark.parametrize("value", ["repo:acme/app@2:ref:refs/heads/main", "repo:acme@1/app:environment:prod"])
def test_half_an_immutable_subject_is_never_sent(value):
    assert subject("StringEquals", value) == (
        f"{value} has the id of only one of owner and repository, but GitHub writes both or neither",
    )


@pytest.mark.parametrize("value", ["repo:acme@1/app@2:ref:refs/heads/main", "repo:acme/app:ref:refs/heads/a@b"])
def test_a_whole_subject_may_be_sent(value):
    assert subject("StringEquals", value) == ()
    assert subject("StringLike", "repo:acme@1/*") == ()


@pytest.mark.parametrize(
    ("claim", "ids", "never"),
    [
        ("repository_id", ("3",), True),
        ("repository_owner_id", ("3",), True),
        ("repository_id", ("2", "3"), False),
        ("repository_owner_id", ("1",), False),
    ],
)
def test_a_subject_of_another_repository_than_the_id_beside_it(claim, ids, never):
    beside = read_condition("StringEquals", f"token.actions.githubusercontent.com:{claim}", ids)
    said = f"repo:acme@1/app@2:environment:prod belongs to another repository than the {claim} {', '.join(ids)}"
    assert subject("StringEquals", "repo:acme@1/app@2:environment:prod", beside=beside) == ((said,) if never else ())


def test_each_condition_that_nobody_meets_is_told():
    conditions = [
        read_condition("StringEquals", _SUB, ("repo:acme@1/app:*",)),
        read_condition("StringLike", _SUB, ("repo:acme/app@2:*",)),
        read_condition("StringEquals", "token.actions.githubusercontent.com:ref", ("refs/*",)),
    ]
    assert len(never_met(_GITHUB, conditions)) == 4
