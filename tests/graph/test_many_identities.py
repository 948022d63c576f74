"""Roles that can all become each other: the work grows with them, not with their pairs."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from gate.engine.engine import Engine
from gate.model.access import AccessModel, Grant, Identity, Principal, Source, Trust
from tests.graph.small_worlds import with_graph

HERE = Source("aws_iam_policy.p", "0", None)
OWN_ACCOUNT = Principal("account", "111122223333", None, "111122223333", True)


def _named(callers: dict[int, list[int]]) -> AccessModel:
    """Roles whose trust policies name others: number → the numbers of those it lets in."""
    model = AccessModel()
    for n, others in callers.items():
        id_ = f"aws_iam_role.r{n}"
        model.identities[id_] = Identity(id_, "role", "aws", f"r{n}", {}, account="111122223333", source=HERE)
        for other in others:
            who = f"aws_iam_role.r{other}"
            principal = Principal("role", who, who, "111122223333", True)
            model.trust.append(Trust(id_, principal, ("sts:AssumeRole",), (), HERE, ordinary=True))
    return model


def _reach(model: AccessModel) -> list[int]:
    """How many others each identity can become, in the order of the model."""
    with_graph(model)
    return [model.graph.reach[id_].identities for id_ in model.identities]


def _searched(callers: dict[int, list[int]]) -> list[int]:
    """The same by a plain search."""
    ahead: dict[int, set[int]] = {n: set() for n in callers}
    for n, others in callers.items():
        for other in others:
            ahead[other].add(n)
    told = []
    for n in callers:
        seen, front = {n}, {n}
        while front := {further for other in front for further in ahead[other]} - seen:
            seen |= front
        told.append(len(seen) - 1)
    return told


@pytest.mark.parametrize("often", [(0, 1, 1, 2, 2, 3, 25), (0, 20, 30)])
def test_reach_is_that_of_a_plain_search(often: tuple[int, ...]) -> None:
    callers: dict[int, list[int]] = {}
    for seed in range(40):
        chance, first = random.Random(seed), len(callers)
        size = chance.randint(2, 60)
        for n in range(size):
            some = chance.sample(range(size), min(chance.choice(often), size))
            callers[first + n] = [first + other for other in some if other != n]
    assert _reach(_named(callers)) == _searched(callers)


def test_a_thousand_roles_that_name_199_others_each_are_judged(empty: dict[str, Any]) -> None:
    model = _named({n: [(n + 5 * k + k % 3) % 1000 for k in range(1, 200)] for n in range(1000)})
    assert _reach(model) == [999] * 1000
    with Engine() as engine:
        answer = engine.decide(empty | {"access": model.to_json()})
    assert {one["blast_radius"]["identities"] for one in answer["identities"]} == {999}


def test_a_thousand_roles_in_a_chain_are_judged() -> None:
    assert _reach(_named({n: [n - 1] if n else [] for n in range(1000)})) == list(range(999, -1, -1))


def test_ways_that_part_and_meet_again_are_walked_once() -> None:
    # Ten to the power of 29 ways through thirty layers of ten roles.
    callers = {n: [10 * (n // 10 - 1) + k for k in range(10)] if n >= 10 else [] for n in range(300)}
    assert _reach(_named(callers)) == [10 * (29 - n // 10) for n in range(300)]


def test_thickets_and_what_hangs_on_them_are_told_apart() -> None:
    # Four thickets of forty roles, of which each lets in one role of the one before, and a tail behind the last.
    callers = {n: [40 * (n // 40) + k for k in range(40) if k != n % 40] for n in range(160)}
    for thicket in (1, 2, 3):
        callers[40 * thicket].append(40 * thicket - 1)
    callers |= {160: [159], 161: [160]}
    expected = [161] * 40 + [121] * 40 + [81] * 40 + [41] * 40 + [1, 0]
    assert _reach(_named(callers)) == expected


def _roles(count: int, shape: str) -> AccessModel:
    """``mesh``: each role may assume every role, and each lets in its account. ``ring``: each is named by the next."""
    ids = [f"aws_iam_role.r{n}" for n in range(count)]
    grant = Grant(
        "aws", ("sts:AssumeRole",), "Action", (), ("*",), (), True, (), (), tuple(ids), HERE, width="everything"
    )
    model = AccessModel(grants={"g": grant} if shape == "mesh" else {})
    for n, id_ in enumerate(ids):
        held = {"sts:AssumeRole": ("g",)} if shape == "mesh" else {}
        model.identities[id_] = Identity(id_, "role", "aws", f"r{n}", held, account="111122223333", source=HERE)
        one = OWN_ACCOUNT if shape == "mesh" else Principal("role", ids[n - 1], ids[n - 1], "111122223333", True)
        model.trust.append(Trust(id_, one, ("sts:AssumeRole",), (), HERE))
    return model


@pytest.mark.parametrize("shape", ["mesh", "ring"])
def test_a_thousand_roles_that_assume_each_other_are_judged(shape: str) -> None:
    assert set(_reach(_roles(1000, shape))) == {999}


def test_a_chain_of_a_thousand_roles_to_an_administrator_is_told_from_both_ends() -> None:
    model = _named({n: [n - 1] if n else [] for n in range(1000)})
    last = "aws_iam_role.r999"
    grant = Grant("aws", ("*",), "Action", ("*",), ("*",), (), True, (), (), (last,), HERE, width="everything")
    model.grants["all"] = grant
    model.identities[last] = replace(model.identities[last], grants={"*": ("all",)}, all_access="unconditional")
    chain = with_graph(model).graph.chains["aws_iam_role.r0"]
    assert (chain.length, chain.end, len(chain.steps)) == (998, "aws_iam_role.r998", 40)
    assert [chain.steps[at].from_ for at in (0, 19, 20, 39)] == [f"aws_iam_role.r{n}" for n in (0, 19, 978, 997)]
