"""Writes ``fixtures/coverage/trust``: for each pattern of trust a role that has it, and its harmless twin.

The patterns and their pairs of statements stand in ``sources/aws_trust_coverage.yaml``. ``rows()`` is the second table
behind ``docs/coverage.md``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools.generate.coverage_roots import FIXTURES, Row

HERE = Path(__file__).parent


@cache
def settings() -> dict[str, Any]:
    """``aws_trust_coverage.yaml``."""
    text = (HERE / "sources" / "aws_trust_coverage.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def rows() -> Iterator[Row]:
    """The table, in the order of the catalogue."""
    for name, pattern in settings()["patterns"].items():
        if reason := pattern.get("missing"):
            yield Row(name, "trust", missing=reason)
        elif "group" in pattern:
            yield Row(name, "trust", pattern["group"], pattern["rule"], pattern["caught"], pattern["twin"])
        else:
            pair = [f'aws_iam_role.{side}["{name}"]' for side in ("caught", "twin")]
            yield Row(name, "trust", "trust", pattern["rule"], *pair)


def statement(pattern: dict[str, Any]) -> dict[str, Any]:
    """One statement of a trust policy."""
    filled = json.loads(json.dumps(pattern))
    principal = filled.get("Principal")
    action = "sts:AssumeRole"
    if isinstance(principal, dict) and "Federated" in principal:
        for word, value in settings()["words"].items():
            principal["Federated"] = principal["Federated"].replace("{" + word + "}", value)
        saml = ":saml-provider/" in principal["Federated"]
        action = "sts:AssumeRoleWithSAML" if saml else "sts:AssumeRoleWithWebIdentity"
    return {"Effect": "Allow", "Action": action, **filled}


def text() -> str:
    """``main.tf``."""
    head = (HERE / "sources" / "aws_coverage.tf").read_text(encoding="utf-8").partition("# An administrator")[0]
    blocks = [head.rstrip().replace("coverage_roots", "coverage_trust"), ""]
    for side in ("caught", "twin"):
        blocks += [
            f'resource "aws_iam_role" "{side}" {{',
            f"  for_each           = local.{side}",
            f'  name               = substr("{side}-${{each.key}}", 0, 64)',
            '  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [each.value] })',
            "}",
            "",
        ]
    blocks.append("locals {")
    for side in ("caught", "twin"):
        blocks.append(f"  {side} = {{")
        for row in rows():
            if row.group == "trust":
                pattern = settings()["patterns"][row.path][side]
                blocks.append(f"    {json.dumps(row.path)} = {json.dumps(statement(pattern))}")
        blocks.append("  }")
    return "\n".join([*blocks, "}", ""])


if __name__ == "__main__":
    (FIXTURES / "trust").mkdir(parents=True, exist_ok=True)
    (FIXTURES / "trust" / "main.tf").write_text(text(), encoding="utf-8")
