"""Which conditions limit anything."""

from __future__ import annotations

import pytest

from gate.extract.aws.conditions import limiting
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
    assert limiting((Condition(operator, key, values),)) == ()


@pytest.mark.parametrize(
    ("operator", "key", "values"),
    [
        ("StringLike", "aws:SourceVpc", ("*",)),
        ("StringEquals", "aws:PrincipalArn", ("*",)),
        ("StringNotLike", "aws:PrincipalArn", ("*",)),
        ("StringNotLikeIfExists", "aws:SourceVpc", ("*",)),
        ("ForAnyValue:StringLike", "aws:TagKeys", ("*",)),
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
    assert limiting((condition,)) == (condition,)
