"""What resource patterns reach of the resources in view."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.extract.aws.access.targets import TargetIndex
from gate.extract.aws.language.patterns import reaches

BUCKET = 'arn:aws:gate:::module.m["a:b/c"].aws_s3_bucket.b[0]'
ARNS = {
    "arn:aws:iam::{account?}:role/app": "aws_iam_role.app",
    "arn:aws:iam::{account?}:role/app/deep": "aws_iam_role.deep",
    "arn:aws:iam::222222222222:role/other": "data.aws_iam_role.other",
    "arn:aws:iam::unknown:user/bob": "aws_iam_user.bob",
    "arn:aws:s3:::logs": "aws_s3_bucket.logs",
    "arn:aws:s3:::logs-eu": "aws_s3_bucket.eu",
    "arn:aws:lambda:eu-west-1:unknown:function:f": "aws_lambda_function.f",
    "arn:aws:logs:eu-west-1:111111111111:log-group:/app": "aws_cloudwatch_log_group.app",
    BUCKET: "module.b",
}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("*", tuple(address for arn, address in ARNS.items() if arn != BUCKET)),
        ("arn:aws:iam::*:role/*", ("aws_iam_role.app", "aws_iam_role.deep", "data.aws_iam_role.other")),
        ("arn:aws:iam::111111111111:role/app", ("aws_iam_role.app",)),
        ("arn:aws:iam::111111111111:role/app/*", ("aws_iam_role.deep",)),
        ("arn:aws:iam::222222222222:role/o*", ("data.aws_iam_role.other",)),
        ("arn:aws:iam::111111111111:role/other", ()),
        ("arn:aws:iam::111111111111:user/${aws:username}", ()),
        ("arn:aws:iam::111111111111:user/${aws:PrincipalTag/name}", ("aws_iam_user.bob",)),
        ("arn:aws:s3:::logs", ("aws_s3_bucket.logs",)),
        ("arn:aws:s3:::logs/*", ("aws_s3_bucket.logs",)),
        ("arn:aws:s3:::logs/2026/file", ("aws_s3_bucket.logs",)),
        ("arn:aws:s3:::logs*", ("aws_s3_bucket.logs", "aws_s3_bucket.eu")),
        ("arn:aws:lambda:*:*:function:f", ("aws_lambda_function.f",)),
        ("arn:aws:lambda:eu-west-1:1:function:f:alias", ("aws_lambda_function.f",)),
        ("arn:aws:lambda:*f", ("aws_lambda_function.f",)),
        ("arn:aws:logs:*:*:log-group:/app:*", ("aws_cloudwatch_log_group.app",)),
        (BUCKET, ("module.b",)),
        (BUCKET + "/*", ("module.b",)),
        ("arn:aws:gate:::aws_s3_bucket.gone", ()),
    ],
)
def test_covered(resource: str, expected: tuple[str, ...]) -> None:
    assert TargetIndex(ARNS, None).covered((resource,), ()) == expected


def test_what_is_left_out_for_certain_is_no_target() -> None:
    index = TargetIndex(ARNS, None)
    roles = ("arn:aws:iam::*:role/*",)
    assert index.covered(roles, ("arn:aws:iam::*:role/app",)) == ("aws_iam_role.deep", "data.aws_iam_role.other")
    # Nobody knows that the role is of that account.
    assert "aws_iam_role.app" in index.covered(roles, ("arn:aws:iam::111111111111:role/app",))
    assert "aws_iam_user.bob" in index.covered(("*",), ("arn:aws:iam::*:user/${aws:username}",))


def test_a_known_account_fills_what_was_not_known() -> None:
    index = TargetIndex(ARNS, "111111111111")
    assert index.covered(("arn:aws:iam::111111111111:role/app",), ()) == ("aws_iam_role.app",)
    assert index.covered(("arn:aws:iam::222222222222:role/app",), ()) == ()


segment = st.sampled_from(["a", "b", "*", "a*", "?", "", "${v}"])
patterns = st.lists(segment, min_size=1, max_size=8).map(lambda parts: ":".join(["arn", *parts]))
known = st.sampled_from(["a", "b", "ab", ""])
tail = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=2)
arns = st.tuples(st.lists(known, min_size=4, max_size=4), tail).map(
    lambda parts: ":".join(["arn", *parts[0], *parts[1]])
)


@settings(max_examples=300)
@given(patterns, st.lists(arns, max_size=8, unique=True))
def test_the_index_finds_what_a_scan_finds(pattern: str, names: list[str]) -> None:
    scanned = {name for name in names if reaches(pattern, name)}
    assert scanned <= set(TargetIndex({name: name for name in names}, None).covered((pattern,), ()))


def test_everything_less_something_leaves_the_rest() -> None:
    index = TargetIndex({f"arn:aws:s3:::bucket-{at}": f"aws_s3_bucket.b[{at}]" for at in range(3000)}, None)
    found = [index.covered(("*",), (f"arn:aws:s3:::bucket-{at}", f"arn:aws:s3:::bucket-{at}/*")) for at in range(331)]
    assert {len(covered) for covered in found} == {2999}
    assert index.covered(("*",), ("arn:aws:s3:::nothing",)) is index.covered(("arn:*",), ())  # equal sets are one


def test_a_symbol_is_left_out_by_itself_alone() -> None:
    index = TargetIndex(ARNS, None)
    assert index.covered((BUCKET,), (BUCKET,)) == ()
    assert index.covered((BUCKET,), (BUCKET + "/*", "arn:aws:s3:::*")) == ("module.b",)
    assert index.covered((BUCKET,), ("*",)) == ()
