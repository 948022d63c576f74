"""Conditions on dates, as they hold from the time of the check on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.extract.aws.language.date_conditions import decided, holds_from
from gate.extract.aws.language.statements import parse_document
from gate.model.access import AccessModel, Condition

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
Written = Callable[..., AccessModel]


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("DateLessThan", "aws:CurrentTime", ["2020-01-01T00:00:00Z"], False),
        ("DateLessThanEquals", "aws:currenttime", ["2026-11-27"], False),
        ("DateLessThan", "aws:CurrentTime", ["2026-11-27T14:00:00+03:00"], False),
        ("DateLessThan", "aws:CurrentTime", ["2026-11-27T14:00:00+01:00"], None),
        ("DateLessThan", "aws:CurrentTime", ["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"], None),
        ("DateLessThan", "aws:CurrentTime", ["soon"], None),
        ("DateEquals", "aws:CurrentTime", ["2020-01-01"], False),
        ("DateNotEquals", "aws:CurrentTime", ["2020-01-01"], True),
        ("DateGreaterThan", "aws:CurrentTime", ["2020-01-01"], True),
        ("DateGreaterThanIfExists", "aws:CurrentTime", ["2020-01-01"], True),
        ("DateGreaterThan", "aws:CurrentTime", ["2999-01-01"], None),
        ("DateLessThan", "aws:EpochTime", ["1577836800"], False),
        ("NumericLessThan", "aws:EpochTime", ["1577836800"], False),
        ("NumericGreaterThanEquals", "aws:EpochTime", ["1577836800"], True),
        ("NumericLessThan", "aws:EpochTime", ["32472144000"], None),
        ("NumericLessThan", "aws:CurrentTime", ["1577836800"], None),
        ("DateLessThan", "aws:TokenIssueTime", ["2020-01-01T00:00:00Z"], False),
        ("DateLessThan", "aws:TokenIssueTime", ["2026-11-27T00:00:00Z"], None),  # a session may be that old
        ("DateLessThanIfExists", "aws:TokenIssueTime", ["2020-01-01T00:00:00Z"], None),  # access keys carry none
        ("DateGreaterThan", "aws:TokenIssueTime", ["2020-01-01T00:00:00Z"], None),
        ("DateGreaterThanIfExists", "aws:TokenIssueTime", ["2020-01-01T00:00:00Z"], True),
        ("ForAllValues:DateGreaterThan", "aws:TokenIssueTime", ["2020-01-01T00:00:00Z"], True),
        ("StringEquals", "aws:CurrentTime", ["2020-01-01"], None),
        ("DateLessThan", "aws:PrincipalTag/until", ["2020-01-01"], None),
    ],
)
def test_what_holds_from_now_on(operator: str, key: str, values: list[str], expected: bool | None) -> None:
    assert holds_from(Condition(operator, key, tuple(values)), NOW) is expected


@given(
    st.sampled_from(["DateLessThan", "DateGreaterThan", "DateEquals", "DateNotEquals", "DateLessThanEquals"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    st.timedeltas(min_value=NOW - NOW, max_value=NOW - datetime(2020, 1, 1, tzinfo=UTC)),
)
def test_no_later_call_gives_another_answer(operator: str, value: datetime, later: object) -> None:
    condition = Condition(operator, "aws:CurrentTime", (value.isoformat() + "Z",))
    answer = holds_from(condition, NOW)
    assert answer is None or holds_from(condition, NOW + later) is answer  # type: ignore[operator]


def test_without_a_time_nothing_is_decided() -> None:
    until = {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": until}
    document = parse_document(json.dumps({"Statement": [allow]}))
    assert decided(document, None) is document
    assert decided(document, NOW).statements == ()
