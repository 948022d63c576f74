"""What Rego reads is stated once, on the fields of the facts; all else is made from them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated, Literal, get_args, get_origin

import pytest
from jsonschema import Draft7Validator

from gate.engine.bundle import rego_root
from gate.engine.shape import compile_schema
from gate.model.access import AccessModel, Identity
from gate.model.contract import Fact, fields_of, is_fact, without_null
from gate.model.envelope import Envelope
from tools.generate import contract

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("file", "made"), [("SCHEMA", "schema"), ("PAGE", "page"), ("DEFAULTS", "defaults")])
def test_what_is_made_from_the_fields_is_committed(file, made):
    assert getattr(contract, file).read_text() == getattr(contract, made)(), "run `make docs`"


def test_every_field_is_described_by_a_sentence():
    unsaid = [
        f"{fact.__name__}.{field.attribute}"
        for fact in contract.facts()
        for field in fields_of(fact)
        if not contract.described(fact).get(field.attribute, "").endswith((".", "…"))
    ]
    assert unsaid == []


def _example(hint, full):
    """A value of a field's Python type: with everything that can be there, or with nothing that need not be."""
    if get_origin(hint) is Annotated:
        return _example(get_args(hint)[0], full)
    inner, nullable = without_null(hint)
    if nullable and not full:
        return None
    if is_fact(inner):
        return inner(**{f.name: _example(f.type, full) for f in dataclasses.fields(inner) if f.init})
    origin, arguments = get_origin(inner), get_args(inner)
    if origin is Literal:
        return arguments[-1 if full else 0]
    if origin is dict:
        return {"key": _example(arguments[1], full)} if full else {}
    if origin in (tuple, list, set):
        return origin([_example(arguments[0], full)] if full else [])
    return {str: "text", int: 7, bool: full}.get(inner, 1.5)


@pytest.mark.parametrize("full", [True, False])
def test_what_the_facts_write_is_what_the_schema_allows(full):
    document = json.loads(json.dumps(_example(Envelope, full).to_json()))
    schema = rego_root() / "schema" / "envelope.json"
    assert list(Draft7Validator(json.loads(schema.read_bytes())).iter_errors(document)) == []
    assert compile_schema(schema)(document) is None


def test_a_field_whose_type_has_no_json_is_an_error():
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Odd(Fact):
        place: bytes

    with pytest.raises(TypeError, match="bytes"):
        Odd(b"").to_json()


def test_two_sides_share_nothing():
    identity = Identity("r", "role", "aws", "r", {"*": ("g",)})
    model = AccessModel(identities={"r": identity})
    first, second = model.to_json(), model.to_json()
    first["identities"]["r"]["grants"]["*"].append("other")
    assert second["identities"]["r"]["grants"] == {"*": ["g"]}
