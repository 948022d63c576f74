"""Effective access against moto's evaluator (moto.iam.access_control), which shares no code with ours.

Generated policies stay within what moto 5.2.1 supports (``IAMPolicyStatement``); left out because moto ignores it:

- ``Condition``: an unmet one is an outright denial there, in an Allow too;
- ``NotResource``: a statement without ``Resource`` is taken to permit, in a Deny too;
- ``?``, and the characters of regular expressions, in patterns: only ``*`` is translated;
- other case in action names: compared as written;
- boundaries and service control policies: not evaluated, so each is asked as a policy of its own here.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from moto.iam.access_control import IAMPolicy, PermissionResult

from gate.extract.aws.access.effective_access import PolicyContext, effective_access
from gate.extract.aws.access.grant_table import GrantTable
from gate.extract.aws.access.targets import TargetIndex
from gate.extract.aws.documents.attached_policies import AttachedPolicy
from gate.extract.aws.language.patterns import contains, matches
from gate.extract.aws.language.statements import parse_document
from gate.model.access import Source

REQUESTS = {
    "iam:PassRole": ["arn:aws:iam::1:role/app", "arn:aws:iam::1:role/team/admin", "arn:aws:iam::2:role/admin"],
    "iam:AttachUserPolicy": ["arn:aws:iam::1:user/bob", "arn:aws:iam::1:user/admin"],
    "iam:CreateAccessKey": ["arn:aws:iam::1:user/bob", "arn:aws:iam::1:user/admin"],
    "s3:GetObject": ["arn:aws:s3:::b/k", "arn:aws:s3:::b/public/k", "arn:aws:s3:::bb/k"],
    "s3:DeleteObject": ["arn:aws:s3:::b/k", "arn:aws:s3:::b/public/k", "arn:aws:s3:::bb/k"],
    "secretsmanager:GetSecretValue": ["arn:aws:secretsmanager:eu-west-1:1:secret:s-a"],
    "lambda:UpdateFunctionCode": ["arn:aws:lambda:eu-west-1:1:function:f", "arn:aws:lambda:eu-west-1:2:function:g"],
}
ACTIONS = ["*", "iam:*", "iam:*User*", "iam:PassRole", "iam:Create*", "s3:*", "s3:*Object", "s3:Get*", "*:*Key", "l*:*",
           "secretsmanager:GetSecretValue", "lambda:UpdateFunction*"]  # fmt: skip
RESOURCES = ["*", "arn:aws:iam::1:*", "arn:aws:iam::*:role/*", "arn:aws:iam::1:role/app", "arn:aws:iam::*admin",
             "arn:aws:s3:::*", "arn:aws:s3:::b/*", "arn:aws:s3:::*/k", "arn:aws:s3:::b/*/k", "arn:aws:*:1:*",
             "arn:aws:secretsmanager:*", "arn:aws:lambda:*:*:function:f", "arn:*k"]  # fmt: skip


def _some(values: list[str], dice: Random) -> str | list[str]:
    return dice.choice(values) if dice.random() < 0.4 else dice.sample(values, dice.randint(1, 3))


def _statement(dice: Random) -> dict[str, Any]:
    return {
        "Effect": dice.choice(["Allow", "Allow", "Deny"]),
        dice.choice(["Action", "Action", "NotAction"]): _some(ACTIONS, dice),
        "Resource": _some(RESOURCES, dice),
    }


def _document(dice: Random) -> Any:
    return _statement(dice) if dice.random() < 0.2 else [_statement(dice) for _ in range(dice.randint(1, 4))]


def _maybe(dice: Random) -> Any:
    return _document(dice) if dice.random() < 0.4 else None


def _moto(policies: list[IAMPolicy], action: str, resource: str) -> PermissionResult:
    """The answers for several policies as ``IAMRequestBase.check_action_permitted`` puts them together."""
    answers = [policy.is_action_permitted(action, resource) for policy in policies]
    if PermissionResult.DENIED in answers:
        return PermissionResult.DENIED
    return PermissionResult.PERMITTED if PermissionResult.PERMITTED in answers else PermissionResult.NEUTRAL


def _attached(document: Any, address: str) -> AttachedPolicy:
    return AttachedPolicy(Source(address), parse_document({"Version": "2012-10-17", "Statement": document}))


@pytest.mark.parametrize("seed", range(8))
def test_no_difference_to_moto(seed: int) -> None:
    dice = Random(seed)
    permitted = 0
    for _ in range(500):
        policies = [_document(dice) for _ in range(dice.randint(1, 3))]
        permitted += _compare(policies, _maybe(dice), _maybe(dice))
    assert permitted > 500  # neither evaluator says no to everything


def _compare(policies: list[Any], boundary: Any, control: Any) -> int:
    """How many of the requests both permit."""
    table = GrantTable(TargetIndex({}, None))
    scp = parse_document({"Statement": control or []})
    around = PolicyContext(levels=((scp,),), denials=(scp,))
    found = effective_access(
        "aws_iam_role.r",
        [_attached(document, f"p{at}") for at, document in enumerate(policies)],
        None if boundary is None else _attached(boundary, "b"),
        table,
        PolicyContext() if control is None else around,
    )
    grants = table.grants()
    documents = [policies] + [[layer] for layer in (boundary, control) if layer is not None]
    layers = [[IAMPolicy(json.dumps({"Statement": document})) for document in layer] for layer in documents]
    permitted = 0
    for action, resources in REQUESTS.items():
        held = [grants[key] for key in found.grants.get(action) or found.grants.get("*", ())]
        for resource in resources:
            ours = any(
                any(matches(pattern, resource) for pattern in grant.resources)
                and not any(contains(pattern, resource) for pattern in grant.except_)
                for grant in held
            )
            theirs = all(_moto(layer, action, resource) is PermissionResult.PERMITTED for layer in layers)
            assert ours is theirs, (action, resource, policies, boundary, control)
            permitted += ours
    return permitted
