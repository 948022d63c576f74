"""The decision for machines: exactly ``Decision.to_json()``; JSON Schema: ``decision.schema.json``."""

from __future__ import annotations

from gate.model.decision import Decision
from gate.report.untrusted import json_text


def render(decision: Decision) -> str:
    """Indented JSON in pure ASCII."""
    return json_text(decision.to_json())
