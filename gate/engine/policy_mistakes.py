"""Mistakes of an organisation's rule that OPA accepts, and that would make it find nothing: each told with its line.

Two kinds: the constructor of findings is undefined without the rule's metadata, so nothing comes of a finding; and
null is a value in Rego, neither false nor undefined, so ``not identity.lifecycle.owner`` never holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from gate.engine.bundle import rego_root

_NEEDED = ("title", "custom.id", "custom.severity", "custom.confidence", "custom.remediation")
_WORDS = {"severity": ("critical", "high", "medium", "low"), "confidence": ("proven", "possible", "unverified")}


def first_mistake(module: dict[str, Any], path: Path) -> str | None:
    """``file:line: what is wrong`` with a module as ``opa parse --json-include locations`` tells it, or ``None``."""
    return next(iter((*_metadata(module, path), *_null_tests(module, path))), None)


def line_of_findings(module: dict[str, Any]) -> int:
    """The line of the rule that states the findings."""
    rows: list[int] = [
        r["location"]["row"] for r in module.get("rules", []) if r["head"]["ref"][0]["value"] == "findings"
    ]
    return min(rows, default=1)


def _metadata(module: dict[str, Any], path: Path) -> Iterator[str]:
    if not any(_mentions_chain(rule) for rule in module.get("rules", [])):
        return  # it builds its findings by itself
    row = module["package"]["location"]["row"]
    said = next((a for a in module.get("annotations") or () if a.get("scope") == "package"), None)
    if said is None:
        yield f"{path}:{row}: the package has no METADATA with {', '.join(_NEEDED)}, of which findings are made"
        return
    row = said.get("location", {}).get("row", row)
    custom = said.get("custom") or {}
    for name in _NEEDED:
        value = custom.get(name.removeprefix("custom.")) if name.startswith("custom.") else said.get(name)
        if not isinstance(value, str) or not value.strip():
            yield f"{path}:{row}: the METADATA of the package says no {name}"
    for name, words in _WORDS.items():
        value = custom.get(name)
        if isinstance(value, str) and value not in words:
            yield f"{path}:{row}: the METADATA says {name}: {value[:40]}; it is one of {', '.join(words)}"


def _mentions_chain(node: object) -> bool:
    if isinstance(node, dict):
        value = node.get("value")
        if node.get("type") == "ref" and isinstance(value, list):
            names = [term.get("value") for term in value if isinstance(term, dict)]
            if names[:3] == ["rego", "metadata", "chain"]:
                return True
        return any(map(_mentions_chain, node.values()))
    return isinstance(node, list) and any(map(_mentions_chain, node))


def _null_tests(node: object, path: Path) -> Iterator[str]:
    """``not x.boundary`` and ``x.boundary`` as a condition: the first never holds, the second always does."""
    if isinstance(node, list):
        for member in node:
            yield from _null_tests(member, path)
    elif isinstance(node, dict):
        terms = node.get("terms")
        if isinstance(terms, dict) and terms.get("type") == "ref" and (field := _nullable_field(terms["value"])):
            row = terms.get("location", {}).get("row", "?")
            holds = "never holds" if node.get("negated") else "always holds"
            yield (
                f"{path}:{row}: {'not ' if node.get('negated') else ''}….{field} {holds}: {field} is null where it is "
                f'not stated, and null is a value; write lib.missing(…, "{field}") or compare with null'
            )
        for member in node.values():
            yield from _null_tests(member, path)


def _nullable_field(terms: list[dict[str, Any]]) -> str | None:
    """The name of a field of the model that may be null, where a reference into an object ends with one."""
    last = terms[-1] if len(terms) > 1 else {}
    name = last.get("value")
    return name if last.get("type") == "string" and name in _nullable() else None


@lru_cache(maxsize=1)
def _nullable() -> frozenset[str]:
    """Names of fields that the schema of the input lets be null."""
    found: set[str] = set()
    todo: list[Any] = [json.loads((rego_root() / "schema" / "envelope.json").read_bytes())]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            for name, schema in (node.get("properties") or {}).items():
                if isinstance(schema, dict) and _may_be_null(schema):
                    found.add(name)
            todo += node.values()
        elif isinstance(node, list):
            todo += node
    return frozenset(found)


def _may_be_null(schema: dict[str, Any]) -> bool:
    kinds = schema.get("type")
    return (isinstance(kinds, list) and "null" in kinds) or {"type": "null"} in schema.get("anyOf", [])
