"""Writes the expressions of ``deploy/base`` by which the gate's own guard is compared: ``make knowledge``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "gate/extract/kubernetes/guards/shipped.json"


def shipped() -> dict[str, list[str]]:
    """What ``gate/extract/kubernetes/guards/own.py`` documents."""
    webhooks, *_ = _objects("webhooks.yaml", "ValidatingWebhookConfiguration")
    policy, *_ = _objects("exemptions.yaml", "ValidatingAdmissionPolicy")
    conditions = [entry for hook in webhooks["webhooks"] for entry in hook.get("matchConditions", ())]
    return {
        "conditions": sorted({_expression(entry) for entry in conditions}),
        "validations": [_expression(entry) for entry in policy["spec"]["validations"]],
        "variables": [f"{entry['name']} = {_expression(entry)}" for entry in policy["spec"]["variables"]],
    }


def _objects(name: str, kind: str) -> list[dict[str, Any]]:
    documents = yaml.safe_load_all((ROOT / "deploy/base" / name).read_text(encoding="utf-8"))
    return [document for document in documents if document["kind"] == kind]


def _expression(entry: dict[str, str]) -> str:
    return " ".join(entry["expression"].split())


def text() -> str:
    """The file as it is written."""
    return json.dumps(shipped(), indent=1) + "\n"


if __name__ == "__main__":
    OUT.write_text(text(), encoding="utf-8")
    sys.exit(0)
