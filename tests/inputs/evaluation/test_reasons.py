"""Why Terraform could not evaluate is said where the author reads it: in the finding's remedy, or in the error."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gate.engine.engine import Engine
from gate.errors import EvaluationError
from gate.inputs.terraform.evaluation import planning
from gate.inputs.terraform.evaluation.terraform import find_terraform
from gate.inputs.terraform.source_directory import evaluate
from gate.pipeline import check

ROOT = Path(__file__).parents[3] / "fixtures" / "evaluate" / "06-templatefile"
SECRET = "hunter2-do-not-print"
_SCHEMAS = {
    "severity": "error",
    "summary": "Failed to load plugin schemas",
    "detail": f"Error while loading schemas for plugin components: {SECRET}",
}
_FILE = {
    "severity": "error",
    "summary": f'Invalid value "{SECRET}"',
    "range": {"filename": "iam.tf", "start": {"line": 7, "byte": 0}, "end": {"line": 7, "byte": 1}},
}
_WITHOUT_WORDS = "it ended without a message; trying again may help"
SAID = [
    ("exit 1", _WITHOUT_WORDS),
    ("kill -9 $$", _WITHOUT_WORDS),
    ("printf '╷\\n│\\n╵\\n'; exit 1", _WITHOUT_WORDS),
    (f"echo '{json.dumps({'diagnostic': _SCHEMAS})}'; exit 1", "Failed to load plugin schemas"),
    (f"echo '{json.dumps({'diagnostic': _FILE})}'; exit 1", "iam.tf:7: Invalid value …"),
    ("printf '│ Error: no space left on device\\n╵\\n'; exit 1", "Error: no space left on device"),
]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as running:
        yield running


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terraform_offline: None) -> Iterator[Path]:
    """A script in the place of Terraform; it answers with its version, and then does what a test writes behind."""
    script = tmp_path / "terraform"
    script.write_text('#!/bin/sh\n[ "$1" = version ] && echo Terraform v1.11.4 && exit\n')
    script.chmod(0o755)
    monkeypatch.setenv("GATE_TERRAFORM", str(script))
    monkeypatch.setattr(planning, "confined", lambda terraform, one: [terraform.path])
    find_terraform.cache_clear()
    yield script
    find_terraform.cache_clear()


@pytest.mark.parametrize(("does", "told"), SAID)
def test_the_remedy_of_what_stays_open_carries_terraforms_words(says, tmp_path, engine, does, told):
    says.write_text(says.read_text() + does + "\n")
    root = tmp_path / "root"
    shutil.copytree(ROOT, root)
    decision = check([str(root / "plan.json")], source=root, engine=engine)
    remedies = [finding.remediation for finding in decision.findings if finding.rule == "unreviewable-access"]
    why = f"evaluating the source: {root}: Terraform cannot evaluate this configuration: {told}"
    assert remedies and all(f"Fix what prevents Terraform from {why}" in remedy for remedy in remedies)
    assert SECRET not in repr(decision)


@pytest.mark.parametrize(("does", "told"), SAID)
def test_the_error_of_a_directory_alone_carries_them_too(says, does, told):
    says.write_text(says.read_text() + does + "\n")
    with pytest.raises(EvaluationError) as raised:
        evaluate(ROOT)
    assert raised.value.message.endswith(f": Terraform cannot evaluate this configuration: {told}")
    assert SECRET not in raised.value.message


@pytest.mark.parametrize("does", ["exit 1", 'echo "│ Error: what the plan says"; exit 3', "echo '{}'"])
def test_an_evaluation_that_cannot_be_shown_is_an_error_as_well(says, does):
    says.write_text(says.read_text() + f'[ "$1" = plan ] && exit\n{does}\n')
    with pytest.raises(EvaluationError, match="Terraform cannot show what it evaluated: (it ended|Error: what|{})"):
        evaluate(ROOT)
