"""The patterns of IAM policies."""

from __future__ import annotations

import fnmatch
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.extract.aws.language.pattern_intersections import intersection
from gate.extract.aws.language.patterns import contains, is_everything, last_segment, matches, overlaps, reaches

pattern = st.text("ab:/*?", max_size=7)
text = st.text("ab:/", max_size=7)


def covers(glob: str, value: str) -> bool:
    return fnmatch.fnmatchcase(value, glob)


@given(pattern, text)
def test_star_and_question_mark_cross_slashes_and_colons(glob: str, value: str) -> None:
    assert matches(glob, value) == covers(glob, value)


@settings(max_examples=400)
@given(pattern, pattern, st.lists(text, max_size=20))
def test_containment_overlap_and_intersection_agree_with_matching(one: str, other: str, values: list[str]) -> None:
    both = intersection(one, other)
    for value in [*values, one.replace("*", "").replace("?", "a"), other.replace("*", "ab").replace("?", "b")]:
        in_both = covers(one, value) and covers(other, value)
        assert any(covers(piece, value) for piece in both) == in_both or (len(both) == 1 and both[0] in (one, other))
        if in_both:
            assert overlaps(one, other)
            assert any(covers(piece, value) for piece in both)
        if contains(one, other) and covers(other, value):
            assert covers(one, value)
    assert overlaps(one, other) == overlaps(other, one) == bool(both)


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("*", "arn:aws:s3:::b/*", True),
        ("arn:aws:s3:::b*", "arn:aws:s3:::b/*", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b*", False),
        ("arn:*:iam::*:role/*", "arn:aws:iam::1:role/app-*", True),
        ("arn:aws:iam::1:role/a?", "arn:aws:iam::1:role/a*", False),
        ("*?", "?*", True),
        ("arn:aws:iam::1:user/*", "arn:aws:iam::1:user/${aws:username}", True),
        ("arn:aws:iam::1:user/${aws:username}", "arn:aws:iam::1:user/bob", False),
        ("arn:aws:iam::1:user/${aws:username}/*", "arn:aws:iam::1:user/${aws:username}/a", True),
        ("arn:aws:iam::1:role/x", "arn:aws:iam::{account?}:role/x", False),
        ("arn:aws:iam::*:role/x", "arn:aws:iam::unknown:role/x", True),
        ("arn:aws:s3:::a${*}", "arn:aws:s3:::abc", False),
    ],
)
def test_contains(outer: str, inner: str, expected: bool) -> None:
    assert contains(outer, inner) is expected


@pytest.mark.parametrize(
    ("glob", "arn", "expected"),
    [
        ("arn:aws:iam::123456789012:role/x", "arn:aws:iam::{account?}:role/x", True),
        ("arn:aws:iam::123456789012:role/x", "arn:aws:iam::unknown:role/x", True),
        ("arn:aws:iam::123456789012:role/y", "arn:aws:iam::unknown:role/x", False),
        ("arn:aws:iam::unknown:role/x*", "arn:aws:iam::123456789012:role/xy", True),
        ("arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::1:user/bob", True),
        ("arn:aws:s3:::a${*}", "arn:aws:s3:::a*", True),
        ("arn:aws:s3:::a${*}", "arn:aws:s3:::ab", False),
        ("arn:aws:s3:::B", "arn:aws:s3:::b", False),
        ("arn:aws:rds:*:*:db:*", "arn:aws:rds:eu-west-1:111122223333:db:{id?}", True),
        ("arn:aws:rds:*:*:d*", "arn:aws:rds:eu-west-1:111122223333:db:{id?}", True),
        ("arn:aws:rds:*:*:cluster:*", "arn:aws:rds:eu-west-1:111122223333:db:{id?}", False),
    ],
)
def test_reaches(glob: str, arn: str, expected: bool) -> None:
    assert reaches(glob, arn) is expected


def test_intersection_is_exact_where_neither_contains_the_other() -> None:
    assert intersection("arn:aws:s3:::*/public/*", "arn:aws:s3:::b/*") == (
        "arn:aws:s3:::b/*/public/*",
        "arn:aws:s3:::b/public/*",
    )
    assert intersection("arn:aws:s3:::a", "arn:aws:s3:::b") == ()
    assert intersection("*a*b*c*d*e*", "*e*d*c*b*a*") in (("*a*b*c*d*e*",), ("*e*d*c*b*a*",))


def test_a_value_nobody_knows_is_kept_by_an_intersection() -> None:
    symbol = 'arn:aws:gate:::module.m["a/b"].aws_s3_bucket.b'
    assert intersection(symbol + "/*", "arn:aws:s3:::logs-*") == (symbol + "/*",)
    assert intersection("arn:aws:s3:::logs-*", symbol) == (symbol,)
    assert intersection("*", symbol) == (symbol,)


@pytest.mark.parametrize(
    "glob", ["*", "***", "arn:*", "arn:aws:*", "arn:aws:*:*", "arn:aws:*:*:*:*", "arn:aws-cn:*", "a*"]
)
def test_everything(glob: str) -> None:
    assert is_everything(glob)


@pytest.mark.parametrize(
    "glob", ["arn:aws:s3:::*", "arn:aws:*:*:123456789012:*", "${aws:x}", "?*:aws:s3*", "arn:aws:iam::*:*"]
)
def test_not_everything(glob: str) -> None:
    assert not is_everything(glob)


def test_the_last_segment_does_not_count_colons_of_variables() -> None:
    assert last_segment("arn:aws:iam::1:user/${aws:username}") == "user/${aws:username}"
    assert last_segment("arn:aws:logs:r:${aws:PrincipalAccount}:log-group:a:*") == "log-group:a:*"
    assert last_segment("arn:aws:s3") == "arn:aws:s3"
    assert re.fullmatch("role/.*", last_segment("arn:aws:iam::{account?}:role/x"))


def test_hostile_patterns_take_no_time() -> None:
    assert not matches("*a" * 200 + "b", "a" * 2000)
    assert not contains("*a" * 200 + "b", "a" * 2000)
    assert overlaps("*a" * 100, "*b" * 100 + "a")
    assert len(intersection("*a" * 30, "*b" * 30 + "*")) == 1
