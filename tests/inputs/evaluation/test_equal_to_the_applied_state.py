"""What Terraform evaluates without credentials equals what a real apply made of it.

``fixtures/evaluate/*/state.json`` is the state after ``terraform apply`` against moto; symbols are replaced by values
that the attributes they stand for have there. Then the documents have to be the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gate.engine.engine import Engine
from gate.inputs.config import Config
from gate.inputs.documents import Documents, TerraformPlan
from gate.inputs.recognise import read_documents
from gate.inputs.terraform.evaluation.symbols import TOKEN, formed
from gate.judgement import judge

ROOTS = sorted(p.parent for p in Path(__file__).parents[3].glob("fixtures/evaluate/*/state.json"))
Read = Callable[[Path, str], Documents]
pytestmark = pytest.mark.usefixtures("terraform_offline")


@pytest.fixture(scope="module")
def read(
    terraform_offline: None, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Read]:
    """Both ways to evaluate each root, two at a time: parallel checks do not disturb each other."""
    with ThreadPoolExecutor(2) as pool:
        found: dict[tuple[Path, str], Future[Documents]] = {}
        selected = {item.callspec.params.get("root") for item in request.session.items if hasattr(item, "callspec")}
        for root in (root for root in ROOTS if root in selected):
            alone = tmp_path_factory.mktemp(root.name) / "fixtures" / "evaluate" / root.name
            alone.parent.mkdir(parents=True)
            _copy(root, alone)
            found[root, "plan"] = pool.submit(read_documents, [str(root / "plan.json")], source=root)
            found[root, "alone"] = pool.submit(read_documents, [str(alone)])
        yield lambda root, way: found[root, way].result()


def _copy(root: Path, to: Path) -> None:
    """The source alone: a folder with a plan in it is judged by its plan."""
    for path in root.rglob("*"):
        if path.is_file() and path.name not in ("plan.json", "state.json") and ".terraform" not in path.parts:
            target = to / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


@pytest.mark.parametrize("way", ["plan", "alone"])
@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.name)
def test_every_document_equals_the_applied_one(root: Path, way: str, read: Read):
    plan = read(root, way).plans[0]
    state = json.loads((root / "state.json").read_text())
    differing = {}
    compared = 0
    for address, applied in state.items():
        if applied["mode"] != "managed":
            continue
        resource = plan.resources[address]
        for name in resource.expressions:
            assert not _unknown(resource.unknown, resource.expressions, name), f"{address}.{name} is left unknown"
            want, have = applied["values"].get(name), _real((resource.after or {}).get(name), plan, state)
            if isinstance(want, str) and isinstance(have, str):
                compared += 1
                if _plain(have) != _plain(want):
                    differing[f"{address}.{name}"] = (have, want)
    assert differing == {}
    assert compared > 1


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.name)
def test_a_directory_alone_gets_the_verdict_of_its_plan_with_source(root: Path, read: Read, engine: Engine):
    def verdict(way: str) -> tuple[str, list[tuple[str, str, str]]]:
        decision = judge(read(root, way), Config(), engine)
        return decision.verdict, sorted((f.rule, f.identity or f.address, f.severity) for f in decision.findings)

    assert verdict("plan") == verdict("alone")
    assert "unreviewable-access" not in {rule for rule, _, _ in verdict("plan")[1]}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as running:
        yield running


def _unknown(tree: Any, configured: Any, name: str) -> bool:
    """Whether something that the source sets is unknown: not what a provider computes beside it in a block."""
    found = tree.get(name, False) if isinstance(tree, dict) else tree
    blocks = configured[name] if isinstance(configured[name], list) else [configured[name]]
    for block, inner in zip(blocks, found if isinstance(found, list) else [found], strict=False):
        if isinstance(inner, dict) and "references" not in block and "constant_value" not in block:
            if any(_unknown(inner, block, argument) for argument in block):
                return True
        elif "true" in json.dumps(inner):
            return True
    return False


def _real(value: Any, plan: TerraformPlan, state: dict[str, Any]) -> Any:
    if not isinstance(value, str):
        return value
    for token in set(TOKEN.findall(value)):
        reference = plan.symbols[token]
        text = formed(reference.address, reference.attribute, token)
        real = _at(state[reference.address]["values"], reference.attribute)
        value = value.replace(text, real).replace(text.removeprefix("https://"), real.removeprefix("https://"))
    return re.sub(r"(?<!\d)0{12}(?!\d)", "123456789012", value)


def _at(values: Any, attribute: str) -> str:
    for step in attribute.split("."):
        values = values[int(step)] if isinstance(values, list) else values[step]
    assert isinstance(values, str)
    return values


def _plain(text: str) -> Any:
    """A document as data; the order inside a list of texts says nothing in a policy."""
    try:
        return _sorted(json.loads(text))
    except ValueError:
        return text.removeprefix("https://")  # a state notes an OIDC provider's URL without it


def _sorted(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _sorted(value) for key, value in node.items()}
    if isinstance(node, list):
        items = [_sorted(item) for item in node]
        return sorted(items) if all(isinstance(item, str) for item in items) else items
    return node
