"""Terraform runs confined where the system permits it; where not, that is said, or refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gate.errors import EvaluationError
from gate.inputs.terraform.evaluation import planning
from gate.inputs.terraform.evaluation.inert_program import find_program
from gate.inputs.terraform.source_directory import evaluate
from tests.inputs.evaluation.roots import ROLE, written

pytestmark = pytest.mark.usefixtures("terraform_offline")


def _permitted() -> dict[str, object]:
    return json.loads(subprocess.run([find_program(), "confine"], capture_output=True, check=True).stdout)


@pytest.fixture
def unconfined(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(planning, "missing_confinement", lambda: ("Landlock",))
    monkeypatch.setattr("gate.inputs.terraform.source_directory.missing_confinement", lambda: ("Landlock",))


def test_what_the_system_does_not_permit_is_said(tmp_path, unconfined):
    (note,) = evaluate(written(tmp_path, main=ROLE)).file.notes
    assert note == "This system does not confine Terraform by Landlock: file() can read outside of the copy"


def test_or_refused_when_the_confinement_is_required(tmp_path, unconfined, monkeypatch):
    monkeypatch.setenv("GATE_SANDBOX", "required")
    with pytest.raises(EvaluationError, match="does not confine programs by Landlock, and GATE_SANDBOX requires it"):
        evaluate(written(tmp_path, main=ROLE))


def test_a_confined_program_reads_and_writes_its_folder_alone(tmp_path: Path):
    box, secret = tmp_path / "box", tmp_path / "secret"
    box.mkdir()
    secret.write_text("x")
    (box / "inside").write_text("x")
    cat = Path("/bin/cat").resolve()
    if sys.platform != "linux" or not _permitted()["landlock"]:
        assert planning.missing_confinement()
        return

    def read(path: Path) -> int:
        return subprocess.run([find_program(), "confine", box, cat, path], capture_output=True, check=False).returncode

    assert (read(box / "inside"), read(secret)) == (0, 1)
