"""Every escalation path and every pattern of trust: caught in one fixture, silent in its nearest harmless twin."""

from __future__ import annotations

import pytest
import yaml

from gate.engine.engine import Engine
from tests.judging import judged
from tools.generate import coverage_page, coverage_roots, coverage_trust

ROWS = [*coverage_roots.rows(), *coverage_trust.rows()]
JUDGED = [row for row in ROWS if not row.missing]


def _rules(group: str, engine: Engine) -> dict[str, set[str]]:
    """Identity or address → the rules that have a finding about it."""
    found: dict[str, set[str]] = {}
    for finding in judged(coverage_roots.FIXTURES / group, engine).findings:
        for about in {finding.identity or finding.address, finding.address}:
            found.setdefault(about, set()).add(finding.rule)
    return found


@pytest.mark.parametrize("row", JUDGED, ids=lambda row: row.path)
def test_caught_and_its_twin_silent(row: coverage_roots.Row, engine: Engine) -> None:
    rules = _rules(row.group, engine)
    assert (row.rule in rules.get(row.caught, set()), rules.get(row.twin, set())) == (True, set())


def test_every_path_and_pattern_of_the_sources_has_a_row() -> None:
    paths = yaml.safe_load((coverage_roots.HERE / "sources" / "aws_privesc.yaml").read_text(encoding="utf-8"))["paths"]
    assert [row.path for row in coverage_roots.rows()] == [path["id"] for path in paths]
    assert len(list(coverage_trust.rows())) == 66
    assert [row.path for row in coverage_roots.rows() if row.missing] == []


@pytest.mark.parametrize(
    "group", sorted({row.group for row in JUDGED} - {"elsewhere", "entrances", "links", "providers", "trust"})
)
def test_the_roots_are_what_is_generated(group: str) -> None:
    assert (coverage_roots.FIXTURES / group / "main.tf").read_text(encoding="utf-8") == coverage_roots.text(group)


def test_the_root_of_trust_is_what_is_generated() -> None:
    assert (coverage_roots.FIXTURES / "trust" / "main.tf").read_text(encoding="utf-8") == coverage_trust.text()


def test_the_page_is_what_is_generated() -> None:
    assert coverage_page.PAGE.read_text(encoding="utf-8") == coverage_page.page()
