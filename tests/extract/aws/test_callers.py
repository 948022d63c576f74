"""Whom conditions about the caller let in of all identities in view."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gate.extract.aws.identities import callers
from gate.model.access import AccessModel

Written = Callable[..., AccessModel]
ACCOUNT = "111122223333"


def roles(*conditions: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A user, and for each of the conditions a role that lets in everybody under it."""
    found: dict[str, dict[str, Any]] = {"aws_iam_user.u": {"name": "u", "arn": f"arn:aws:iam::{ACCOUNT}:user/u"}}
    for at, condition in enumerate(conditions):
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*", "Condition": condition}
        arn = f"arn:aws:iam::{ACCOUNT}:role/r{at}"
        trust = json.dumps({"Version": "2012-10-17", "Statement": statement})
        found[f"aws_iam_role.r{at}"] = {"name": f"r{at}", "arn": arn, "assume_role_policy": trust}
    return found


def let_in(model: AccessModel) -> dict[str, set[str]]:
    """Role → identities that its trust policy lets in by themselves."""
    found: dict[str, set[str]] = {}
    for edge in model.trust:
        if edge.principal.identity:
            found.setdefault(edge.identity, set()).add(edge.principal.identity)
    return found


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, True),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/*"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:username": "u"}}, True),
        ({"StringNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": "999988887777"}}, False),
        ({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, False),
        ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:username": "v"}}, False),
        ({"StringEquals": {"sts:ExternalId": "x"}}, False),  # says nothing of the caller: open to the public
    ],
)
def test_who_fits_the_conditions_gets_in(written: Written, condition: dict[str, Any], expected: bool) -> None:
    resources = roles(condition)
    found = let_in(written(resources, before=resources)).get("aws_iam_role.r0", set())
    assert ("aws_iam_user.u" in found) is expected


def test_what_lets_in_too_many_cannot_be_reviewed(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "_MOST", 5)
    resources = roles(*[{"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}] * 4)
    model = written(resources, before=resources)
    assert {role: len(names) for role, names in let_in(model).items()} == {"aws_iam_role.r0": 4}
    assert [unknown.identity for unknown in model.unknown] == [f"aws_iam_role.r{at}" for at in (1, 2, 3)]
