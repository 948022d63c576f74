"""Roles that can all become each other: the work grows with them, not with their pairs."""

from __future__ import annotations

import time
from typing import Any

import pytest

from gate.engine.engine import Engine
from gate.model.access import AccessModel, Grant, Identity, Principal, Source, Trust

HERE = Source("aws_iam_policy.p", "0", None)
OWN_ACCOUNT = Principal("account", "111122223333", None, "111122223333", True)


def _roles(count: int, shape: str) -> AccessModel:
    """``mesh``: each role may assume every role, and each lets in its account. ``ring``: each is named by the next."""
    ids = [f"aws_iam_role.r{n}" for n in range(count)]
    grant = Grant("aws", ("sts:AssumeRole",), "Action", (), ("*",), (), True, (), (), tuple(ids), HERE)
    model = AccessModel(grants={"g": grant} if shape == "mesh" else {})
    for n, id_ in enumerate(ids):
        held = {"sts:AssumeRole": ("g",)} if shape == "mesh" else {}
        model.identities[id_] = Identity(id_, "role", "aws", f"r{n}", held, account="111122223333", source=HERE)
        one = OWN_ACCOUNT if shape == "mesh" else Principal("role", ids[n - 1], ids[n - 1], "111122223333", True)
        model.trust.append(Trust(id_, one, ("sts:AssumeRole",), (), HERE))
    return model


@pytest.mark.parametrize("shape", ["mesh", "ring"])
def test_a_thousand_roles_that_assume_each_other_are_judged(shape: str, empty: dict[str, Any]) -> None:
    seconds = {}
    with Engine() as engine:
        engine.decide(empty)
        for count in (250, 1000):
            envelope = empty | {"access": _roles(count, shape).to_json()}
            began = time.perf_counter()
            answer = engine.decide(envelope)
            seconds[count] = time.perf_counter() - began
            assert {one["blast_radius"]["identities"] for one in answer["identities"]} == {count - 1}
    # Four times the roles: pairs would take sixteen times as long. The wide margin is for busy machines.
    assert seconds[1000] < 12 * max(seconds[250], 0.5), seconds
