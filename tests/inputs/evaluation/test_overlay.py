"""The copy that Terraform works in never leads back to what it is a copy of."""

from __future__ import annotations

import json

import pytest

from gate.errors import EvaluationError
from gate.inputs.evaluation.overlay import modules, read_at_plan_time, working_copy

SOURCE = """resource "aws_sqs_queue" "q" {}
data "aws_iam_policy_document" "p" {
  statement {
    resources = [aws_sqs_queue.q.arn]
  }
}
"""


def _listed(place, *folders):
    entries = [{"Key": f"m{i}", "Source": "x", "Dir": str(folder)} for i, folder in enumerate(folders)]
    noted = place / ".terraform" / "modules" / "modules.json"
    noted.parent.mkdir(parents=True)
    noted.write_text(json.dumps({"Modules": [{"Key": "", "Source": "", "Dir": "."}, *entries]}))


def test_a_module_is_changed_in_the_copy_however_its_path_is_noted(tmp_path):
    inner = tmp_path / "live" / "inner"
    inner.mkdir(parents=True)
    (inner / "main.tf").write_text(SOURCE)
    (tmp_path / "live" / "main.tf").write_text('module "m" {\n  source = "./inner"\n}\n')
    with working_copy(tmp_path / "live") as place:
        _listed(place, "inner", inner)
        found = modules(place, tmp_path / "live")
        read_at_plan_time(found)
        assert "local.gate_evaluation_0.arn" in (found[1].folder / "main.tf").read_text()
    assert [p.name for p in inner.iterdir()] == ["main.tf"]
    assert (inner / "main.tf").read_text() == SOURCE


def test_a_module_outside_the_copy_is_refused_and_nothing_is_removed(tmp_path):
    root = tmp_path / "live"
    root.mkdir()
    (root / "main.tf").write_text("")
    (tmp_path / "link").symlink_to(root)
    with working_copy(root) as place:
        up = "/".join([".."] * len(place.parents))
        _listed(place, f"{up}{tmp_path}/link")
        with pytest.raises(EvaluationError, match="a module lies where it cannot be copied from"):
            modules(place, root)
    assert (tmp_path / "link").is_symlink()
