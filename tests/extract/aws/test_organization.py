"""Control policies that stand in the plan: they remove where they hold for certain, and nowhere else.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gate.model.access import AccessModel, Condition

OWN, OTHER = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{OWN}:role/app"
Written = Callable[..., AccessModel]


def statement(effect: str, action: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": "*", **more}


DENY_S3 = statement("Deny", "s3:*")
ALLOW = [statement("Allow", ["s3:GetObject", "ec2:RunInstances"])]


def plan(control: Any, target: str | None = OWN, kind: str = "SERVICE_CONTROL_POLICY", **more: Any) -> dict[str, Any]:
    text = json.dumps({"Version": "2012-10-17", "Statement": ALLOW})
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "sts:AssumeRole"}
    return {
        "aws_iam_role.app": {"name": "app", "arn": ROLE, "assume_role_policy": json.dumps({"Statement": trust})},
        "aws_iam_role_policy.app": {"role": "app", "name": "p", "policy": text},
        "aws_organizations_policy.c": {"id": "p-1", "type": kind, "content": json.dumps({"Statement": control})},
        "aws_organizations_policy_attachment.c": {"policy_id": "p-1", "target_id": target},
    } | more


def can(written: Written, resources: dict[str, Any], **more: Any) -> set[str]:
    found = written(resources, before={"aws_iam_role.app": resources["aws_iam_role.app"]}, **more)
    return set(found.identities["aws_iam_role.app"].grants)


BOTH, LEFT = {"s3:GetObject", "ec2:RunInstances"}, {"ec2:RunInstances"}


def test_a_deny_attached_to_the_own_account_removes(written: Written) -> None:
    assert can(written, plan([DENY_S3])) == LEFT


@pytest.mark.parametrize("target", [OTHER, "ou-1234-abcd", "r-1234"])
def test_a_deny_attached_elsewhere_removes_nothing(written: Written, target: str) -> None:
    assert can(written, plan([DENY_S3], target)) == BOTH


UNIT = {"aws_organizations_organizational_unit.u": {"id": "ou-1", "parent_id": "r-1"}}
MEMBER = {"aws_organizations_account.a": {"id": OWN, "parent_id": "ou-1"}}


@pytest.mark.parametrize("target", ["ou-1", "r-1", OWN])
def test_units_and_roots_that_contain_the_account_count(written: Written, target: str) -> None:
    assert can(written, plan([DENY_S3], target) | UNIT | MEMBER) == LEFT
    assert can(
        written, plan([DENY_S3], target) | UNIT | {"aws_organizations_account.a": {"id": OTHER, "parent_id": "ou-1"}}
    ) == (LEFT if target == OWN else BOTH)


def test_the_root_of_an_organization_with_the_account_counts(written: Written) -> None:
    organization = {"master_account_id": OTHER, "accounts": [{"id": OWN}], "roots": [{"id": "r-1"}]}
    there = {"data.aws_organizations_organization.o": organization}
    assert can(written, plan([DENY_S3], "r-1") | there) == LEFT


# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
def test_the_management_account_is_not_limited(written: Written) -> None:
    organization = {"master_account_id": OWN, "accounts": [{"id": OWN}], "roots": [{"id": "r-1"}]}
    assert can(written, plan([DENY_S3]) | {"data.aws_organizations_organization.o": organization}) == BOTH


def test_an_attachment_by_reference_counts(written: Written) -> None:
    resources = plan([DENY_S3], None) | {"aws_organizations_account.a": {"id": OWN}}
    del resources["aws_organizations_policy_attachment.c"]["policy_id"]
    found = can(
        written,
        resources,
        unknown={"aws_organizations_policy_attachment.c": {"policy_id": True, "target_id": True}},
        expressions={
            "aws_organizations_policy_attachment.c": {
                "policy_id": ["aws_organizations_policy.c.id", "aws_organizations_policy.c"],
                "target_id": ["aws_organizations_account.a.id", "aws_organizations_account.a"],
            }
        },
    )
    assert found == LEFT


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}, LEFT),
        ({"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/admin", "arn:aws:iam::*:role/app"]}}, BOTH),
        ({"StringEquals": {"aws:PrincipalAccount": OWN}}, LEFT),
        ({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}, BOTH),
        ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, LEFT),
    ],
)
def test_a_deny_under_a_condition_counts_where_it_holds_for_the_identity(
    written: Written, condition: Any, left: set[str]
) -> None:
    assert can(written, plan([DENY_S3 | {"Condition": condition}])) == left


def test_an_allow_list_beside_full_access_takes_nothing_away(written: Written) -> None:
    assert can(written, plan([statement("Allow", "ec2:*")])) == BOTH


def test_an_allow_list_is_a_ceiling_where_it_is_all_there_is(written: Written) -> None:
    shown = {"filter": "SERVICE_CONTROL_POLICY", "target_id": OWN, "ids": ["p-1"]}
    only = {"data.aws_organizations_policies_for_target.t": shown}
    assert can(written, plan([statement("Allow", "ec2:*")]) | only) == LEFT
    shown["ids"] = ["p-1", "p-FullAWSAccess"]
    assert can(written, plan([statement("Allow", "ec2:*")]) | only) == BOTH


# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
def test_a_resource_control_policy_asks_for_the_organization(written: Written) -> None:
    outside = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    public = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Principal": "*"}
    resources = plan(
        [statement("Deny", "*", Principal="*", Condition=outside)],
        kind="RESOURCE_CONTROL_POLICY",
        **{
            "aws_s3_bucket.b": {"bucket": "b"},
            "aws_s3_bucket_policy.b": {"bucket": "b", "policy": json.dumps({"Statement": public})},
            "aws_sns_topic.t": {
                "name": "t",
                "policy": json.dumps({"Statement": public | {"Action": "sns:Publish", "Resource": "*"}}),
            },
        },
    )
    found = written(resources, before={"aws_iam_role.app": resources["aws_iam_role.app"]})
    asked = Condition("StringEquals", "aws:PrincipalOrgID", ("o-1",))
    assert {(g.resource, g.conditions) for g in found.resource_grants} == {
        ("aws_s3_bucket.b", (asked,)),
        ("aws_sns_topic.t", ()),  # the service is not one that such policies hold for
    }
    assert [edge.conditions for edge in found.trust] == [(asked,)]
    assert set(found.identities["aws_iam_role.app"].grants) == BOTH
