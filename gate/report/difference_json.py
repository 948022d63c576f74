"""A difference for machines: exactly ``Difference.to_json()``; JSON Schema: ``diff.schema.json``."""

from __future__ import annotations

import json

from gate.model.difference import Difference


def render(difference: Difference) -> str:
    """Indented JSON in pure ASCII: a name with control or bidirectional characters reaches no terminal unescaped."""
    text = json.dumps(difference.to_json(), indent=2, ensure_ascii=True)
    return text.replace("##[", "\\u0023#[") + "\n"  # a GitHub runner obeys ##[command] anywhere in its log
