"""The type of a resource decides which actions a statement allows on it; the fact of reaching all of a type."""

from __future__ import annotations

import pytest

from gate.extract.aws.language import actions, resource_types


def _can(action: str, resource: str) -> bool:
    return bool(actions.expand(action) & actions.acting_on(resource))


@pytest.mark.parametrize(
    ("action", "resource", "can"),
    [
        ("s3:PutBucketAcl", "arn:aws:s3:::logs", True),
        ("s3:PutBucketAcl", "arn:aws:s3:::logs/*", False),
        ("s3:PutBucketAcl", "arn:aws:s3:::logs*", True),
        ("s3:PutBucketAcl", "arn:aws:s3:::*/reports", False),
        ("s3:PutBucketAcl", "arn:aws:s3:::${aws:PrincipalTag/team}", True),
        ("s3:GetObject", "arn:aws:s3:::logs", False),
        ("s3:GetObject", "arn:aws:s3:::logs/*", True),
        ("s3:GetObject", "arn:aws:s3:::logs*", True),
        ("s3:GetObject", "arn:aws:s3:eu-west-1:123456789012:accesspoint/logs/object/*", True),
        ("s3:ListBucket", "arn:aws:s3:::logs/*", True),  # no sensitive action: types are not looked at
        ("iam:PassRole", "arn:aws:iam::123456789012:role/app", True),
        ("iam:PassRole", "arn:aws:iam::123456789012:user/app", False),
        ("iam:PassRole", "arn:aws:iam::123456789012:*", True),
        ("iam:CreateAccessKey", "arn:aws:iam::123456789012:user/${aws:username}", True),
        ("sts:AssumeRole", "arn:aws:iam::123456789012:r*", True),
        ("sts:AssumeRole", "arn:aws:iam::123456789012:group/g", False),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:123456789012:alias/k", True),  # a service that is not typed
    ],
)
def test_the_type_of_a_resource_decides(action: str, resource: str, can: bool) -> None:
    assert _can(action, resource) is can


@pytest.mark.parametrize(
    ("resource", "whole"),
    [
        ("arn:aws:iam::*:role/*", True),
        ("arn:aws:iam::123456789012:role/*", True),
        ("arn:aws:lambda:eu-west-1:123456789012:function:*", True),
        ("arn:aws:sqs:eu-west-1:123456789012:*", True),
        ("arn:aws:iam::*:role/app-*", False),
        ("arn:aws:iam::*:role/teams/*", False),
        ("arn:aws:iam::123456789012:role/app", False),
        ("arn:aws:s3:::logs/*", False),
        ("arn:aws:codepipeline:eu-west-1:123456789012:deploy/*", False),
        ("arn:aws:iam::123456789012", False),
        ("arn:aws:s3:::*", True),
    ],
)
def test_a_pattern_for_all_of_a_type(resource: str, whole: bool) -> None:
    assert resource_types.whole_type(resource) is whole


@pytest.mark.parametrize(
    ("resource", "own"),
    [
        ("arn:aws:iam::123456789012:user/${aws:username}", True),
        ("arn:aws:iam::*:user/people/${aws:username}", True),
        ("arn:aws:iam::123456789012:user/${aws:username}*", False),
        ("arn:aws:iam::123456789012:user/*", False),
    ],
)
def test_the_calling_user_alone(resource: str, own: bool) -> None:
    assert resource_types.own_user(resource) is own


@pytest.mark.parametrize(
    ("action", "resources", "whole"),
    [
        ("secretsmanager:GetSecretValue", ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:*",), True),
        ("secretsmanager:GetSecretValue", ("arn:aws-cn:secretsmanager:*:*:*",), True),
        ("secretsmanager:GetSecretValue", ("arn:aws:secretsmanager:*",), True),
        ("secretsmanager:GetSecretValue", ("arn:aws:sqs:*:*:q", "arn:*:secretsmanager:*:*:secret:*"), True),
        ("secretsmanager:GetSecretValue", ("arn:aws:secretsmanager:*:*:secret:app-*",), False),
        ("secretsmanager:GetSecretValue", ("arn:aws:secretsmanager:*:*:secret:??????*",), False),
        ("ssm:GetParameter", ("arn:aws:ssm:*:*:parameter/*",), True),
        ("ssm:GetParameter", ("arn:aws:ssm:*:*:document/*",), False),
        ("s3:GetObject", ("arn:aws:s3:::*/*",), True),
        ("s3:GetObject", ("arn:aws-us-gov:s3:::*",), True),
        ("s3:GetObject", ("arn:aws:s3:::logs*",), False),
        ("dynamodb:Query", ("arn:aws:dynamodb:*:*:table/*",), True),
        ("sts:AssumeRole", ("arn:aws:iam::123456789012:role/*",), True),
        ("ecs:ExecuteCommand", ("arn:aws:ecs:*:*:task/*",), False),  # on a cluster, too
        ("ecs:ExecuteCommand", ("arn:aws:ecs:*:*:task/*", "arn:aws:ecs:*:*:cluster/*"), True),
        ("ssm:SendCommand", ("arn:aws:ssm:*:*:document/*",), False),  # on no machine
        ("ssm:SendCommand", ("arn:aws:ssm:*:*:document/*", "arn:aws:ec2:*:*:instance/*"), True),
    ],
)
def test_all_that_an_action_acts_on(action: str, resources: tuple[str, ...], whole: bool) -> None:
    assert (action in resource_types.whole_for(resources)) is whole
