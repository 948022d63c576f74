"""A bucket and its objects, a table and its indexes: an action reaches what it acts on, a deny takes no more away.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-resources-for-iam-policies
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gate.model.access import AccessModel

Written = Callable[..., AccessModel]
TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
USER = {"aws_iam_user.u": {"name": "u", "arn": "arn:aws:iam::111122223333:user/u"}}
RESOURCES = USER | {
    "aws_s3_bucket.raw": {"bucket": "logs-raw", "arn": "arn:aws:s3:::logs-raw"},
    "aws_dynamodb_table.orders": {"name": "orders", "arn": TABLE},
}


def statement(effect: str, action: Any, resource: Any, element: str = "Resource") -> dict[str, Any]:
    return {"Effect": effect, "Action": action, element: resource}


def reached(written: Written, action: str, *statements: dict[str, Any], **more: Any) -> set[str]:
    """What a user with these statements reaches with the action: addresses, ``*`` for every resource."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    resources = RESOURCES | {"aws_iam_user_policy.p": {"user": "u", "name": "p", "policy": policy}}
    model = written(resources | more.pop("resources", {}), **more)
    grants = [model.grants[key] for key in model.identities["aws_iam_user.u"].grants.get(action, ())]
    return {"*" for grant in grants if grant.everything} | {id_ for grant in grants for id_ in grant.targets} - set(
        USER
    )


BUCKET, TABLES = {"aws_s3_bucket.raw"}, {"aws_dynamodb_table.orders"}


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("s3:GetObject", "arn:aws:s3:::logs-ra?", set()),
        ("s3:GetObject", "arn:aws:s3:::logs-raw", set()),
        ("s3:GetObject", "arn:aws:s3:::logs*", BUCKET),
        ("s3:GetObject", "arn:aws:s3:::logs-raw/2026/*", BUCKET),
        ("s3:GetObject", "arn:aws:s3:::logs-ra?/?*", BUCKET),
        ("s3:GetObject", "arn:aws:s3:::logs-r??", set()),  # one letter of the bucket logs-r, and no bucket logs-raw
        ("s3:DeleteBucket", "arn:aws:s3:::logs-r??", BUCKET),
        ("s3:DeleteBucket", "arn:aws:s3:::logs-raw/*", set()),
        ("dynamodb:Query", TABLE, TABLES),
        ("dynamodb:Query", f"{TABLE}/index/*", TABLES),
        ("dynamodb:Query", f"{TABLE}/index/by-?ay", TABLES),
    ],
)
def test_a_pattern_reaches_what_the_action_acts_on(
    written: Written, action: str, resource: str, expected: set[str]
) -> None:
    assert reached(written, action, statement("Allow", "*", resource)) == expected


@pytest.mark.parametrize(
    ("action", "denied", "expected"),
    [
        ("s3:GetObject", ["arn:aws:s3:::logs-ra?"], BUCKET),
        ("s3:GetObject", ["arn:aws:s3:::logs-raw"], BUCKET),
        ("s3:GetObject", ["arn:aws:s3:::logs-r??"], BUCKET),
        ("s3:GetObject", ["arn:aws:s3:::logs-raw/private/*"], BUCKET),
        ("s3:GetObject", ["arn:aws:s3:::logs-raw/*"], set()),
        ("s3:GetObject", ["arn:aws:s3:::logs-ra?", "arn:aws:s3:::logs-ra?/*"], set()),
        ("s3:GetObject", ["arn:aws:s3:::logs*"], set()),
        ("s3:DeleteBucket", ["arn:aws:s3:::logs-ra?"], set()),
        ("s3:DeleteBucket", ["arn:aws:s3:::logs-raw/*"], BUCKET),
        ("dynamodb:Query", [TABLE], TABLES),  # its indexes hold the same rows
        ("dynamodb:Query", [TABLE, f"{TABLE}/index/*"], set()),
        ("dynamodb:GetItem", [TABLE], set()),
        ("dynamodb:GetItem", [f"{TABLE}/index/*"], TABLES),
    ],
)
@pytest.mark.parametrize("form", ["Deny", "NotResource"])
def test_what_is_left_out_takes_no_more_than_it_names(
    written: Written, form: str, action: str, denied: list[str], expected: set[str]
) -> None:
    allowed = ["arn:aws:s3:::logs*", "arn:aws:dynamodb:*:*:table/o*"]
    given = [statement("Allow", "*", allowed), statement("Deny", "*", denied)]
    if form == "NotResource":
        given = [statement("Allow", "*", denied, "NotResource")]
    found = reached(written, action, *given)
    assert (expected if found == {"*"} and expected else found) == expected


@pytest.mark.parametrize(
    ("action", "inside", "expected"),
    [
        ("s3:GetObject", "", set()),
        ("s3:GetObject", "/*", BUCKET),
        ("s3:DeleteBucket", "/*", set()),
        ("s3:DeleteBucket", "", BUCKET),
    ],
)
def test_a_bucket_whose_name_is_not_known_yet(written: Written, action: str, inside: str, expected: set[str]) -> None:
    own = json.dumps({"Statement": statement("Allow", "s3:*", "*") | {"Principal": {"Service": "logs.amazonaws.com"}}})
    found = reached(
        written,
        action,
        statement("Allow", "s3:*", f"arn:aws:gate:::aws_s3_bucket.raw{inside}"),
        resources={"aws_s3_bucket.raw": {"bucket_prefix": "logs-"}, "aws_s3_bucket_policy.raw": {"policy": own}},
        unknown={"aws_s3_bucket_policy.raw": {"bucket": True}},
        expressions={"aws_s3_bucket_policy.raw": {"bucket": ["aws_s3_bucket.raw.id", "aws_s3_bucket.raw"]}},
    )
    assert found == expected


def test_each_action_of_a_statement_keeps_the_resources_it_acts_on(written: Written) -> None:
    both = ["arn:aws:s3:::other/*", "arn:aws:s3:::logs-raw"]
    assert reached(written, "s3:GetObject", statement("Allow", "s3:*", both)) == set()
    assert reached(written, "s3:DeleteBucket", statement("Allow", "s3:*", both)) == BUCKET


def test_an_action_without_a_resource_type_needs_the_star(written: Written) -> None:
    action = "s3:PutAccountPublicAccessBlock"
    assert reached(written, action, statement("Allow", action, "*")) == {"*"}
    assert reached(written, action, statement("Allow", action, "arn:aws:s3:::logs-raw")) == set()
