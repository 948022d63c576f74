"""Whole decisions about a user ``u`` beside an administrator role ``admin``, for tests of what its policy opens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gate.engine.engine import Engine
from gate.model.decision import Finding
from gate.pipeline import check

OWN = "arn:aws:iam::123456789012"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def allow(action: str | list[str], condition: dict[str, Any] | None = None, resource: str = "*") -> dict[str, Any]:
    given = {"Effect": "Allow", "Action": action, "Resource": resource}
    return given | {"Condition": condition} if condition else given


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def findings(
    folder: Path, engine: Engine, *statements: dict[str, Any], beside: dict[str, dict[str, Any]] | None = None
) -> list[Finding]:
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    resources = {
        "aws_iam_role.admin": {
            "name": "admin",
            "path": "/",
            "assume_role_policy": policy(TRUST),
            "tags": {"Team": "a"},
        },
        "aws_iam_role_policy_attachment.admin": {"role": "admin", "policy_arn": administrator},
        "aws_iam_user.u": {"name": "u", "path": "/"},
        "aws_iam_user_policy.u": {"name": "u", "user": "u", "policy": policy(*statements)},
    } | (beside or {})
    changes = []
    for address, values in resources.items():
        type_, _, name = address.partition(".")
        given, unknown = dict(values), values.get("unknown", {})
        given.pop("unknown", None)
        change = {"actions": ["create"], "before": None, "after": given, "after_unknown": unknown}
        changes.append({"address": address, "mode": "managed", "type": type_, "name": name, "change": change})
    plan = folder / "plan.json"
    plan.write_text(json.dumps({"format_version": "1.2", "resource_changes": changes}))
    return [finding for finding in check([str(plan)], engine=engine).findings if finding.identity == "aws_iam_user.u"]


def escalates(
    folder: Path, engine: Engine, *statements: dict[str, Any], beside: dict[str, dict[str, Any]] | None = None
) -> bool:
    found = findings(folder, engine, *statements, beside=beside)
    return ("privilege-escalation", "critical") in [(finding.rule, finding.severity) for finding in found]


def role(**values: Any) -> dict[str, Any]:
    return {"name": "other", "path": "/", "assume_role_policy": policy(TRUST)} | values
