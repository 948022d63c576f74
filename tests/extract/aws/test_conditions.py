"""Which conditions limit anything."""

from __future__ import annotations

import pytest

from gate.extract.aws.language.conditions import Caller, holds, not_always_met, opposite
from gate.model.access import Condition


@pytest.mark.parametrize(
    ("operator", "key", "values"),
    [
        ("StringLike", "aws:PrincipalArn", ("*",)),
        ("stringlike", "AWS:userid", ("x", "**")),
        ("ArnLike", "aws:PrincipalArn", ("*",)),
        ("StringLikeIfExists", "aws:SourceVpc", ("*",)),
        ("ForAllValues:StringLike", "aws:TagKeys", ("*",)),
        ("Null", "aws:PrincipalArn", ("false",)),
    ],
)
def test_a_condition_that_always_holds_limits_nothing(operator: str, key: str, values: tuple[str, ...]) -> None:
    assert not_always_met((Condition(operator, key, values),)) == ()


@pytest.mark.parametrize(
    ("operator", "key", "values"),
    [
        ("StringLike", "aws:SourceVpc", ("*",)),
        ("StringEquals", "aws:PrincipalArn", ("*",)),
        ("StringNotLike", "aws:PrincipalArn", ("*",)),
        ("StringNotLikeIfExists", "aws:SourceVpc", ("*",)),
        ("ForAnyValue:StringLike", "aws:TagKeys", ("*",)),
        ("ForAnyValue:StringLike", "aws:PrincipalArn", ("*",)),
        ("StringLike", "aws:PrincipalArn", ("",)),
        ("StringLike", "aws:PrincipalArn", ()),
        ("Null", "aws:PrincipalArn", ("true",)),
        ("Null", "aws:SourceVpc", ("false",)),
        ("Bool", "aws:MultiFactorAuthPresent", ("true",)),
        ("IpAddress", "aws:SourceIp", ("0.0.0.0/0",)),
    ],
)
def test_any_other_condition_counts(operator: str, key: str, values: tuple[str, ...]) -> None:
    condition = Condition(operator, key, values)
    assert not_always_met((condition,)) == (condition,)


ROLE = Caller(("arn:aws:iam::111122223333:role/team/app", "arn:aws:iam::111122223333:role/app"), "role", "111122223333")
BOB = Caller(("arn:aws:iam::111122223333:user/bob",), "user", "111122223333", "bob")
ELSEWHERE = Caller(("arn:aws:iam::{account?}:role/app",), "role")
OPERATORS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
SETS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"
KEYS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"
VARIABLES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"


@pytest.mark.parametrize(
    ("operator", "key", "values", "caller", "expected", "page"),
    [
        # several values are alternatives; under a negated operator none may match
        ("StringEquals", "aws:PrincipalAccount", ("1", "111122223333"), ROLE, True, OPERATORS),
        ("StringNotEquals", "aws:PrincipalAccount", ("1", "111122223333"), ROLE, False, OPERATORS),
        ("StringNotEquals", "aws:PrincipalAccount", ("1", "2"), ROLE, True, OPERATORS),
        ("StringEquals", "aws:PrincipalAccount", ("111122223333",), ELSEWHERE, None, OPERATORS),
        # a key that is missing: positive fails, negated holds, IfExists holds
        ("StringEquals", "aws:username", ("bob",), ROLE, False, OPERATORS),
        ("StringNotEquals", "aws:username", ("bob",), ROLE, True, OPERATORS),
        ("StringEqualsIfExists", "aws:username", ("bob",), ROLE, True, OPERATORS),
        ("StringEquals", "aws:username", ("bob",), BOB, True, OPERATORS),
        ("StringEqualsIgnoreCase", "aws:username", ("BOB",), BOB, True, OPERATORS),
        ("StringEquals", "aws:username", ("BOB",), BOB, False, OPERATORS),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", ("false",), BOB, None, OPERATORS),
        ("NumericLessThan", "aws:MultiFactorAuthAge", ("3600",), BOB, None, OPERATORS),
        ("Bool", "aws:SecureTransport", ("true", "false"), None, True, OPERATORS),
        ("IpAddressIfExists", "aws:SourceIp", ("0.0.0.0/0", "::/0"), None, True, OPERATORS),
        ("IpAddressIfExists", "aws:SourceIp", ("0.0.0.0/0",), None, None, OPERATORS),
        ("IpAddress", "aws:SourceIp", ("0.0.0.0/0", "::/0"), None, None, OPERATORS),
        # ARNs are compared part by part, and a path may be missing from a session's ARN
        ("ArnLike", "aws:PrincipalArn", ("arn:aws:iam::*:role/*",), ROLE, True, OPERATORS),
        ("ArnLike", "aws:PrincipalArn", ("arn:aws:iam::*:role/team/*",), ROLE, None, OPERATORS),
        ("ArnLike", "aws:PrincipalArn", ("arn:aws:iam::*",), ROLE, None, OPERATORS),
        ("StringLike", "aws:PrincipalArn", ("arn:aws:iam::*",), ROLE, True, OPERATORS),
        ("ArnNotLike", "aws:PrincipalArn", ("arn:aws:iam::*:user/*",), ROLE, True, OPERATORS),
        ("ArnNotEquals", "aws:PrincipalArn", ("arn:aws:iam::111122223333:role/app",), ELSEWHERE, None, OPERATORS),
        ("ArnNotEquals", "aws:PrincipalArn", ("arn:aws:iam::111122223333:role/x",), ELSEWHERE, True, OPERATORS),
        # Null
        ("Null", "aws:username", ("true",), ROLE, True, OPERATORS),
        ("Null", "aws:username", ("true",), BOB, False, OPERATORS),
        ("Null", "aws:PrincipalArn", ("true",), None, False, KEYS),
        ("Null", "aws:SourceVpc", ("true", "false"), None, True, OPERATORS),
        ("Null", "aws:TokenIssueTime", ("true",), ROLE, None, KEYS),
        # sets: ForAllValues holds for no value at all, ForAnyValue does not
        ("ForAllValues:StringEquals", "aws:TagKeys", ("a",), None, None, SETS),
        ("ForAllValues:StringEquals", "aws:username", ("x",), ROLE, True, SETS),
        ("ForAnyValue:StringLike", "aws:username", ("*",), ROLE, False, SETS),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ("*",), None, None, SETS),
        ("ForAllValues:StringNotLike", "aws:TagKeys", ("*",), None, None, SETS),
        # keys with a value of their own
        ("StringEquals", "aws:PrincipalType", ("AssumedRole",), ROLE, True, KEYS),
        ("StringEquals", "aws:PrincipalType", ("Account", "User"), ROLE, False, KEYS),
        ("Bool", "aws:PrincipalIsAWSService", ("true",), BOB, False, KEYS),
        ("StringEquals", "aws:PrincipalTag/team", ("a",), ROLE, None, KEYS),
        # policy variables may be anything
        ("StringEquals", "aws:PrincipalAccount", ("${aws:ResourceAccount}",), ROLE, None, VARIABLES),
        ("StringLike", "aws:PrincipalArn", ("${*}",), ROLE, False, VARIABLES),
        ("Frobnicate", "aws:PrincipalArn", ("*",), ROLE, None, OPERATORS),
        ("StringEquals", "aws:PrincipalArn", (), ROLE, False, OPERATORS),
    ],
)
def test_what_is_certain_about_a_condition(
    operator: str, key: str, values: tuple[str, ...], caller: Caller | None, expected: bool | None, page: str
) -> None:
    assert holds(Condition(operator, key, values), caller) is expected, page


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("StringNotEquals", ("a", "b"), ("StringEquals", ("a", "b"))),
        ("StringEquals", ("a",), ("StringNotEquals", ("a",))),
        ("ForAnyValue:StringNotLike", ("a",), ("ForAllValues:StringLike", ("a",))),
        ("BoolIfExists", ("false",), ("Bool", ("true",))),
        ("Bool", ("false",), ("BoolIfExists", ("true",))),
        ("Null", ("true",), ("Null", ("false",))),
        ("NumericLessThan", ("1",), None),
        ("Bool", ("true", "false"), None),
        ("ForSome:StringEquals", ("a",), None),
    ],
)
def test_what_a_deny_asks_for(
    operator: str, values: tuple[str, ...], expected: tuple[str, tuple[str, ...]] | None
) -> None:
    found = opposite(Condition(operator, "k", values))
    assert found == (None if expected is None else Condition(expected[0], "k", expected[1]))
