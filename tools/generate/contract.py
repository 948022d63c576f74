"""``make docs``: what the facts' own fields say, as a JSON Schema, a page and defaults for Rego's tests.

Each is compared with what is committed by ``tests/model/test_contract.py``.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from gate.engine.binary import find_opa
from gate.model.contract import Field, Named, fields_of, is_fact, without_null
from gate.model.envelope import Envelope

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "rego" / "schema" / "envelope.json"
PAGE = ROOT / "docs" / "input.md"
DEFAULTS = ROOT / "rego" / "gate" / "lib" / "defaults" / "defaults_test.rego"

_ID = "<id>"
_COMMENT = f"""\
Generated from gate/model by make docs. The {_ID} property of each map gives opa check the type of its values, which \
it does not read from additionalProperties; real documents hold ids there. A nullable text is an anyOf, which opa \
check lets rules compare with null; a nullable object is not, so that it knows the names of its fields."""
_PREFACE = """\
# What Rego reads

Generated from the fields of `gate/model` by `make docs`. `gate model PATH…` prints the `access` of your own input, and
`gate schema access` the JSON Schema of the whole, with which `opa check` finds a wrong name or type in a rule.

Every field is there in every object. What is not known or does not apply is null, and null is a value to Rego:
`not identity.boundary` never holds. Ask `identity.boundary == null` of a text, a number or a boolean, and
`is_null(identity.source)` of an object."""
_DEFAULTS = """\
# METADATA
# description: "Generated from the fields of gate/model by make docs: each fact with nothing in it."
package gate.lib.defaults_test

of := """
_TYPES = {str: "string", int: "integer", bool: "boolean", float: "number"}
_EMPTY: dict[Any, Any] = {str: "", int: 0, bool: False, float: 0}


def facts() -> list[type]:
    """Every fact that an envelope holds, each after what holds it."""
    found: dict[type, None] = {}
    waiting: list[type] = [Envelope]
    while waiting:
        fact = waiting.pop(0)
        if fact not in found:
            found[fact] = None
            waiting += [part for field in fields_of(fact) for part in _parts(field.hint)]
    return list(found)


def _parts(hint: Any) -> Iterator[type]:
    if is_fact(hint):
        yield hint
    for part in get_args(hint) if get_origin(hint) is not Literal else ():
        yield from _parts(part)


@cache
def described(fact: type) -> dict[str, str]:
    """Attribute → the text below it in the class (PEP 224); one line."""
    (body,) = ast.parse(inspect.getsource(fact)).body
    assert isinstance(body, ast.ClassDef)
    texts: dict[str, str] = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            assert isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
            texts[field.target.id] = " ".join(text.value.value.split())
    return texts


def name_of(fact: type) -> str:
    """``ResourceGrant`` is ``resource_grant``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", fact.__name__).lower()


def schema() -> str:
    """``rego/schema/envelope.json``."""
    definitions: dict[str, Any] = {}
    for fact in facts()[1:]:
        definitions[name_of(fact)] = _object(fact)
    hints = [without_null(field.hint) for fact in facts() for field in fields_of(fact)]
    for fact in dict.fromkeys(hint for hint, nullable in hints if nullable and is_fact(hint)):
        definitions[f"{name_of(fact)}_or_null"] = _object(fact) | {"type": ["object", "null"]}
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": _COMMENT,
        "title": "What OPA reads: the access model in its envelope",
        **_object(Envelope),
        "definitions": definitions,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _object(fact: type) -> dict[str, Any]:
    members = {f.name: _typed(f.hint) | {"description": described(fact)[f.attribute]} for f in fields_of(fact)}
    return {
        "description": " ".join((inspect.getdoc(fact) or "").split()),
        "type": "object",
        "additionalProperties": False,
        "required": list(members),
        "properties": members,
    }


def _typed(hint: Any) -> dict[str, Any]:
    inner, nullable = without_null(hint)
    origin, arguments = get_origin(inner), get_args(inner)
    if is_fact(inner):
        return {"$ref": f"#/definitions/{name_of(inner)}{'_or_null' if nullable else ''}"}
    if origin is Literal:
        found: dict[str, Any] = {"type": "string", "enum": list(arguments)}
    elif origin is dict:
        values = {} if arguments[1] is Any else {"additionalProperties": _typed(arguments[1])}
        known = {"properties": {_ID: values["additionalProperties"]}} if arguments[0] is not Named else {}
        found = {"type": "object", **values, **known}
    elif origin in (tuple, list, set):
        found = {"type": "array", "items": _typed(arguments[0])}
    else:
        found = {"type": _TYPES[inner]}
    return {"anyOf": [found, {"type": "null"}]} if nullable else found


def page() -> str:
    """``docs/input.md``."""
    lines = [_PREFACE]
    for fact in facts():
        about = " ".join((inspect.getdoc(fact) or "").split())
        lines += ["", f"## {name_of(fact)}", "", _plain(about), "", "| field | type | meaning |", "|---|---|---|"]
        lines += [_row(field, described(fact)[field.attribute]) for field in fields_of(fact)]
    return "\n".join(lines) + "\n"


def _row(field: Field, meaning: str) -> str:
    inner, _ = without_null(field.hint)
    words = f" One of: {', '.join(f'`{word}`' for word in get_args(inner))}." if get_origin(inner) is Literal else ""
    return f"| `{field.name}` | {_words(field.hint)} | {_plain(meaning)}{words} |"


def _plain(text: str) -> str:
    return text.replace("``", "`").replace("|", r"\|")


def _words(hint: Any) -> str:
    inner, nullable = without_null(hint)
    origin, arguments = get_origin(inner), get_args(inner)
    if is_fact(inner):
        said = f"[{name_of(inner)}](#{name_of(inner)})"
    elif origin is Literal:
        said = "word"
    elif origin is dict:
        said = "map" if arguments[1] is Any else f"map of {_words(arguments[1])}"
    elif origin in (tuple, list, set):
        said = f"list of {_words(arguments[0])}"
    else:
        said = {str: "text", int: "number", bool: "true or false", float: "number"}[inner]
    return f"{said} or null" if nullable else said


def defaults() -> str:
    """``rego/gate/lib/defaults/defaults_test.rego``."""
    empty = {name_of(fact): _default(fact) for fact in facts() if fact is not Envelope}
    text = _DEFAULTS + json.dumps(empty, indent=2, ensure_ascii=False)
    run = [str(find_opa().path), "fmt"]
    formatted: str = subprocess.run(run, input=text, capture_output=True, text=True, check=True).stdout
    return formatted


def _default(fact: type) -> dict[str, Any]:
    return {field.name: _nothing(field.hint) for field in fields_of(fact)}


def _nothing(hint: Any) -> Any:
    inner, nullable = without_null(hint)
    if nullable:
        return None
    if is_fact(inner):
        return _default(inner)
    origin = get_origin(inner)
    if origin is Literal:
        words = get_args(inner)
        return "none" if "none" in words else words[0]
    return {} if origin is dict else [] if origin in (tuple, list, set) else _EMPTY[inner]


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    DEFAULTS.write_text(defaults(), encoding="utf-8")
