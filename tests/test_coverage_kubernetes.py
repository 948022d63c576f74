"""Every entry of the catalogue of Kubernetes: caught in one fixture, silent in its nearest harmless twin."""

from __future__ import annotations

import json

import pytest

from gate.engine.engine import Engine
from gate.model.decision import Finding
from tests.judging import judged
from tools.generate import coverage_kubernetes

ROWS = list(coverage_kubernetes.rows())


def _findings(row: coverage_kubernetes.Row, about: str, engine: Engine) -> list[Finding]:
    decision = judged(coverage_kubernetes.FIXTURES / row.folder, engine)
    return [finding for finding in decision.findings if about in (finding.identity, finding.address)]


def _said(finding: Finding) -> str:
    return json.dumps([finding.message, finding.path, finding.evidence])


@pytest.mark.parametrize("row", [row for row in ROWS if not row.missing], ids=lambda row: row.entry)
def test_caught_by_name_and_its_twin_silent(row: coverage_kubernetes.Row, engine: Engine) -> None:
    caught = [f for f in _findings(row, row.caught, engine) if f.rule == row.rule]
    assert [_said(f) for f in caught if row.says in _said(f)], [_said(f) for f in caught]
    assert [(f.rule, f.message) for f in _findings(row, row.twin, engine)] == []


@pytest.mark.parametrize("row", [row for row in ROWS if not row.missing], ids=lambda row: row.entry)
def test_the_pair_stands_in_its_folder(row: coverage_kubernetes.Row) -> None:
    """A twin that is misspelt would be silent for ever."""
    files = (coverage_kubernetes.FIXTURES / row.folder).rglob("*")
    written = "".join(file.read_text(encoding="utf-8") for file in files if file.suffix in (".yaml", ".tf"))
    for about in (row.caught, row.twin):
        assert about.rpartition("/" if about.startswith("k8s:") else ".")[2] in written


@pytest.mark.parametrize("part", coverage_kubernetes.PARTS)
def test_the_table_has_a_row_for_every_entry(part: str) -> None:
    assert set(coverage_kubernetes.table(part)) == set(coverage_kubernetes.entries(part))


def test_the_catalogue_has_135_entries() -> None:
    assert sum(len(coverage_kubernetes.entries(part)) for part in coverage_kubernetes.PARTS) == 135
