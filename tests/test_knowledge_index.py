"""The tables that the rules look up are what the knowledge says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_the_index_is_written_from_the_knowledge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tests/generate"))
    import knowledge_index

    assert knowledge_index.OUT.read_text() == knowledge_index.text(), "run tests/generate/knowledge_index.py"
    sys.modules.pop("knowledge_index")


def test_what_extract_looks_up_is_written_from_the_knowledge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tests/generate"))
    import graph_knowledge

    for written, found in (
        (graph_knowledge.AWS, graph_knowledge.aws()),
        (graph_knowledge.KUBERNETES, graph_knowledge.kubernetes()),
    ):
        assert written.read_text() == graph_knowledge.text(found), "run tests/generate/graph_knowledge.py"
    sys.modules.pop("graph_knowledge")
