"""What an identity could give itself at most, were its rights rewritten: its boundary, its control policies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.extract.aws.access.effective_access import Access, PolicyContext, ceiling, effective_access
from gate.extract.aws.access.grant_table import GrantTable
from gate.extract.aws.access.targets import TargetIndex
from gate.extract.aws.documents.attached_policies import AttachedPolicy
from gate.extract.aws.language.conditions import Caller
from gate.extract.aws.language.statements import PolicyDocument, parse_document
from gate.inputs.documents import UNKNOWN
from gate.model.access import Grant, Source

ROLE = "arn:aws:iam::1:role/app"
WRITES = {"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": ROLE}
READS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
CALLER = Caller((ROLE,), "role", "1")


def document(*statements: dict[str, Any]) -> PolicyDocument:
    return parse_document({"Statement": list(statements)})


def found(
    boundary: list[dict[str, Any]] | None, around: PolicyContext | None = None
) -> tuple[Access | None, dict[str, Grant]]:
    table = GrantTable(TargetIndex({ROLE: "r"}, None))
    surroundings = around or PolicyContext(CALLER)
    inside = AttachedPolicy(Source("b"), document(*boundary)) if boundary is not None else None
    return ceiling(inside, table, surroundings), table.grants()


def test_a_boundary_is_the_ceiling() -> None:
    at_most, grants = found([WRITES, READS])
    assert at_most is not None
    assert at_most == Access(
        {"iam:PutRolePolicy": at_most.grants["iam:PutRolePolicy"], "s3:GetObject": at_most.grants["s3:GetObject"]},
        "none", 2, 2, ("iam", "s3"),
    )  # fmt: skip
    (key,) = at_most.grants["s3:GetObject"]
    assert (grants[key].resources, grants[key].holders, grants[key].source.address) == (("arn:aws:s3:::b/*",), (), "b")


@pytest.mark.parametrize(
    "boundary",
    [
        pytest.param(None, id="nothing limits it"),
        pytest.param([WRITES, {**ALL, "Action": UNKNOWN}], id="actions of the boundary are not known"),
        pytest.param([WRITES, {**READS, "Resource": UNKNOWN}], id="resources of the boundary are not known"),
    ],
)
def test_no_ceiling(boundary: list[dict[str, Any]] | None) -> None:
    assert found(boundary)[0] is None


def test_a_boundary_of_everything_is_a_ceiling_of_everything() -> None:
    at_most, _ = found([ALL])
    assert at_most is not None
    assert (at_most.all_access, list(at_most.grants)) == ("unconditional", ["*"])


def test_denies_of_the_boundary_are_part_of_the_ceiling() -> None:
    taken, _ = found([WRITES, READS, {**READS, "Effect": "Deny"}])
    assert taken is not None
    assert set(taken.grants) == {"iam:PutRolePolicy"}


def test_control_policies_are_a_ceiling_alone_and_beside_a_boundary() -> None:
    level = document(WRITES, READS)
    around = PolicyContext(CALLER, levels=((level,),), denials=(document({**READS, "Effect": "Deny"}),))
    alone, _ = found(None, around)
    beside, _ = found([ALL], replace(around, denials=()))
    assert alone is not None and beside is not None
    assert (set(alone.grants), set(beside.grants)) == ({"iam:PutRolePolicy"}, {"iam:PutRolePolicy", "s3:GetObject"})


STATEMENTS = st.lists(
    st.builds(
        lambda effect, actions, resource: {"Effect": effect, "Action": actions, "Resource": resource},
        st.sampled_from(["Allow", "Allow", "Deny"]),
        st.lists(st.sampled_from(["*", "iam:*", "iam:PutRolePolicy", "s3:*", "s3:GetObject"]), min_size=1, max_size=2),
        st.sampled_from(["*", ROLE, "arn:aws:s3:::b/*"]),
    ),
    min_size=1,
    max_size=3,
)


def _actions(at_most: Access | None) -> set[str]:
    return set() if at_most is None else set(at_most.grants)


@settings(max_examples=60, deadline=None)
@given(STATEMENTS, STATEMENTS, st.booleans())
def test_what_an_identity_holds_stays_below_its_ceiling(
    own: list[dict[str, Any]], boundary: list[dict[str, Any]], controlled: bool
) -> None:
    around = PolicyContext(CALLER, levels=((document(*boundary),),) if controlled else ())
    table = GrantTable(TargetIndex({}, None))
    inside = None if controlled else AttachedPolicy(Source("b"), document(*boundary))
    access = effective_access("r", [AttachedPolicy(Source("p"), document(*own, WRITES))], inside, table, around)
    at_most = ceiling(inside, table, around)
    assert at_most is None or at_most.all_access == "unconditional" or set(access.grants) <= _actions(at_most)


@settings(max_examples=60, deadline=None)
@given(STATEMENTS, STATEMENTS)
def test_a_further_allow_in_a_boundary_never_lowers_the_ceiling(
    boundary: list[dict[str, Any]], more: list[dict[str, Any]]
) -> None:
    allowed = [s for s in more if s["Effect"] == "Allow"]
    before, _ = found(boundary)
    after, _ = found(boundary + allowed)
    assert after is None or after.all_access == "unconditional" or _actions(before) <= _actions(after)
