"""A difference for machines: exactly ``Difference.to_json()``; JSON Schema: ``diff.schema.json``."""

from __future__ import annotations

from gate.model.difference import Difference
from gate.report.untrusted import json_text


def render(difference: Difference) -> str:
    """Indented JSON in pure ASCII."""
    return json_text(difference.to_json())
