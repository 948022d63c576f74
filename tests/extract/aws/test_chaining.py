"""Whether the identity that a trust policy names can take the edge.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gate.model.access import AccessModel, Trust

OWN, OTHER = "111122223333", "444455556666"
CALLER = f"arn:aws:iam::{OWN}:role/caller"
Written = Callable[..., AccessModel]


def policy(effect: str, action: str, resource: str = "*", **more: Any) -> str:
    return json.dumps({"Statement": {"Effect": effect, "Action": action, "Resource": resource, **more}})


def trust(*statements: dict[str, Any]) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **s} for s in statements]})


def edges(written: Written, target: dict[str, Any], **more: dict[str, Any]) -> list[Trust]:
    caller = {"name": "caller", "arn": CALLER}
    resources: dict[str, Any] = {"aws_iam_role.caller": caller, "aws_iam_role.target": {"name": "target", **target}}
    for name, values in more.items():
        resources[f"{'aws_iam_policy' if name == 'edge' else 'aws_iam_role_policy'}.{name}"] = values
    if "edge" in more:
        caller["permissions_boundary"] = more["edge"]["arn"]
    return written(resources, before={"aws_iam_role.caller": caller}).trust


NAMED = {"assume_role_policy": trust({"Principal": {"AWS": CALLER}})}


def inline(text: str) -> dict[str, Any]:
    return {"role": "caller", "name": "p", "policy": text}


def test_who_is_named_needs_no_permission(written: Written) -> None:
    assert [(e.delegates, e.usable) for e in edges(written, NAMED)] == [(False, True)]


@pytest.mark.parametrize(
    ("text", "usable"),
    [
        (policy("Deny", "sts:AssumeRole"), False),
        (policy("Deny", "sts:*", f"arn:aws:iam::{OWN}:role/target"), False),
        (policy("Deny", "sts:AssumeRole", f"arn:aws:iam::{OWN}:role/other"), True),
        (policy("Deny", "sts:AssumeRole", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}), True),
    ],
)
def test_a_deny_keeps_the_named_from_it(written: Written, text: str, usable: bool) -> None:
    assert [e.usable for e in edges(written, NAMED, p=inline(text))] == [usable]


@pytest.mark.parametrize(("action", "usable"), [("s3:*", False), ("sts:*", True)])
def test_a_boundary_of_a_named_role_has_to_allow_it(written: Written, action: str, usable: bool) -> None:
    edge = {"name": "edge", "arn": f"arn:aws:iam::{OWN}:policy/edge", "policy": policy("Allow", action)}
    assert [e.usable for e in edges(written, NAMED, edge=edge)] == [usable]


def test_an_account_leaves_it_to_its_own_policies(written: Written) -> None:
    root = {"assume_role_policy": trust({"Principal": {"AWS": f"arn:aws:iam::{OWN}:root"}})}
    assert [(e.delegates, e.usable) for e in edges(written, root)] == [(True, None)]


def test_another_account_has_to_allow_its_caller(written: Written) -> None:
    foreign = {"arn": f"arn:aws:iam::{OTHER}:role/target", "assume_role_policy": trust({"Principal": {"AWS": CALLER}})}

    def usable(text: str) -> list[tuple[bool, bool | None]]:
        caller = {"name": "caller", "arn": CALLER}
        resources = {"aws_iam_role.caller": caller, "aws_iam_role.target": {"name": "target", **foreign},
                     "aws_iam_role_policy.p": inline(text)}  # fmt: skip
        both = {"aws_iam_role.caller": caller, "aws_iam_role.target": resources["aws_iam_role.target"]}
        return [(e.delegates, e.usable) for e in written(resources, before=both).trust]

    assert usable(policy("Allow", "sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/*")) == [(True, True)]
    assert usable(policy("Allow", "sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/x")) == [(True, False)]


# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
def test_session_actions_alone_let_nobody_in_but_are_told(written: Written) -> None:
    who = {"Principal": {"AWS": CALLER}}
    tag = who | {"Action": ["sts:TagSession", "sts:SetSourceIdentity"]}
    limits = {"Condition": {"StringEquals": {"aws:RequestTag/team": "a"}}}
    assert [e.tags for e in edges(written, {"assume_role_policy": trust(tag)})] == []
    assert [e.tags for e in edges(written, {"assume_role_policy": trust(who, tag)})] == ["any"]
    assert [e.tags for e in edges(written, {"assume_role_policy": trust(who, tag | limits)})] == ["limited"]
    assert [e.tags for e in edges(written, {"assume_role_policy": trust(who)})] == ["none"]
    assert [e.tags for e in edges(written, {"assume_role_policy": trust(who | {"Action": "sts:*"})})] == ["any"]


def test_a_deny_in_the_trust_policy_counts(written: Written) -> None:
    refused = {"Effect": "Deny", "Principal": "*", "Condition": {"StringNotEquals": {"sts:ExternalId": "x"}}}
    root = {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}
    (edge,) = edges(written, {"assume_role_policy": trust(root, refused)})
    assert [(c.operator, c.key, c.values) for c in edge.conditions] == [("StringEquals", "sts:ExternalId", ("x",))]
    assert edges(written, {"assume_role_policy": trust(root, {"Effect": "Deny", "Principal": root["Principal"]})}) == []
