"""The real pipeline on a folder of fixtures, and one engine for all of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gate.engine.engine import Engine
from gate.model.decision import Decision
from gate.pipeline import check

FIXTURES = Path(__file__).parents[1] / "fixtures"


@cache
def judged(folder: Path, engine: Engine) -> Decision:
    """The decision about the plan and the manifests of ``folder``, judged as one change."""
    manifests = sorted(p for p in folder.glob("**/*.yaml") if p.name != "gate.yaml" and "before" not in p.parts)
    given = [*folder.glob("plan.json"), *manifests]
    assert given, f"{folder.relative_to(FIXTURES)} holds no plan and no manifests"
    return check([str(p) for p in given], engine=engine)
