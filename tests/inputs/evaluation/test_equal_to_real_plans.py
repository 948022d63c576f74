"""What the inert provider's evaluation says equals what the real provider's plan knows, for roots of the fixtures.

``plan.json`` beside each root was made by Terraform with the real AWS provider. Everything that the configuration sets
and the plan knows has to come out of the directory alone in the same way.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from gate.inputs.documents import SourceFile
from gate.inputs.terraform.plan_json import parse_plan
from gate.inputs.terraform.source_directory import TerraformInputs, evaluate

FIXTURES = Path(__file__).parents[3] / "fixtures"
ROOTS = [
    path.parent
    for path in sorted(FIXTURES.glob("cases/*/plan.json"))
    if (path.parent / "main.tf").is_file() and (path.parent / "main.tf").stat().st_size > 1000
]
pytestmark = pytest.mark.usefixtures("terraform_offline")


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.name)
def test_what_the_plan_knows_is_what_the_evaluation_says(root: Path, tmp_path: Path):
    plan, _ = parse_plan(json.loads((root / "plan.json").read_text()), SourceFile("plan.json", "terraform-plan", ""))
    for path in root.rglob("*"):
        if path.is_file() and path.suffix not in (".json", ".yaml") or path.name.endswith(".tf.json"):
            (tmp_path / path.relative_to(root)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, tmp_path / path.relative_to(root))
    evaluated = evaluate(tmp_path, inputs=TerraformInputs(plan.variables))
    planned = {a: r for a, r in plan.resources.items() if r.mode == "managed" and r.after is not None and r.expressions}
    assert {a for a in planned if a not in evaluated.resources} == set()
    differing = {
        f"{address}.{name}": (ours, theirs)
        for address, resource in planned.items()
        for name, theirs in (resource.after or {}).items()
        if name in resource.expressions and isinstance(theirs, str) and _known(resource.unknown, name)
        if (ours := (evaluated.resources[address].after or {}).get(name)) is not None
        if not _same(ours, theirs)
    }
    assert differing == {}


def test_there_are_forty_of_them():
    assert len(ROOTS) >= 40


def _known(unknown: Any, name: str) -> bool:
    return isinstance(unknown, dict) and not unknown.get(name)


def _same(ours: str, theirs: str) -> bool:
    """A stand-in for what the plan has from the account stands for any text; identities of the caller are moto's."""
    pattern = re.escape(re.sub(r"(?<!\d)0{12}(?!\d)", "123456789012", _canonical(ours)))
    pattern = re.sub(r"(?:https://|arn:aws:gate:::)?gateref\d+z(?:\\.invalid)?", ".+", pattern)
    return re.fullmatch(pattern, _canonical(theirs)) is not None


def _canonical(text: str) -> str:
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text
