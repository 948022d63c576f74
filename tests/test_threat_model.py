"""Every test that docs/threat-model.md names as a proof exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "threat-model.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w./-]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize(("path", "name"), NAMED, ids=lambda text: text.rpartition("/")[2])
def test_a_proof_that_is_named_is_a_test(path: str, name: str):
    tree = ast.parse((ROOT / path).read_text())
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert name in functions and name.startswith("test_")


def test_every_row_names_a_proof_and_every_attacker_what_is_left():
    attacks = PAGE.partition("## Evaluating a change")[0]
    rows = [line for line in attacks.splitlines() if re.match(r"\| (?!he tries|it tries)", line)]
    assert len(rows) > 20
    assert [row for row in rows if "::test_" not in row.rpartition("|")[0].rpartition("|")[2]] == []
    assert "tests/" not in re.sub(r"`tests/[\w./-]+\.py::\w+`", "", PAGE.partition("## Evaluating")[0])
