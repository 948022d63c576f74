"""The shape of a document, certain before it is sent: Rego finds nothing in a malformed model, and nothing is an allow.

``rego/schema/envelope.json`` is compiled into nested functions once. jsonschema itself takes seconds on a large model;
this takes milliseconds, and understands only the keywords that schema uses: any other is an error, so that nothing goes
unchecked.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

Check = Callable[[Any], "str | None"]
"""``None`` when a value has the shape, else where it does not (a path without values) and what was expected."""

_IGNORED = {"$schema", "$comment", "$id", "title", "description", "definitions"}
_KNOWN = _IGNORED | {"type", "properties", "required", "additionalProperties", "items", "enum", "$ref", "anyOf"}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


@lru_cache(maxsize=4)
def compile_schema(path: Path) -> Check:
    """The check for a JSON Schema file (draft 7, the keywords above). Raises ``ValueError`` for another keyword."""
    schema = json.loads(path.read_bytes())
    return _compile(schema, schema.get("definitions", {}), {})


def _compile(schema: dict[str, Any], definitions: dict[str, Any], done: dict[str, Check]) -> Check:
    if unknown := schema.keys() - _KNOWN:
        raise ValueError(f"the schema uses {sorted(unknown)}, which this check does not support")
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/definitions/")
        if name not in done:
            done[name] = _compile(definitions[name], definitions, done)
        return done[name]
    if "anyOf" in schema:
        return _or_null(schema["anyOf"], definitions, done)
    named = schema.get("type", [])
    types = frozenset(t for name in ([named] if isinstance(named, str) else named) for t in _TYPES[name])
    enum = frozenset(schema["enum"]) if "enum" in schema else None
    members = _object(schema, definitions, done) if dict in types else None
    items = _compile(schema["items"], definitions, done) if "items" in schema else None

    def check(value: object) -> str | None:
        kind = type(value)
        if kind not in types:
            return f": expected {named}, found {kind.__name__}"
        if isinstance(value, dict):
            return members(value) if members else None
        if isinstance(value, list):
            if items is None:
                return None
            for index, item in enumerate(value):
                if (wrong := items(item)) is not None:
                    return f"[{index}]{wrong}"
        elif enum is not None and value not in enum:
            return f": expected one of {sorted(map(str, enum))}"
        return None

    return check


def _object(schema: dict[str, Any], definitions: dict[str, Any], done: dict[str, Check]) -> Check:
    required = frozenset(schema.get("required", ()))
    closed = schema.get("additionalProperties") is False
    other = schema.get("additionalProperties")
    rest = _compile(other, definitions, done) if isinstance(other, dict) else None
    properties = {
        name: _compile(sub, definitions, done)
        for name, sub in schema.get("properties", {}).items()
        # A stand-in for `opa check`, see the schema's $comment; real keys go by additionalProperties.
        if not name.startswith("<")
    }

    def check(value: dict[str, Any]) -> str | None:
        if missing := required - value.keys():
            return f": {sorted(missing)[0]} is missing"
        for key, member in value.items():
            inner = properties.get(key, rest)
            if inner is None:
                if closed:
                    return ": a field that is not in the schema"
            elif (wrong := inner(member)) is not None:
                return f".{key}{wrong}"
        return None

    return check


def _or_null(branches: list[dict[str, Any]], definitions: dict[str, Any], done: dict[str, Check]) -> Check:
    """``anyOf`` of two branches, null the second: the only one that the schema uses."""
    if len(branches) != 2 or branches[1] != {"type": "null"}:
        raise ValueError("the schema uses anyOf for something else than null, which this check does not support")
    given = _compile(branches[0], definitions, done)
    return lambda value: None if value is None else given(value)
