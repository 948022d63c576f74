"""A plan that leaves access open is evaluated with the configuration that it was made from, without being asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gate.engine.engine import Engine
from gate.pipeline import check
from tests.inputs.evaluation.roots import denied

pytestmark = pytest.mark.usefixtures("terraform_offline")
ROOT = Path(__file__).parents[3] / "fixtures" / "evaluate" / "01-inline-new-arn"
OPEN = ("unreviewable-access", "aws_iam_role_policy.app")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as running:
        yield running


def _copied(folder: Path, *, plan: str, source: str | None) -> Path:
    for path, name in ((plan, "plan.json"), (source, "main.tf")):
        if path is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / path)
    return folder / plan


@pytest.mark.parametrize("plan", ["plan.json", "out/plan.json"])
def test_the_configuration_beside_or_above_is_taken_and_said(tmp_path, engine, plan):
    decision = check([str(_copied(tmp_path / "live", plan=plan, source="main.tf"))], engine=engine)
    assert OPEN not in denied(decision)
    assert decision.inputs[0].notes == ("What the plan leaves open was evaluated with the configuration in live/",)


def test_a_plan_alone_is_judged_as_it_is(tmp_path, engine):
    decision = check([str(_copied(tmp_path, plan="plan.json", source=None))], engine=engine)
    assert OPEN in denied(decision)
    assert decision.inputs[0].notes == ()


def test_another_configuration_is_not_taken(tmp_path, engine):
    plan = _copied(tmp_path, plan="plan.json", source=None)
    (tmp_path / "main.tf").write_text('resource "aws_iam_user" "other" {\n  name = "other"\n}\n')
    decision = check([str(plan)], engine=engine)
    assert OPEN in denied(decision)
    assert decision.inputs[0].notes == ()
