"""Conditions on the tag of a resource: what carries it, who carries it, and who can give it."""

from __future__ import annotations

import json

import pytest

from tests.extract.aws.beside_administrator import OWN, TRUST, allow, escalates, findings, policy, role


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
    rewrites = allow("iam:UpdateAssumeRolePolicy", {operator: {key: value}}, f"{OWN}:role/{role}")
    assert escalates(tmp_path, engine, rewrites) is open_


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
    arns = [name if name == "*" else f"{OWN}:{name}" for name in names]
    rewrites = allow("iam:UpdateAssumeRolePolicy", {"StringEquals": {_TEAM: value}}) | {"Resource": arns}
    assert escalates(tmp_path, engine, rewrites, beside={"aws_iam_role.other": role(**others)}) is open_


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
    rewrites = allow("iam:UpdateAssumeRolePolicy", {"StringEquals": {_TEAM: "a"}}, f"{OWN}:role/*")
    administrator = {"role": "other", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    plain = {"aws_iam_role.admin": role(name="admin")}
    beside = plain | {"aws_iam_role.other": role(**tags), "aws_iam_role_policy_attachment.other": administrator}
    assert escalates(tmp_path, engine, rewrites, beside=beside) is open_


@pytest.mark.parametrize(
    ("caller", "open_"), [({"team": "a"}, True), ({"Team": "a"}, True), ({"team": "b"}, False), ({}, False)]
)
def test_the_callers_own_tag_stands_for_the_variable(caller, open_, tmp_path, engine):
    rewrites = allow("iam:UpdateAssumeRolePolicy", {"StringEquals": {_TEAM: "${aws:PrincipalTag/team}"}})
    user = {"aws_iam_user.u": {"name": "u", "path": "/", "tags": caller}}
    assert escalates(tmp_path, engine, rewrites, beside=user) is open_


def test_a_role_outside_of_the_change_may_carry_the_tag_where_it_is_named(tmp_path, engine):
    condition = {"StringEquals": {_TEAM: "a"}}
    named = allow("iam:UpdateAssumeRolePolicy", condition, f"{OWN}:role/ops")
    found = [f for f in findings(tmp_path, engine, named) if f.rule == "privilege-escalation"]
    assert [(finding.severity, finding.confidence) for finding in found] == [("medium", "unverified")]
    pattern = allow("iam:UpdateAssumeRolePolicy", condition, f"{OWN}:role/ops-*")
    assert [f.rule for f in findings(tmp_path, engine, pattern) if f.rule == "privilege-escalation"] == []


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
    trust = TRUST | {"Principal": {"Service": "ec2.amazonaws.com"}}
    beside = {
        "aws_iam_role.admin": role(name="admin", assume_role_policy=policy(trust)),
        "aws_iam_instance_profile.p": {"name": "p", "role": "admin"},
        f"{type_}.i": {"iam_instance_profile": "p"} | values,
    }
    if type_ == "aws_autoscaling_group":
        beside["aws_launch_configuration.c"] = {"name": "c", "iam_instance_profile": "p"}
        beside["aws_autoscaling_group.i"]["launch_configuration"] = "c"
    starts = allow("ssm:StartSession", {"StringEquals": {"ssm:resourceTag/team": "a"}})
    assert escalates(tmp_path, engine, starts, beside=beside) is open_


@pytest.mark.parametrize(("tags", "severity"), [({"team": "a"}, "high"), ({"team": "b"}, "medium"), (None, "medium")])
def test_an_administrator_of_what_carries_a_tag_frees_itself_by_carrying_it(tags, severity, tmp_path, engine):
    beside = {"aws_iam_user.u": {"name": "u", "path": "/", "tags": tags}}
    found = findings(tmp_path, engine, allow("*", {"StringEquals": {_TEAM: "a"}}), beside=beside)
    assert [finding.severity for finding in found if finding.rule == "effective-admin"] == [severity]


@pytest.mark.parametrize(("value", "weighs"), [("a", ["critical"]), ("b", ["high"])])
def test_who_becomes_an_administrator_of_what_carries_a_tag_goes_on_from_there(value, weighs, tmp_path, engine):
    condition = {"StringEquals": {"aws:ResourceTag/Team": value}}
    lets_in = {"Effect": "Allow", "Principal": {"AWS": f"{OWN}:user/u"}, "Action": "sts:AssumeRole"}
    beside = {
        "aws_iam_role.tagger": role(name="tagger", assume_role_policy=policy(lets_in), tags=None),
        "aws_iam_role_policy.tagger": {"name": "t", "role": "tagger", "policy": policy(allow("*", condition))},
    }
    found = findings(tmp_path, engine, allow("s3:ListAllMyBuckets"), beside=beside)
    assert [finding.severity for finding in found if finding.rule == "privilege-escalation"] == weighs


def test_an_administrator_under_a_condition_keeps_its_other_ways(tmp_path, engine):
    under = allow("*", {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}})
    assert not escalates(tmp_path, engine, under)
    assert escalates(tmp_path, engine, under, allow("iam:UpdateAssumeRolePolicy", resource=f"{OWN}:role/admin"))
    assert not escalates(tmp_path, engine, under, allow("iam:UpdateAssumeRolePolicy", resource=f"{OWN}:role/x"))


def test_tags_that_it_gives_only_to_what_carries_one_open_nothing(tmp_path, engine):
    both = allow(["iam:UpdateAssumeRolePolicy", "iam:TagRole"], {"StringEquals": {_TEAM: "b"}})
    assert not escalates(tmp_path, engine, both)
    assert escalates(tmp_path, engine, both, allow("iam:TagRole"))
