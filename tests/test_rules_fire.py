"""Every rule fires on its denied fixture and is silent on the nearest harmless twin of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.engine.catalog import rules
from gate.engine.engine import Engine
from tests.judging import FIXTURES, judged

RULES = {rule.id: rule for rule in rules()}
FOLDERS = FIXTURES / "rules"


def _sides(side: str) -> list[tuple[str, Path | None]]:
    """Rule and fixture: ``denied``, and where one is not enough ``denied-…``; ``None`` for a rule without any."""
    return [(rule, folder) for rule in RULES for folder in sorted((FOLDERS / rule).glob(f"{side}*")) or [None]]


def _name(value: object) -> str:
    return value.name if isinstance(value, Path) else str(value)


@pytest.mark.parametrize(("rule", "folder"), _sides("denied"), ids=_name)
def test_fires_on_its_denied_fixture(rule: str, folder: Path | None, engine: Engine) -> None:
    assert folder is not None, f"fixtures/rules/{rule}/denied/ is missing"
    decision = judged(folder, engine)
    fired = {(f.rule, f.status) for f in decision.findings}
    assert (rule, "active") in fired
    warns = {f.effect for f in decision.findings if f.rule == rule} == {"warn"}
    assert warns or decision.verdict == "deny"


@pytest.mark.parametrize(("rule", "folder"), _sides("allowed"), ids=_name)
def test_is_silent_on_its_allowed_fixture(rule: str, folder: Path | None, engine: Engine) -> None:
    assert folder is not None, f"fixtures/rules/{rule}/allowed/ is missing"
    decision = judged(folder, engine)
    assert [f.message for f in decision.findings if f.rule == rule] == []
    # The twin is what a person would merge: nothing else may deny it either.
    assert [(f.rule, f.message) for f in decision.findings if f.effect == "deny" and f.status == "active"] == []


def test_every_folder_of_fixtures_belongs_to_a_rule() -> None:
    assert sorted(folder.name for folder in FOLDERS.iterdir() if folder.name not in RULES) == []
