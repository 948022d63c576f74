"""Questions about effective access with the answers of another evaluator, and where the gate's own answers differ.

A *world* is a caller (``user`` or ``role`` ``app``), its policies, its boundary, a service control policy and the
policy of the bucket ``b`` (each a list of statements, ``None`` where there is none), and contexts of calls it makes.
``allowed`` has a text for each context, with ``1`` for each of ``REQUESTS`` that the judge allows; ``holds`` one with
``1`` for each of ``conditions`` that holds there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from gate.extract.aws.access.effective_access import PolicyContext, effective_access
from gate.extract.aws.access.grant_table import GrantTable
from gate.extract.aws.access.targets import TargetIndex
from gate.extract.aws.documents.attached_policies import AttachedPolicy
from gate.extract.aws.language.conditions import Caller, not_always_met
from gate.extract.aws.language.patterns import contains, matches
from gate.extract.aws.language.permissions import Permission, without
from gate.extract.aws.language.statements import PolicyDocument, parse_document
from gate.model.access import Condition, Source

ACCOUNT = "111122223333"
REQUESTS = [
    ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/app"),
    ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/team/admin"),
    ("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/bob"),
    ("s3:GetObject", "arn:aws:s3:::b/k"),
    ("s3:GetObject", "arn:aws:s3:::b/public/k"),
    ("s3:GetObject", "arn:aws:s3:::other/k"),
    ("s3:DeleteObject", "arn:aws:s3:::b/k"),
    ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:s-a"),
    ("lambda:UpdateFunctionCode", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"),
]
_ACTIONS = ["*", "*", "iam:*", "iam:PassRole", "iam:Create*", "IAM:passrole", "s3:*", "s3:*Object", "s3:?etObject",
            "s3:GetObject", "secretsmanager:*", "lambda:UpdateFunction*"]  # fmt: skip
_RESOURCES = ["*", "*", "*", f"arn:aws:iam::{ACCOUNT}:role/*", f"arn:aws:iam::{ACCOUNT}:role/app",
              "arn:aws:iam::*:user/*o?", "arn:aws:s3:::*", "arn:aws:s3:::b/*", "arn:aws:s3:::*/k",
              "arn:aws:s3:::b/public/?", "arn:aws:secretsmanager:*:*:secret:s-?",
              "arn:aws:lambda:*:*:function:f"]  # fmt: skip
_BUCKET = ["arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::b/public/*"]
_BUCKET_ACTIONS = ["s3:*", "s3:GetObject", "s3:*Object"]
# What a call may carry. What every call of the caller carries is added to each context.
_CARRIED: dict[str, list[Any]] = {
    "aws:SourceIp": ["10.0.0.1", "203.0.113.9"],
    "aws:SourceVpce": ["vpce-1", "vpce-2"],
    "aws:MultiFactorAuthPresent": ["true", "false"],
    "aws:MultiFactorAuthAge": ["30", "3600"],
    "aws:RequestedRegion": ["eu-west-1", "us-east-1"],
    "aws:PrincipalTag/team": ["blue", "Red"],
    "aws:UserAgent": ["curl", "x"],
    "aws:CurrentTime": ["2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"],
}
_PLAIN: list[tuple[str, str, list[str]]] = [
    ("StringEquals", "aws:SourceVpce", ["vpce-1"]),
    ("StringNotEquals", "aws:SourceVpce", ["vpce-1", "vpce-9"]),
    ("StringLike", "aws:RequestedRegion", ["eu-*", "ap-*"]),
    ("StringNotLike", "aws:UserAgent", ["cur?"]),
    ("StringEqualsIgnoreCase", "aws:PrincipalTag/team", ["RED"]),
    ("StringEqualsIfExists", "aws:PrincipalTag/team", ["blue"]),
    ("IpAddress", "aws:SourceIp", ["10.0.0.0/8"]),
    ("NotIpAddress", "aws:SourceIp", ["10.0.0.0/8", "192.0.2.1"]),
    ("IpAddress", "aws:SourceIp", ["0.0.0.0/0", "::/0"]),
    ("Bool", "aws:MultiFactorAuthPresent", ["true"]),
    ("BoolIfExists", "aws:MultiFactorAuthPresent", ["false"]),
    ("NumericLessThan", "aws:MultiFactorAuthAge", ["300"]),
    ("DateLessThan", "aws:CurrentTime", ["2028-01-01T00:00:00Z"]),
    ("Null", "aws:SourceVpce", ["true"]),
    ("Null", "aws:MultiFactorAuthAge", ["false"]),
]
_CALLERS: list[tuple[str, str, list[str]]] = [
    ("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/app"]),
    ("ArnNotEquals", "aws:PrincipalArn", [f"arn:aws:iam::{ACCOUNT}:role/app"]),
    ("ArnNotLike", "aws:PrincipalArn", ["arn:aws:iam::*:user/*"]),
    ("StringEquals", "aws:PrincipalAccount", [ACCOUNT]),
    ("StringNotEquals", "aws:PrincipalAccount", [ACCOUNT, "444455556666"]),
    ("StringEquals", "aws:username", ["app"]),
    ("StringNotEqualsIfExists", "aws:username", ["bob"]),
    ("Null", "aws:username", ["true"]),
    ("StringEquals", "aws:PrincipalType", ["User"]),
]
World = dict[str, Any]


def world(dice: Random) -> World:
    """One made by chance."""
    caller = dice.choice(["role", "user"])
    contexts = [
        _own(caller) | {key: dice.choice(values) for key, values in _CARRIED.items() if dice.random() < 0.5}
        for _ in range(2)
    ]
    made = {
        "caller": caller,
        "policies": [_document(dice) for _ in range(dice.randint(1, 2))],
        "boundary": _document(dice) if dice.random() < 0.35 else None,
        "control": _document(dice) if dice.random() < 0.35 else None,
        "resource": [_bucket_statement(dice, caller) for _ in range(dice.randint(1, 2))]
        if dice.random() < 0.4
        else None,
        "contexts": contexts,
    }
    return made | {"conditions": _conditions_of(made)}


def _own(caller: str) -> dict[str, str]:
    told = {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:{caller}/app", "aws:PrincipalAccount": ACCOUNT}
    told["aws:PrincipalType"] = "User" if caller == "user" else "AssumedRole"
    return told | ({"aws:username": "app"} if caller == "user" else {})


def _some(values: list[str], dice: Random) -> str | list[str]:
    return dice.choice(values) if dice.random() < 0.4 else dice.sample(values, dice.randint(1, 2))


def _document(dice: Random) -> list[dict[str, Any]]:
    return [_statement(dice) for _ in range(dice.randint(1, 3))]


def _statement(dice: Random) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": dice.choice(["Allow", "Allow", "Allow", "Deny"])}
    for element, values in (("Action", _ACTIONS), ("Resource", _RESOURCES)):
        chosen = f"Not{element}" if dice.random() < 0.25 else element
        made[chosen] = [] if dice.random() < 0.02 else _some(values, dice)
    return made | _condition(dice, made["Effect"])


def _bucket_statement(dice: Random, caller: str) -> dict[str, Any]:
    principal: Any = {"AWS": f"arn:aws:iam::{ACCOUNT}:{caller}/app"}
    made = {"Effect": dice.choice(["Allow", "Allow", "Deny"]), "Principal": principal}
    made |= {"Action": _some(_BUCKET_ACTIONS, dice), "Resource": _some(_BUCKET, dice)}
    return made | _condition(dice, made["Effect"])


def _condition(dice: Random, effect: str) -> dict[str, Any]:
    if dice.random() < 0.5:
        return {}
    # What a deny under a condition takes away is not certain, so the gate leaves it: few such, then.
    kinds = _CALLERS if dice.random() < (0.9 if effect == "Deny" else 0.4) else _PLAIN
    found: dict[str, dict[str, list[str]]] = {}
    for operator, key, values in dice.sample(kinds, dice.randint(1, 2)):
        found.setdefault(operator, {})[key] = values
    return {"Condition": found}


def _layers(one: World) -> Iterator[list[dict[str, Any]]]:
    yield from one["policies"]
    yield from (one[layer] for layer in ("boundary", "control", "resource") if one[layer])


def _conditions_of(one: World) -> list[tuple[str, str, list[str]]]:
    """Each condition of a world once, in order."""
    found: dict[str, tuple[str, str, list[str]]] = {}
    for statement in (statement for layer in _layers(one) for statement in layer):
        for operator, keys in statement.get("Condition", {}).items():
            for key, values in keys.items():
                found.setdefault(json.dumps([operator, key, values]), (operator, key, values))
    return list(found.values())


def differences(one: World) -> Iterator[str]:
    """Where the gate's answer is another one than the judge's, and nothing explains it.

    Explained are three: an empty ``NotAction`` or ``NotResource`` of an allow, which the gate calls unknown, since AWS'
    pages contradict each other on it (``statements.py``; the judge takes it to match everything); the same of a deny,
    which for the gate takes nothing away for certain; and what a deny under a condition takes away in some calls only.
    """
    documents = [parse_document({"Statement": layer}) for layer in _layers(one)]
    empty = [s["Effect"] for layer in _layers(one) for s in layer if [] in (s.get("NotAction"), s.get("NotResource"))]
    problems = sum(len(document.problems) for document in documents)
    if problems != empty.count("Allow"):
        yield f"problems: {problems}, where {empty.count('Allow')} statements are unclear"
    if "Allow" in empty:
        return
    denies = [s for document in documents for s in document.statements if s.effect == "Deny"]
    uncertain = "Deny" in empty or any(condition.key in _CARRIED for deny in denies for condition in deny.conditions)
    found, grants = _access(one)
    for context, allowed, holds in zip(one["contexts"], one["allowed"], one["holds"], strict=True):
        held = {(o, k, tuple(v)): bit == "1" for (o, k, v), bit in zip(one["conditions"], holds, strict=True)}
        for (action, resource), bit in zip(REQUESTS, allowed, strict=True):
            ours = any(
                _reaches(grants[key], resource) and all(_holds(c, held) for c in grants[key].conditions)
                for key in found.get(action) or found.get("*", ())
            )
            theirs = bit == "1"
            if theirs and not ours:
                yield f"missed: {action} on {resource} in {context}"
            elif ours and not theirs and not uncertain:
                yield f"too much: {action} on {resource} in {context}"


def _holds(condition: Condition, held: dict[tuple[str, str, tuple[str, ...]], bool]) -> bool:
    return held[(condition.operator, condition.key, condition.values)]


def _reaches(grant: Any, resource: str) -> bool:
    covered = any(matches(pattern, resource) for pattern in grant.resources)
    return covered and not any(contains(pattern, resource) for pattern in grant.except_)


def _access(one: World) -> tuple[dict[str, tuple[str, ...]], Any]:
    arns = (f"arn:aws:iam::{ACCOUNT}:{one['caller']}/app",)
    caller = Caller(arns, one["caller"], ACCOUNT, "app")
    protected = _parsed(one["resource"] or [])
    # The policy of the resource: what it gives counts by itself; its denies hold for what it is about.
    given = PolicyDocument(tuple(s for s in protected.statements if s.effect == "Allow"))
    denies = [s for s in protected.statements if s.effect == "Deny"]

    def at_resources(part: Permission, own: bool) -> list[Permission]:
        parts = [part]
        for deny in denies:
            if not not_always_met(deny.conditions, caller):  # it holds in every call
                parts = [left for each in parts for left in without(each, deny)]
        return parts

    control = _parsed(one["control"]) if one["control"] is not None else None
    around = PolicyContext(
        caller,
        (AttachedPolicy(Source("bucket"), given),) if given.statements else (),
        ((control,),) if control else (),
        (control,) if control else (),
        at_resources,
    )
    boundary = AttachedPolicy(Source("b"), _parsed(one["boundary"])) if one["boundary"] is not None else None
    policies = [AttachedPolicy(Source(f"p{at}"), _parsed(layer)) for at, layer in enumerate(one["policies"])]
    table = GrantTable(TargetIndex({}, None))
    access = effective_access("x", policies, boundary, table, around)
    return access.grants, table.grants()


def _parsed(statements: list[dict[str, Any]]) -> PolicyDocument:
    return parse_document({"Version": "2012-10-17", "Statement": statements})
