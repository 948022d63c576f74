"""Whom resource and trust policies let in after their own denies."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gate.model.access import AccessModel, Condition, ResourceGrant

OWN = "111122223333"
ROLE = f"arn:aws:iam::{OWN}:role/app"
ROOT = f"arn:aws:iam::{OWN}:root"
OBJECTS = "arn:aws:s3:::b/*"
ALL = [OBJECTS, "arn:aws:s3:::b"]
PUBLIC = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": OBJECTS, "Principal": "*"}
Written = Callable[..., AccessModel]


def grants(written: Written, *statements: dict[str, Any]) -> list[ResourceGrant]:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    bucket = {"bucket": "b", "arn": "arn:aws:s3:::b"}
    return written(
        {"aws_s3_bucket.b": bucket, "aws_s3_bucket_policy.b": {"bucket": "b", "policy": text}}
    ).resource_grants


def deny(action: Any = "s3:*", resource: Any = ALL, **more: Any) -> dict[str, Any]:
    who = {} if "NotPrincipal" in more else {"Principal": "*"}
    return {"Effect": "Deny", "Action": action, "Resource": resource, **who, **more}


def told(found: list[ResourceGrant]) -> list[tuple[str, tuple[str, ...], tuple[Condition, ...]]]:
    return [(grant.principal.value, grant.actions, grant.conditions) for grant in found]


BOTH = ("s3:GetObject", "s3:PutObject")


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
def test_a_deny_of_everybody_leaves_nobody(written: Written) -> None:
    assert grants(written, PUBLIC, deny()) == []
    assert grants(written, PUBLIC, deny(resource="*")) == []


def test_a_deny_of_one_action_leaves_the_other(written: Written) -> None:
    assert told(grants(written, PUBLIC, deny("s3:Put*"))) == [("*", ("s3:GetObject",), ())]


@pytest.mark.parametrize(
    "statement",
    [
        deny(resource="arn:aws:s3:::b/private/*"),
        deny(Principal={"AWS": ROLE}),
        deny("s3:DeleteObject"),
        deny(Condition={"Bool": {"aws:SecureTransport": "false"}}),
        deny(
            Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}, "NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
        ),
        deny("s3:PutObject", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}),
    ],
)
def test_a_deny_that_does_not_cover_the_allow_leaves_it(written: Written, statement: dict[str, Any]) -> None:
    assert told(grants(written, PUBLIC, statement)) == [("*", BOTH, ())]


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
def test_a_deny_of_all_but_some_leaves_those(written: Written) -> None:
    found = grants(written, PUBLIC, deny(NotPrincipal={"AWS": [ROLE, ROOT], "Service": "config.amazonaws.com"}))
    assert told(found) == [(who, BOTH, ()) for who in (ROLE, ROOT, "config.amazonaws.com")]
    named = {**PUBLIC, "Principal": {"AWS": ["arn:aws:iam::999999999999:role/x", ROLE]}}
    assert told(grants(written, named, deny(NotPrincipal={"AWS": ROLE}))) == [(ROLE, BOTH, ())]


# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html
@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, Condition("StringEquals", "aws:PrincipalOrgID", ("o-1",))),
        (
            {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}, "Bool": {"aws:PrincipalIsAWSService": "false"}},
            Condition("StringEquals", "aws:PrincipalOrgID", ("o-1",)),
        ),
        ({"ArnNotLike": {"aws:PrincipalArn": ROLE}}, Condition("ArnLike", "aws:PrincipalArn", (ROLE,))),
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, Condition("IpAddress", "aws:SourceIp", ("10.0.0.0/8",))),
        ({"Null": {"aws:PrincipalOrgID": "true"}}, Condition("Null", "aws:PrincipalOrgID", ("false",))),
        (
            {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-1/*"}},
            Condition("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ("o-1/*",)),
        ),
    ],
)
def test_a_deny_unless_something_holds_asks_for_it(
    written: Written, condition: dict[str, Any], asked: Condition
) -> None:
    assert told(grants(written, PUBLIC, deny(Condition=condition))) == [("*", BOTH, (asked,))]


def test_an_allow_that_can_never_hold_lets_nobody_in(written: Written) -> None:
    assert grants(written, PUBLIC | {"Condition": {"Null": {"aws:CurrentTime": "true"}}}) == []


# https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
def test_a_deny_asks_a_service_for_its_source_unless_services_are_exempt(written: Written) -> None:
    service = PUBLIC | {"Principal": {"Service": "logging.s3.amazonaws.com"}}
    elsewhere = {"StringNotEquals": {"aws:SourceAccount": OWN}}
    asked = Condition("StringEquals", "aws:SourceAccount", (OWN,))
    assert [g.conditions for g in grants(written, service, deny(Condition=elsewhere))] == [(asked,)]
    exempt = elsewhere | {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    assert [g.conditions for g in grants(written, service, deny(Condition=exempt))] == [()]


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
def test_an_anonymous_caller_has_no_arn(written: Written) -> None:
    anonymous = Condition("Null", "aws:PrincipalArn", ("true",))
    assert told(grants(written, PUBLIC | {"Condition": {"Null": {"aws:PrincipalArn": "true"}}})) == [
        ("*", BOTH, (anonymous,))
    ]
    found = told(grants(written, PUBLIC, deny(Condition={"StringLike": {"aws:PrincipalArn": "*"}})))
    assert found == [("*", BOTH, (Condition("StringNotLike", "aws:PrincipalArn", ("*",)),))]


@pytest.mark.parametrize(("denied", "left"), [("b/private/*", [("*", ("s3:GetObject",), ())]), ("b/*", [])])
def test_a_resource_that_is_not_known_is_all_that_the_policy_protects(written: Written, denied: str, left: Any) -> None:
    statement = {"effect": "Allow", "actions": ["s3:GetObject"], "resources": [None],
                 "principals": [{"type": "*", "identifiers": ["*"]}]}  # fmt: skip
    refused = {"effect": "Deny", "actions": ["s3:*"], "resources": [f"arn:aws:s3:::{denied}"],
               "principals": [{"type": "*", "identifiers": ["*"]}]}  # fmt: skip
    found = written(
        {
            "aws_s3_bucket.b": {"bucket": "b"},
            "aws_s3_bucket_policy.b": {"bucket": "b"},
            "data.aws_iam_policy_document.d": {"statement": [statement, refused]},
        },
        unknown={
            "data.aws_iam_policy_document.d": {"json": True, "statement": [{"resources": [True]}, {}]},
            "aws_s3_bucket_policy.b": {"policy": True},
        },
        expressions={
            "data.aws_iam_policy_document.d": {"statement": [{"resources": {"references": ["var.x"]}}, {}]},
            "aws_s3_bucket_policy.b": {
                "policy": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"]
            },
        },
    )
    assert told(found.resource_grants) == left
    assert found.unknown == []
