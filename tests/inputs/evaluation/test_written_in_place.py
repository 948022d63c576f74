"""Without Terraform, documents written in place are still judged on what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.extract.aws.language.statements import PolicyDocument, UnknownPart, parse_document
from gate.inputs.documents import SourceFile, TerraformPlan, TerraformResource
from gate.inputs.recognise import read_documents
from gate.inputs.terraform.evaluation import terraform
from gate.inputs.terraform.evaluation.written import written_in_place
from gate.model.access import Location

EVALUATE = Path(__file__).parents[3] / "fixtures" / "evaluate"


@pytest.fixture
def without_terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("GATE_TERRAFORM", raising=False)
    terraform.find_terraform.cache_clear()
    yield
    terraform.find_terraform.cache_clear()


def _plan(name: str) -> TerraformPlan:
    root = EVALUATE / name
    return read_documents([str(root / "plan.json")], source=root).plans[0]


def _document(plan: TerraformPlan, address: str) -> PolicyDocument:
    return parse_document(plan.resources[address].after["policy"])


def test_a_document_with_new_arns_is_read(without_terraform):
    plan = _plan("01-inline-new-arn")
    topic, bucket = (plan.resources[a].after["arn"] for a in ("aws_sns_topic.jobs", "aws_s3_bucket.data"))
    statements = _document(plan, "aws_iam_role_policy.app").statements
    assert [(s.actions, s.resources, s.unknown) for s in statements] == [
        (("sns:Publish",), (topic,), ()),
        (("s3:GetObject",), (f"{bucket}/*",), ()),
    ]
    assert plan.not_evaluated is not None
    assert plan.not_evaluated.endswith("Terraform ≥ 1.1 or OpenTofu is needed to evaluate a directory (found none)")


def test_a_leaf_that_is_no_reference_stays_unknown_and_the_rest_is_judged(tmp_path):
    source = tmp_path / "main.tf"
    source.write_text(
        """resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "*", Resource = [local.x, "arn:aws:s3:::b/*"] }]
  })
}
"""
    )
    resource = TerraformResource(
        address="aws_iam_policy.p",
        mode="managed",
        type="aws_iam_policy",
        name="p",
        module="",
        index=None,
        provider="aws",
        change="create",
        before=None,
        after={},
        unknown={"policy": True},
        sensitive={},
        before_sensitive=False,
        expressions={"policy": {"references": ["local.x"]}},
        location=Location(str(source), 1, 6),
    )
    plan = TerraformPlan(SourceFile("plan.json", "terraform-plan", ""), "1.2", "1.11.4", {resource.address: resource})
    statement = _document(written_in_place(plan), "aws_iam_policy.p").statements[0]
    assert (statement.actions, statement.resources, statement.unknown) == (
        ("*",),
        ("arn:aws:s3:::b/*",),
        (UnknownPart("Resource[0]", "local.x"),),
    )


def test_a_heredoc_is_read(without_terraform):
    plan = _plan("14-heredoc")
    known = {a for a, r in plan.resources.items() if (r.after or {}).get("policy")}
    assert known == {a for a, r in plan.resources.items() if "policy" in r.expressions}
