"""Conditions on a technique that its holder meets: whole decisions about a user beside an administrator role."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gate.engine.engine import Engine
from gate.model.decision import Finding
from gate.pipeline import check

_OWN = "arn:aws:iam::123456789012"
_TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def _allow(action: str | list[str], condition: dict[str, Any] | None = None, resource: str = "*") -> dict[str, Any]:
    given = {"Effect": "Allow", "Action": action, "Resource": resource}
    return given | {"Condition": condition} if condition else given


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _findings(
    folder: Path, engine: Engine, *statements: dict[str, Any], beside: dict[str, dict[str, Any]] | None = None
) -> list[Finding]:
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    resources = {
        "aws_iam_role.admin": {
            "name": "admin",
            "path": "/",
            "assume_role_policy": _policy(_TRUST),
            "tags": {"Team": "a"},
        },
        "aws_iam_role_policy_attachment.admin": {"role": "admin", "policy_arn": administrator},
        "aws_iam_user.u": {"name": "u", "path": "/"},
        "aws_iam_user_policy.u": {"name": "u", "user": "u", "policy": _policy(*statements)},
    } | (beside or {})
    changes = []
    for address, values in resources.items():
        type_, _, name = address.partition(".")
        given, unknown = dict(values), values.get("unknown", {})
        given.pop("unknown", None)
        change = {"actions": ["create"], "before": None, "after": given, "after_unknown": unknown}
        changes.append({"address": address, "mode": "managed", "type": type_, "name": name, "change": change})
    plan = folder / "plan.json"
    plan.write_text(json.dumps({"format_version": "1.2", "resource_changes": changes}))
    return [finding for finding in check([str(plan)], engine=engine).findings if finding.identity == "aws_iam_user.u"]


def _escalates(
    folder: Path, engine: Engine, *statements: dict[str, Any], beside: dict[str, dict[str, Any]] | None = None
) -> bool:
    found = _findings(folder, engine, *statements, beside=beside)
    return ("privilege-escalation", "critical") in [(finding.rule, finding.severity) for finding in found]


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
    passes = _allow("iam:PassRole", {operator: {key: value}})
    runs = _allow(["lambda:CreateFunction", "lambda:InvokeFunction"])
    assert _escalates(tmp_path, engine, passes, runs) is open_


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
    assert _escalates(tmp_path, engine, _allow("iam:AttachUserPolicy", {operator: {"iam:PolicyARN": value}})) is open_


@pytest.mark.parametrize(
    ("action", "written", "attached", "open_"),
    [
        ("iam:CreatePolicy", "*", f"{_OWN}:policy/*", True),
        ("iam:CreatePolicyVersion", f"{_OWN}:policy/team/*", f"{_OWN}:policy/team/a", True),
        ("iam:CreatePolicy", f"{_OWN}:policy/other/*", f"{_OWN}:policy/team/*", False),
        ("iam:CreatePolicy", "*", "arn:aws:iam::aws:policy/ReadOnlyAccess", False),
        ("iam:GetPolicy", "*", f"{_OWN}:policy/*", False),
    ],
)
def test_who_writes_the_policy_attaches_what_it_likes(action, written, attached, open_, tmp_path, engine):
    attaches = _allow("iam:AttachUserPolicy", {"ArnLike": {"iam:PolicyARN": attached}})
    assert _escalates(tmp_path, engine, attaches, _allow(action, resource=written)) is open_


@pytest.mark.parametrize(
    ("condition", "beside", "severity"),
    [
        ({"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}}, [], "high"),
        ({"StringLike": {"iam:PolicyARN": "arn:*"}}, [], "high"),
        ({"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}, [], "medium"),
        ({"StringEquals": {"aws:ResourceTag/team": "a"}}, [_allow("iam:TagUser")], "high"),
        ({"StringEquals": {"iam:ResourceTag/team": "a"}}, [_allow("iam:Tag*")], "high"),
        ({"StringEquals": {"aws:ResourceTag/team": "a"}}, [], "medium"),
        ({"StringEquals": {"aws:ResourceTag/team": "a"}}, [_allow("ec2:CreateTags")], "medium"),
    ],
    ids=json.dumps,
)
def test_an_administrator_under_conditions_that_it_meets(condition, beside, severity, tmp_path, engine):
    found = _findings(tmp_path, engine, _allow("*", condition), *beside)
    assert [finding.severity for finding in found if finding.rule == "effective-admin"] == [severity]


@pytest.mark.parametrize(
    ("operator", "key", "value", "role", "open_"),
    [
        ("StringEquals", "aws:ResourceTag/team", "a", "admin", True),
        ("StringLike", "iam:ResourceTag/Team", "a*", "adm*", True),
        ("StringEquals", "aws:ResourceTag/team", "b", "admin", False),
        ("StringEquals", "aws:ResourceTag/stage", "a", "admin", False),
        ("StringEquals", "aws:ResourceTag/team", "a", "other", False),
    ],
)
def test_a_role_that_carries_the_tag_is_reached(operator, key, value, role, open_, tmp_path, engine):
    rewrites = _allow("iam:UpdateAssumeRolePolicy", {operator: {key: value}}, f"{_OWN}:role/{role}")
    assert _escalates(tmp_path, engine, rewrites) is open_


def _role(**values: Any) -> dict[str, Any]:
    return {"name": "other", "path": "/", "assume_role_policy": _policy(_TRUST)} | values


_TEAM = "aws:ResourceTag/team"


@pytest.mark.parametrize(
    ("value", "resource", "others", "open_"),
    [
        ("a", "*", {}, True),
        ("a", "role/*", {}, True),
        ("a", ["role/admin", "role/other"], {}, True),
        ("a", "role/*", {"tags": {"team": "b"}}, True),
        ("b", "role/*", {"tags": {"team": "b"}}, False),  # it reaches the other role, which is nobody
        ("b", "*", {}, False),
        ("${aws:PrincipalTag/team}", "*", {}, False),  # the user has no tags
    ],
)
def test_a_tag_that_some_carry_leaves_those(value, resource, others, open_, tmp_path, engine):
    names = [resource] if isinstance(resource, str) else resource
    arns = [name if name == "*" else f"{_OWN}:{name}" for name in names]
    rewrites = _allow("iam:UpdateAssumeRolePolicy", {"StringEquals": {_TEAM: value}}) | {"Resource": arns}
    assert _escalates(tmp_path, engine, rewrites, beside={"aws_iam_role.other": _role(**others)}) is open_


@pytest.mark.parametrize(
    ("tags", "open_"),
    [
        ({"tags": None, "unknown": {"tags": True}}, True),
        ({"tags": {}, "unknown": {"tags": {"team": True}}}, True),
        ({"tags": {"team": "b"}, "unknown": {"tags": {"stage": True}}}, False),
        ({"tags": {"team": "b"}, "tags_all": {"team": "b", "stage": "a"}}, False),
        ({"tags": None, "tags_all": {"team": "a"}}, True),
        ({"tags": None}, False),
    ],
    ids=json.dumps,
)
def test_a_tag_that_is_not_known_is_not_missing(tags, open_, tmp_path, engine):
    rewrites = _allow("iam:UpdateAssumeRolePolicy", {"StringEquals": {_TEAM: "a"}}, f"{_OWN}:role/*")
    administrator = {"role": "other", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    plain = {"aws_iam_role.admin": _role(name="admin")}
    beside = plain | {"aws_iam_role.other": _role(**tags), "aws_iam_role_policy_attachment.other": administrator}
    assert _escalates(tmp_path, engine, rewrites, beside=beside) is open_


@pytest.mark.parametrize(
    ("caller", "open_"), [({"team": "a"}, True), ({"Team": "a"}, True), ({"team": "b"}, False), ({}, False)]
)
def test_the_callers_own_tag_stands_for_the_variable(caller, open_, tmp_path, engine):
    rewrites = _allow("iam:UpdateAssumeRolePolicy", {"StringEquals": {_TEAM: "${aws:PrincipalTag/team}"}})
    user = {"aws_iam_user.u": {"name": "u", "path": "/", "tags": caller}}
    assert _escalates(tmp_path, engine, rewrites, beside=user) is open_


def test_a_role_outside_of_the_change_may_carry_the_tag_where_it_is_named(tmp_path, engine):
    condition = {"StringEquals": {_TEAM: "a"}}
    named = _allow("iam:UpdateAssumeRolePolicy", condition, f"{_OWN}:role/ops")
    found = [f for f in _findings(tmp_path, engine, named) if f.rule == "privilege-escalation"]
    assert [(finding.severity, finding.confidence) for finding in found] == [("medium", "unverified")]
    pattern = _allow("iam:UpdateAssumeRolePolicy", condition, f"{_OWN}:role/ops-*")
    assert [f.rule for f in _findings(tmp_path, engine, pattern) if f.rule == "privilege-escalation"] == []


@pytest.mark.parametrize(
    ("type_", "values", "open_"),
    [
        ("aws_instance", {"tags": {"team": "a"}}, True),
        ("aws_instance", {"tags": {"team": "b"}}, False),
        ("aws_instance", {"tags": None}, False),
        ("aws_autoscaling_group", {"tag": [{"key": "team", "value": "a", "propagate_at_launch": True}]}, True),
        ("aws_autoscaling_group", {"tag": [{"key": "team", "value": "a", "propagate_at_launch": False}]}, False),
    ],
)
def test_what_runs_somewhere_is_reached_by_its_own_tags(type_, values, open_, tmp_path, engine):
    trust = _TRUST | {"Principal": {"Service": "ec2.amazonaws.com"}}
    beside = {
        "aws_iam_role.admin": _role(name="admin", assume_role_policy=_policy(trust)),
        "aws_iam_instance_profile.p": {"name": "p", "role": "admin"},
        f"{type_}.i": {"iam_instance_profile": "p"} | values,
    }
    if type_ == "aws_autoscaling_group":
        beside["aws_launch_configuration.c"] = {"name": "c", "iam_instance_profile": "p"}
        beside["aws_autoscaling_group.i"]["launch_configuration"] = "c"
    starts = _allow("ssm:StartSession", {"StringEquals": {"ssm:resourceTag/team": "a"}})
    assert _escalates(tmp_path, engine, starts, beside=beside) is open_
