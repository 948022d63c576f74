"""No byte of the user's tree changes, wherever modules lie, and a tree that nobody may write to is evaluated."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from gate.engine.engine import Engine
from gate.errors import EvaluationError
from gate.inputs.terraform.source_directory import evaluate
from gate.pipeline import diff
from tests.inputs.evaluation.roots import ROLE, statements, written

pytestmark = pytest.mark.usefixtures("terraform_offline")

BUCKET = """
resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}
data "aws_iam_policy_document" "logs" {
  statement {
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.logs.arn}/*"]
  }
}
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = data.aws_iam_policy_document.logs.json
}
check "c" {
  assert {
    condition     = true
    error_message = "x"
  }
}
"""


def _content(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("git", [True, False])
@pytest.mark.parametrize(("root", "source"), [("examples/simple", "../../"), ("live", "../module"), (".", "./inner")])
def test_a_module_above_beside_or_below_is_read_and_left_alone(tmp_path, root, source, git):
    repository = tmp_path / "repository"
    module = (repository / root / source).resolve()
    (repository / root).mkdir(parents=True)
    written(module, main=BUCKET)
    written(
        repository / root, call=f'module "m" {{\n  source = "{source}"\n  depends_on = [aws_iam_role.app]\n}}\n' + ROLE
    )
    if git:
        subprocess.run(["git", "init", "-q", str(repository)], check=True)
    for path in repository.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = _content(repository)
    plan = evaluate(repository / root)
    (statement,) = statements(plan, "module.m.aws_s3_bucket_policy.logs")
    assert statement["Resource"] == plan.resources["module.m.aws_s3_bucket.logs"].after["arn"] + "/*"
    assert _content(repository) == before


def test_files_that_the_text_names_outside_of_the_root_are_read(tmp_path):
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "read.json").write_text('{"Version": "2012-10-17", "Statement": []}')
    (policies / "write.json").write_text('{"Version": "2012-10-17", "Statement": [{"Sid": "w"}]}')
    main = (
        ROLE
        + """
locals {
  folder = "${path.module}/../policies"
}
resource "aws_iam_role_policy" "p" {
  for_each = toset(["read", "write"])
  role     = aws_iam_role.app.name
  policy   = file("${local.folder}/${each.key}.json")
}
resource "aws_iam_role_policy" "q" {
  for_each = fileset("${path.module}/../policies", "*.json")
  role     = aws_iam_role.app.name
  policy   = file("../policies/read.json")
}
"""
    )
    plan = evaluate(written(tmp_path / "live", main=main))
    assert statements(plan, 'aws_iam_role_policy.p["write"]') == [{"Sid": "w"}]
    assert {a for a in plan.resources if ".q[" in a} == {
        'aws_iam_role_policy.q["read.json"]',
        'aws_iam_role_policy.q["write.json"]',
    }


def test_files_of_opentofu_are_read_and_what_only_one_of_both_reads_is_refused(tmp_path):
    root = written(tmp_path, main=ROLE)
    (root / "more.tofu").write_text('resource "aws_iam_user" "more" {\n  name = "more"\n}\n')
    assert "aws_iam_user.more" in evaluate(root).resources
    (root / "main.tofu").write_text('resource "aws_iam_user" "other" {\n  name = "other"\n}\n')
    with pytest.raises(
        EvaluationError, match=r"main\.tofu: OpenTofu reads it in place of main\.tf, and Terraform does not"
    ):
        evaluate(root)


def test_a_difference_takes_no_settings_of_the_change(tmp_path):
    root = written(tmp_path, main=ROLE)
    (root / "gate.yaml").write_text("providers: [evil/evil]\n")
    with Engine() as engine:
        assert [one.id for one in diff([str(root)], engine=engine).identities] == ["aws_iam_role.app"]
