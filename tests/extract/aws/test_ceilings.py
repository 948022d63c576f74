"""What an identity that may change policies could at most give itself: its boundary, its account's control policies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.extract.aws.conditions import Caller
from gate.extract.aws.effective import Around, AttachedPolicy, GrantTable, TargetIndex, ceiling, effective_access
from gate.extract.aws.statements import PolicyDocument, parse_document
from gate.inputs.documents import UNKNOWN
from gate.model.access import Ceiling, Grant, Source

ROLE = "arn:aws:iam::1:role/app"
WRITES = {"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": ROLE}
READS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
CALLER = Caller((ROLE,), "role", "1")


def document(*statements: dict[str, Any]) -> PolicyDocument:
    return parse_document({"Statement": list(statements)})


def found(
    own: list[dict[str, Any]], boundary: list[dict[str, Any]] | None, around: Around | None = None
) -> tuple[Ceiling | None, dict[str, Grant]]:
    table = GrantTable(TargetIndex({ROLE: "r"}, None))
    surroundings = around or Around(CALLER)
    inside = AttachedPolicy(Source("b"), document(*boundary)) if boundary is not None else None
    policies = [AttachedPolicy(Source("p"), document(*own))]
    access = effective_access("r", policies, inside, table, surroundings)
    return ceiling(access, inside, table, surroundings), table.grants()


def test_a_boundary_is_the_ceiling_of_who_may_change_policies() -> None:
    at_most, grants = found([WRITES], [WRITES, READS])
    assert at_most is not None
    assert at_most == Ceiling(
        {"iam:PutRolePolicy": at_most.grants["iam:PutRolePolicy"], "s3:GetObject": at_most.grants["s3:GetObject"]},
        "none", 2, ("iam", "s3"),
    )  # fmt: skip
    (key,) = at_most.grants["s3:GetObject"]
    assert (grants[key].resources, grants[key].holders, grants[key].source.address) == (("arn:aws:s3:::b/*",), (), "b")


@pytest.mark.parametrize(
    ("own", "boundary"),
    [
        pytest.param([WRITES], None, id="nothing limits it"),
        pytest.param([READS], [READS, WRITES], id="it may change no policy"),
        pytest.param([WRITES], [WRITES, {**ALL, "Action": UNKNOWN}], id="actions of the boundary are not known"),
        pytest.param([WRITES], [WRITES, {**READS, "Resource": UNKNOWN}], id="resources of the boundary are not known"),
    ],
)
def test_no_ceiling(own: list[dict[str, Any]], boundary: list[dict[str, Any]] | None) -> None:
    assert found(own, boundary)[0] is None


def test_a_boundary_of_everything_is_a_ceiling_of_everything() -> None:
    at_most, _ = found([WRITES], [ALL])
    assert at_most is not None
    assert (at_most.all_access, list(at_most.grants)) == ("unconditional", ["*"])


def test_own_denies_are_no_ceiling_and_those_of_the_boundary_are() -> None:
    kept, _ = found([WRITES, {**READS, "Effect": "Deny"}], [WRITES, READS])
    taken, _ = found([WRITES], [WRITES, READS, {**READS, "Effect": "Deny"}])
    assert kept is not None and taken is not None
    assert (set(kept.grants), set(taken.grants)) == ({"iam:PutRolePolicy", "s3:GetObject"}, {"iam:PutRolePolicy"})


def test_control_policies_are_a_ceiling_alone_and_beside_a_boundary() -> None:
    level = document(WRITES, READS)
    around = Around(CALLER, levels=((level,),), denials=(document({**READS, "Effect": "Deny"}),))
    alone, _ = found([WRITES], None, around)
    beside, _ = found([WRITES], [ALL], replace(around, denials=()))
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


def _actions(at_most: Ceiling | None) -> set[str]:
    return set() if at_most is None else set(at_most.grants)


@settings(max_examples=60, deadline=None)
@given(STATEMENTS, STATEMENTS, st.booleans())
def test_what_an_identity_holds_stays_below_its_ceiling(
    own: list[dict[str, Any]], boundary: list[dict[str, Any]], controlled: bool
) -> None:
    around = Around(CALLER, levels=((document(*boundary),),) if controlled else ())
    table = GrantTable(TargetIndex({}, None))
    inside = None if controlled else AttachedPolicy(Source("b"), document(*boundary))
    access = effective_access("r", [AttachedPolicy(Source("p"), document(*own, WRITES))], inside, table, around)
    at_most = ceiling(access, inside, table, around)
    assert at_most is None or at_most.all_access == "unconditional" or set(access.grants) <= _actions(at_most)


@settings(max_examples=60, deadline=None)
@given(STATEMENTS, STATEMENTS)
def test_a_further_allow_in_a_boundary_never_lowers_the_ceiling(
    boundary: list[dict[str, Any]], more: list[dict[str, Any]]
) -> None:
    allowed = [s for s in more if s["Effect"] == "Allow"]
    before, _ = found([WRITES], boundary)
    after, _ = found([WRITES], boundary + allowed)
    assert after is None or after.all_access == "unconditional" or _actions(before) <= _actions(after)
