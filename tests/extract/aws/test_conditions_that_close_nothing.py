"""Conditions on a technique that its holder meets."""

from __future__ import annotations

import json

import pytest

from tests.extract.aws.beside_administrator import OWN, allow, escalates, findings, policy


@pytest.mark.parametrize(
    ("operator", "key", "value", "open_"),
    [
        ("StringEquals", "iam:PassedToService", "ec2.amazonaws.com", False),
        ("StringLike", "iam:PassedToService", "ec2.*", False),
        ("StringEquals", "iam:PassedToService", "lambda.amazonaws.com", True),
        ("StringEqualsIgnoreCase", "iam:PassedToService", "LAMBDA.amazonaws.com", True),
        ("StringEquals", "iam:PassedToService", "${aws:PrincipalTag/service}", True),
        ("StringEquals", "iam:PassedToService", "lambda.amazonaws.com.cn", True),
        ("ArnLike", "iam:AssociatedResourceArn", "arn:aws:ec2:*:123456789012:*", False),
        ("ArnLike", "iam:AssociatedResourceArn", "arn:aws:lambda:*:123456789012:*", True),
        ("StringLike", "iam:AssociatedResourceArn", "arn:aws:*", True),
    ],
)
def test_a_role_is_passed_to_whatever_the_condition_may_mean(operator, key, value, open_, tmp_path, engine):
    passes = allow("iam:PassRole", {operator: {key: value}})
    runs = allow(["lambda:CreateFunction", "lambda:InvokeFunction"])
    assert escalates(tmp_path, engine, passes, runs) is open_


@pytest.mark.parametrize(
    ("operator", "value", "open_"),
    [
        ("ArnEquals", "arn:aws:iam::aws:policy/ReadOnlyAccess", False),
        ("StringEquals", "arn:aws:iam::aws:policy/Administrator*", False),  # a star as it stands
        ("StringEqualsIgnoreCase", "arn:aws:iam::aws:policy/administratoraccess", True),
        ("ArnLike", "arn:aws:iam::aws:policy/${aws:PrincipalTag/policy}", True),
        ("ArnEquals", "arn:aws-cn:iam::aws:policy/AdministratorAccess", True),
    ],
)
def test_a_policy_is_attached_whatever_the_condition_may_mean(operator, value, open_, tmp_path, engine):
    assert escalates(tmp_path, engine, allow("iam:AttachUserPolicy", {operator: {"iam:PolicyARN": value}})) is open_


@pytest.mark.parametrize(
    ("action", "written", "attached", "open_"),
    [
        ("iam:CreatePolicy", "*", f"{OWN}:policy/*", True),
        ("iam:CreatePolicyVersion", f"{OWN}:policy/team/*", f"{OWN}:policy/team/a", True),
        ("iam:CreatePolicy", f"{OWN}:policy/other/*", f"{OWN}:policy/team/*", False),
        ("iam:CreatePolicy", "*", "arn:aws:iam::aws:policy/ReadOnlyAccess", False),
        ("iam:GetPolicy", "*", f"{OWN}:policy/*", False),
    ],
)
def test_who_writes_the_policy_attaches_what_it_likes(action, written, attached, open_, tmp_path, engine):
    attaches = allow("iam:AttachUserPolicy", {"ArnLike": {"iam:PolicyARN": attached}})
    assert escalates(tmp_path, engine, attaches, allow(action, resource=written)) is open_


@pytest.mark.parametrize(
    ("condition", "beside", "severity"),
    [
        ({"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}}, [], "high"),
        ({"StringLike": {"iam:PolicyARN": "arn:*"}}, [], "high"),
        ({"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}, [], "medium"),
        ({"StringEquals": {"aws:ResourceTag/team": "a"}}, [allow("iam:TagUser")], "high"),
        ({"StringEquals": {"iam:ResourceTag/team": "a"}}, [allow("iam:Tag*")], "high"),
        ({"StringEquals": {"aws:ResourceTag/team": "a"}}, [], "medium"),
        ({"StringEquals": {"aws:ResourceTag/team": "a"}}, [allow("ec2:CreateTags")], "medium"),
        ({"StringEquals": {"aws:ResourceTag/team": "a"}}, [allow("iam:TagRole", resource=f"{OWN}:role/x")], "high"),
    ],
    ids=json.dumps,
)
def test_an_administrator_under_conditions_that_it_meets(condition, beside, severity, tmp_path, engine):
    found = findings(tmp_path, engine, allow("*", condition), *beside)
    assert [finding.severity for finding in found if finding.rule == "effective-admin"] == [severity]


_POWER, _PATH = allow("*"), f"{OWN}:policy/power"


@pytest.mark.parametrize(
    ("operator", "value", "content", "open_"),
    [
        ("ArnEquals", _PATH, [_POWER], True),
        ("StringEquals", _PATH, [_POWER], True),
        ("ArnLike", f"{OWN}:policy/pow*", [_POWER], True),
        ("ArnEquals", "arn:aws:iam::210987654321:policy/power", [_POWER], True),  # nothing says whose account it is
        ("ArnEquals", _PATH, [allow("iam:*")], True),
        ("ArnEquals", _PATH, [_POWER | {"Effect": "Deny"}, _POWER], False),
        ("ArnEquals", _PATH, [allow("s3:*")], False),
        ("ArnEquals", _PATH, [allow("*", {"ArnEquals": {"iam:PolicyARN": _PATH + "s"}})], False),
        ("ArnEquals", f"{OWN}:policy/harmless", [_POWER], False),
        ("ArnLike", f"{OWN}:policy/harm*", [_POWER], False),
    ],
)
@pytest.mark.parametrize("action", ["iam:AttachUserPolicy", "*"])
def test_a_policy_of_the_change_is_attached_where_the_condition_names_it(
    operator, value, content, open_, action, tmp_path, engine
):
    beside = {
        "aws_iam_policy.power": {"name": "power", "path": "/", "policy": policy(*content)},
        "aws_iam_policy.harmless": {"name": "harmless", "path": "/", "policy": policy(allow("s3:ListBucket"))},
    }
    attaches = allow(action, {operator: {"iam:PolicyARN": value}})
    found = {f.rule: f.severity for f in findings(tmp_path, engine, attaches, beside=beside)}
    if action == "*":
        assert found["effective-admin"] == ("high" if open_ else "medium")
    else:
        assert found.get("privilege-escalation") == ("critical" if open_ else None)


@pytest.mark.parametrize(("boundary", "open_"), [("power", True), ("harmless", False)])
def test_a_boundary_of_the_change_that_allows_everything_holds_nobody_back(boundary, open_, tmp_path, engine):
    beside = {
        "aws_iam_policy.power": {"name": "power", "path": "/", "policy": policy(_POWER)},
        "aws_iam_policy.harmless": {"name": "harmless", "path": "/", "policy": policy(allow("s3:ListBucket"))},
    }
    condition = {"StringEquals": {"iam:PermissionsBoundary": f"{OWN}:policy/{boundary}"}}
    assert escalates(tmp_path, engine, allow("iam:PutUserPolicy", condition), beside=beside) is open_
