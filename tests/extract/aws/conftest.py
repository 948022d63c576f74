"""Models of real plans (``plans/<name>``, made by Terraform against moto) and of small plans written in a test."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gate.extract.aws.adapter import extract
from gate.inputs.documents import SourceFile, TerraformPlan
from gate.inputs.terraform.plan_json import parse_plan
from gate.model.access import AccessModel

PLANS = Path(__file__).parent / "plans"


def _model(plan: TerraformPlan, side: str) -> AccessModel:
    model = AccessModel()
    extract([plan], side, model)
    return model


@pytest.fixture
def model_of() -> Callable[..., AccessModel]:
    """``model_of("trust", "after")``: the AWS model of one side of a real plan."""

    def build(name: str, side: str = "after") -> AccessModel:
        value = json.loads((PLANS / name / "plan.json").read_text())
        plan, unread = parse_plan(value, SourceFile("plan.json", "terraform-plan", ""))
        assert not unread
        return _model(plan, side)

    return build


@pytest.fixture
def written() -> Callable[..., AccessModel]:
    """``written({"aws_iam_role.r": {...}}, unknown={...}, expressions={...})``: the model of resources as given.

    ``before``: values of resources that exist already; one that stands in both is updated.
    """

    def build(
        after: dict[str, dict[str, Any]],
        *,
        before: dict[str, dict[str, Any]] | None = None,
        unknown: dict[str, dict[str, Any]] | None = None,
        expressions: dict[str, dict[str, Any]] | None = None,
        side: str = "after",
    ) -> AccessModel:
        return _model(_plan(after, before or {}, unknown or {}, expressions or {}), side)

    return build


def _plan(
    after: dict[str, Any], before: dict[str, Any], unknown: dict[str, Any], expressions: dict[str, Any]
) -> TerraformPlan:
    changes, configured = [], {}
    for address in dict.fromkeys([*before, *after]):
        key = address.partition("[")[2].rstrip("]")
        block = address.partition("[")[0]
        mode = "data" if block.startswith("data.") else "managed"
        kind, name = block.removeprefix("data.").split(".")
        old, new = before.get(address), after.get(address)
        action = ["delete"] if new is None else ["create"] if old is None else ["no-op"] if old == new else ["update"]
        change = {"actions": action, "before": old, "after": new, "after_unknown": unknown.get(address, {})}
        entry = {"address": address, "mode": mode, "type": kind, "name": name, "change": change}
        changes.append(entry | ({"index": json.loads(key)} if key else {}))
        configured[block] = {"address": block, "mode": mode, "type": kind, "name": name,
                             "expressions": {a: e if isinstance(e, list | dict) and not _names(e) else {"references": e}
                                             for a, e in expressions.get(block, {}).items()}}  # fmt: skip
    root = {"root_module": {"resources": list(configured.values())}}
    value = {"format_version": "1.2", "resource_changes": changes, "configuration": root}
    return parse_plan(value, SourceFile("plan.json", "terraform-plan", ""))[0]


def _names(expression: object) -> bool:
    return isinstance(expression, list) and all(isinstance(e, str) for e in expression)
