"""Laws of the graph and of what is decided by it, on small accounts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gate.engine.engine import Engine
from gate.model.access import AccessModel
from gate.model.graph import Graph, Step
from tests.graph.small_worlds import (
    ANY,
    EVERYBODY,
    Account,
    Right,
    accounts,
    address,
    model_of,
    resources,
    rights,
    with_boundary,
    with_deny,
    with_right,
)

NAMES = st.sampled_from(EVERYBODY)
SEVERITIES = ["low", "medium", "high", "critical"]
LAWS = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


def reached(graph: Graph, name: str) -> set[str]:
    """Whom an identity becomes; an administrator becomes everybody."""
    reach = graph.reach[address(name)]
    if reach.administrator:
        return {"administrator", *map(address, EVERYBODY)}
    return {address(name), *reach.becomes}


@LAWS
@given(accounts(), NAMES, rights() | st.just(ANY))
def test_an_allow_never_takes_reach_away(account: Account, name: str, right: Right) -> None:
    before, after = model_of(account).graph, model_of(with_right(account, name, right)).graph
    assert [n for n in EVERYBODY if not reached(before, n) <= reached(after, n)] == []


@LAWS
@given(accounts(), NAMES, rights())
def test_a_deny_never_adds_reach(account: Account, name: str, right: Right) -> None:
    before, after = model_of(account).graph, model_of(with_deny(account, name, right)).graph
    assert [n for n in EVERYBODY if not reached(after, n) <= reached(before, n)] == []


@LAWS
@given(accounts(), NAMES, st.frozensets(rights(), min_size=1, max_size=3))
def test_a_boundary_never_adds_reach(account: Account, name: str, allowed: frozenset[Right]) -> None:
    before, after = model_of(account).graph, model_of(with_boundary(account, name, allowed)).graph
    assert [n for n in EVERYBODY if not reached(after, n) <= reached(before, n)] == []


@LAWS
@given(accounts(), st.integers())
def test_the_order_of_resources_does_not_matter(account: Account, seed: int) -> None:
    order = list(resources(account))
    random.Random(seed).shuffle(order)
    one, other = model_of(account).graph, model_of(account, order).graph
    assert {n: reached(one, n) for n in EVERYBODY} == {n: reached(other, n) for n in EVERYBODY}
    assert {i: chain.length for i, chain in one.chains.items()} == {i: c.length for i, c in other.chains.items()}


def _replays(model: AccessModel, step: Step, changed: set[str]) -> bool:
    """Whether the model says that whoever takes the edge can; ``changed``: whose rights or guardrails were changed."""
    openings = model.openings
    if openings.entries.get(step.from_, {}).get(step.to) == step.technique:
        return True
    keys = openings.table if step.from_ in changed else openings.held.get(step.from_, ())
    found = (openings.table[key] for key in keys)
    return any(opening.technique == step.technique and step.to in opening.targets for opening in found)


@LAWS
@given(accounts())
def test_chains_replay_edge_by_edge(account: Account) -> None:
    model = model_of(account)
    for start, chain in model.graph.chains.items():
        steps = [step for step in chain.steps if step.kind == "becomes"]
        at, changed = {start}, set[str]()
        for step in chain.steps:
            assert _replays(model, step, changed), (start, step)
            if step.kind != "becomes":
                changed |= model.openings.rights_of.get(step.to, frozenset())
            assert step.from_ in at, (start, chain)
            at.add(step.to)
        assert chain.end in at
        assert chain.length == len(chain.steps) >= len(steps)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as running:
        yield running


def _decided(account: Account, engine: Engine, empty: dict[str, Any]) -> dict[str, Any]:
    answer = engine.decide(empty | {"access": model_of(account).to_json()})
    radii = {one["id"]: one["blast_radius"] for one in answer["identities"]}
    said: dict[str, list[dict[str, Any]]] = {}
    for finding in answer["findings"]:
        if finding["rule"] in ("effective-admin", "privilege-escalation"):
            said.setdefault(finding["identity"], []).append(finding)
    return {"radii": radii, "findings": said}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(accounts())
def test_findings_and_blast_radius_agree(engine: Engine, empty: dict[str, Any], account: Account) -> None:
    decided = _decided(account, engine, empty)
    for name in EVERYBODY:
        found = decided["findings"].get(address(name), [])
        proven = any(f["severity"] == "critical" and f["confidence"] == "proven" for f in found)
        assert decided["radii"][address(name)]["admin"] == proven, (name, found)


def _worst(findings: list[dict[str, Any]]) -> int:
    return max((SEVERITIES.index(f["severity"]) for f in findings), default=-1)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(accounts(), NAMES, rights())
def test_a_deny_never_raises_a_severity(
    engine: Engine, empty: dict[str, Any], account: Account, name: str, right: Right
) -> None:
    before = _decided(account, engine, empty)["findings"]
    after = _decided(with_deny(account, name, right), engine, empty)["findings"]
    assert {i: found for i, found in after.items() if _worst(found) > _worst(before.get(i, []))} == {}
