"""Limits of ``gate.yaml`` on real plans: a breach that this change makes denies, one that was there before does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gate.engine.engine import Engine
from gate.pipeline import check

CASES = Path(__file__).parents[1] / "fixtures" / "cases"
RULE = "blast-radius-limit"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as running:
        yield running


@pytest.mark.parametrize(
    ("case", "limits", "expected"),
    [
        ("boundary-removed", "{default: {admin: false}}", [("aws_iam_role.app", "introduced", "active")]),
        ("dangerous-unchanged", "{default: {admin: false}}", [("aws_iam_role.app", "preexisting", "preexisting")]),
        ("boundary-removed", "{default: {admin: false}, privileged: {admin: true}}", []),
        ("group-joined", "{default: {max_secrets: 3}}", [
            ("aws_iam_user.ada", "preexisting", "preexisting"),
            ("aws_iam_user.bob", "introduced", "active"),
        ]),
        ("group-joined", "{prod: {max_secrets: 3}}", []),
    ],
)  # fmt: skip
def test_limits(case: str, limits: str, expected: list[tuple[str, str, str]], tmp_path: Path, engine: Engine) -> None:
    config = tmp_path / "gate.yaml"
    config.write_text(f"version: 1\nlimits: {limits}\n")
    decision = check([str(CASES / case / "plan.json")], config=config, engine=engine)
    found = sorted((f.identity or "", f.change, f.status) for f in decision.findings if f.rule == RULE)
    assert found == expected
