"""Roots written by tests, and what the gate says of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gate.engine.engine import Engine
from gate.inputs.documents import TerraformPlan
from gate.model.decision import Decision
from gate.pipeline import check

TAGS = 'tags = { Owner = "payments", Purpose = "settlement" }'
TRUST = """assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })"""
ROLE = f'resource "aws_iam_role" "app" {{\n  name = "app"\n  {TAGS}\n  {TRUST}\n}}\n'


def written(folder: Path, **files: str) -> Path:
    """A root with these files: ``main`` is main.tf, ``role__main`` role/main.tf, ``extra__tf_json`` extra.tf.json."""
    for name, text in files.items():
        if name.endswith("__tf_json"):
            path = folder / (name.removesuffix("__tf_json") + ".tf.json")
        else:
            path = folder / (name.replace("__", "/") + ".tf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def decided(root: Path, engine: Engine, **options: Any) -> Decision:
    """The gate's decision on a root alone."""
    return check([str(root)], engine=engine, **options)


def denied(decision: Decision) -> list[tuple[str, str]]:
    """Rule and address of each finding that denies, sorted."""
    return sorted((f.rule, f.address) for f in decision.findings if f.effect == "deny" and f.status == "active")


def statements(plan: TerraformPlan, address: str, attribute: str = "policy") -> list[dict[str, Any]]:
    """The statements of a document in an evaluated plan."""
    found: list[dict[str, Any]] = json.loads(plan.resources[address].after[attribute])["Statement"]
    return found
