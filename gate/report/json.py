"""The decision for machines: exactly ``Decision.to_json()``; JSON Schema: ``decision.schema.json``."""

from __future__ import annotations

import json

from gate.model.decision import Decision


def render(decision: Decision) -> str:
    """Indented JSON in pure ASCII: a name with control or bidirectional characters reaches no terminal unescaped."""
    text = json.dumps(decision.to_json(), indent=2, ensure_ascii=True)
    return text.replace("##[", "\\u0023#[") + "\n"  # a GitHub runner obeys ##[command] anywhere in its log
