"""A deny never adds access and an allow never removes any, in a policy, boundary, control or resource policy."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gate.extract.aws.access.effective_access import PolicyContext, effective_access
from gate.extract.aws.access.grant_table import GrantTable
from gate.extract.aws.access.targets import TargetIndex
from gate.extract.aws.documents.attached_policies import AttachedPolicy
from gate.extract.aws.language.conditions import Caller
from gate.extract.aws.language.patterns import contains, matches
from gate.extract.aws.language.permissions import Permission, without
from gate.extract.aws.language.statements import PolicyDocument, parse_document
from gate.model.access import Source

REQUESTS = {
    "iam:PassRole": ["arn:aws:iam::1:role/app", "arn:aws:iam::1:role/admin"],
    "iam:CreateAccessKey": ["arn:aws:iam::1:user/bob", "arn:aws:iam::1:user/admin"],
    "s3:GetObject": ["arn:aws:s3:::b/k", "arn:aws:s3:::b/public/k", "arn:aws:s3:::c/k"],
    "s3:PutObject": ["arn:aws:s3:::b/k", "arn:aws:s3:::b/public/k", "arn:aws:s3:::c/k"],
}
ACTIONS = ["*", "iam:*", "iam:PassRole", "iam:Create*", "s3:*", "s3:?etObject", "s3:PutObject"]
RESOURCES = ["*", "arn:aws:iam::1:*", "arn:aws:iam::*:role/a*", "arn:aws:iam::1:user/b?b", "arn:aws:s3:::b/*",
             "arn:aws:s3:::*/k", "arn:aws:s3:::*/public/*"]  # fmt: skip
CONDITIONS: list[dict[str, Any] | None] = [
    None,
    None,
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}},
    {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::1:role/app"}},
    {"StringNotEqualsIfExists": {"aws:username": "bob"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}},
    {"Null": {"aws:username": "true"}},
]
CALLER = Caller(("arn:aws:iam::1:role/app",), "role", "1")
Statements = list[dict[str, Any]]


@st.composite
def _statement(draw: st.DrawFn, effect: str | None = None) -> dict[str, Any]:
    some = lambda values: st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)  # noqa: E731
    made: dict[str, Any] = {"Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    made[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(some(ACTIONS))
    made[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(some(RESOURCES))
    condition = draw(st.sampled_from(CONDITIONS))
    return made | ({"Condition": condition} if condition else {})


_layer = st.lists(_statement(), min_size=1, max_size=3)
_PLACES = ("policy", "boundary", "control", "resource")
_layers = st.fixed_dictionaries({"policy": _layer, "resource": _layer},
                                optional={"boundary": _layer, "control": _layer})  # fmt: skip


def _document(statements: Statements) -> PolicyDocument:
    return parse_document({"Statement": statements})


def _reached(layers: dict[str, Statements]) -> set[tuple[str, str, bool]]:
    """(action, resource, without any condition) of all that can be done."""
    given_ = _document([s for s in layers["resource"] if s["Effect"] == "Allow"])
    denies = [s for s in _document(layers["resource"]).statements if s.effect == "Deny" and not s.conditions]

    def at_resources(part: Permission, own: bool) -> list[Permission]:
        parts = [part]
        for deny in denies:
            parts = [left for one in parts for left in without(one, deny)]
        return parts

    control = (_document(layers["control"]),) if "control" in layers else ()
    table = GrantTable(TargetIndex({}, None))
    boundary = AttachedPolicy(Source("b"), _document(layers["boundary"])) if "boundary" in layers else None
    around = PolicyContext(
        CALLER, (AttachedPolicy(Source("r"), given_),), (control,) if control else (), control, at_resources
    )  # fmt: skip
    found = effective_access("x", [AttachedPolicy(Source("p"), _document(layers["policy"]))], boundary, table, around)
    grants = table.grants()
    reached = set()
    for action, resources in REQUESTS.items():
        for key in found.grants.get(action) or found.grants.get("*", ()):
            grant = grants[key]
            for resource in resources:
                if any(matches(p, resource) for p in grant.resources) and not any(
                    contains(p, resource) for p in grant.except_
                ):
                    reached |= {(action, resource, False)} | (
                        {(action, resource, True)} if not grant.conditions else set()
                    )
    return reached


def _with(layers: dict[str, Statements], place: str, more: dict[str, Any]) -> dict[str, Statements]:
    # A first boundary or control policy is a limit, whatever it says: only a further statement is an addition.
    return layers | {place: [*layers[place], more]} if place in layers else layers


@settings(max_examples=120, deadline=None)
@given(_layers, st.sampled_from(_PLACES), _statement(effect="Deny"))
def test_a_deny_never_adds_access(layers: dict[str, Statements], place: str, more: dict[str, Any]) -> None:
    assert _reached(_with(layers, place, more)) <= _reached(layers)


@settings(max_examples=120, deadline=None)
@given(_layers, st.sampled_from(_PLACES), _statement(effect="Allow"))
def test_an_allow_never_removes_access(layers: dict[str, Statements], place: str, more: dict[str, Any]) -> None:
    assert _reached(layers) <= _reached(_with(layers, place, more))


@settings(max_examples=60, deadline=None)
@given(_layers, _layer)
def test_a_further_limit_never_adds_access(layers: dict[str, Statements], more: Statements) -> None:
    for place in ("boundary", "control"):
        if place not in layers:
            assert _reached(layers | {place: more}) <= _reached(layers)
