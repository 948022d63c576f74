"""Documents as mappings, and how the provider puts several together: by the sid of their statements."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def loaded(text: str) -> dict[str, Any]:
    """A document from its text; empty when that is no JSON object."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def statements_of(document: Any) -> list[Any]:
    """The statements of a document, of which a single one may stand without a list."""
    statements = document.get("Statement", []) if isinstance(document, Mapping) else []
    return statements if isinstance(statements, list) else [statements]


def merged(first: list[Any], second: list[Any]) -> list[Any]:
    """``second`` replaces statements of ``first`` with the same sid, and is added otherwise."""
    replaced = {s["Sid"]: s for s in second if isinstance(s, Mapping) and s.get("Sid")}
    places = {s.get("Sid") for s in first if isinstance(s, Mapping)}
    kept = [replaced.get(s.get("Sid"), s) if isinstance(s, Mapping) else s for s in first]
    return [*kept, *(s for s in second if not isinstance(s, Mapping) or s.get("Sid") not in places or not s.get("Sid"))]
