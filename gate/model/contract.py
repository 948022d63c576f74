"""The contract between Python and Rego, stated once: the fields of a ``Fact`` are what Rego reads.

A field's type says its JSON, the text below it says what it means. From the two come ``to_json`` (here), and the JSON
Schema, ``docs/input.md`` and the defaults of Rego's tests (``tools/generate/contract.py``).

===========================  ==========================================================
type                         JSON
===========================  ==========================================================
``str``, ``int``, ``bool``   the same
``Literal``                  text, one of the enumeration
``X | None``                 X, or null
a ``Fact``                   an object with its fields; a trailing ``_`` of a name is left out
``tuple[X, ...]``, ``list``  an array; a ``set`` is sorted
``dict[str, X]``             an object with ids as keys, whose values `opa check` knows
``dict[Named, X]``           an object with keys that rules write as they are (actions), whose values it does not know
``Annotated[X, KEY]``        nothing: the fact stands under it in the map that holds it
``Annotated[X, As(Y)]``      what ``to_json`` of the whole puts in place of it, which is a Y
``Any``                      as it is
===========================  ==========================================================
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Iterator
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

KEY = object()
Key = Annotated[str, KEY]
NAMED = object()
Named = Annotated[str, NAMED]
_PLAIN = {str, int, bool, float}


@dataclasses.dataclass(frozen=True)
class As:
    """The field stands in the document as this type; the model that holds the fact puts it there."""

    written: Any


class Fact:
    """Something that Rego reads: a frozen dataclass."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """The fact as OPA reads it."""
        fact: type = type(self)
        return _writer(fact)(self)


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One field of a fact: ``name`` in JSON, ``attribute`` in Python, ``hint`` the type of what JSON holds."""

    name: str
    attribute: str
    hint: Any
    replaced: bool = False
    """Whether somebody else puts the value in its place (``As``)."""


@cache
def fields_of(fact: type) -> tuple[Field, ...]:
    """What of ``fact`` stands in JSON, in the order of the class."""
    return tuple(_fields(fact))


def _fields(fact: type) -> Iterator[Field]:
    fields = dataclasses.fields(fact)
    # The facts' own modules keep their annotations as types; to evaluate texts takes milliseconds of each check.
    texts = any(isinstance(field.type, str) for field in fields)
    hints = get_type_hints(fact, include_extras=True) if texts else {f.name: f.type for f in fields}
    for field in fields:
        hint = hints[field.name]
        marks: tuple[Any, ...] = ()
        if get_origin(hint) is Annotated:
            hint, *rest = get_args(hint)
            marks = tuple(rest)
        if KEY in marks:
            continue
        written = next((mark.written for mark in marks if isinstance(mark, As)), None)
        yield Field(field.name.rstrip("_"), field.name, written or hint, written is not None)


def is_fact(hint: Any) -> bool:
    """Whether a type is a fact's."""
    return isinstance(hint, type) and issubclass(hint, Fact)


def without_null(hint: Any) -> tuple[Any, bool]:
    """``X | None`` as ``(X, True)``, any other type as ``(type, False)``."""
    if get_origin(hint) not in (Union, types.UnionType):
        return hint, False
    others = tuple(part for part in get_args(hint) if part is not type(None))
    if len(others) != 1:
        raise TypeError(f"{hint}: a field of a fact has one type, or that and None")
    return others[0], True


@cache
def _writer(fact: type) -> Callable[[Any], dict[str, Any]]:
    """A function that makes the JSON of one fact. Compiled, since a large plan has a hundred thousand of them."""
    names: dict[str, Any] = {}
    members = [f"{f.name!r}: {_expression(f'fact.{f.attribute}', f, names)}" for f in fields_of(fact)]
    exec(f"def write(fact): return {{{', '.join(members)}}}", names)  # noqa: S102  # the text is of our classes alone
    written: Callable[[Any], dict[str, Any]] = names["write"]
    return written


def _expression(value: str, field: Field, names: dict[str, Any]) -> str:
    return value if field.replaced else _json_of(value, field.hint, names, 0)


def _json_of(value: str, hint: Any, names: dict[str, Any], depth: int) -> str:
    """The Python expression for the JSON of ``value``; what it calls is put into ``names``."""
    inner, nullable = without_null(hint)
    if nullable:
        some = _json_of(f"some{depth}", inner, names, depth + 1)
        return value if some == f"some{depth}" else f"(None if (some{depth} := {value}) is None else {some})"
    origin, arguments = get_origin(inner), get_args(inner)
    if origin is Literal or inner is Any or (origin is None and inner in _PLAIN):
        return value
    if is_fact(inner):
        if inner.to_json is not Fact.to_json:
            return f"{value}.to_json()"
        names[f"write_{inner.__name__}"] = _writer(inner)
        return f"write_{inner.__name__}({value})"
    each = f"each{depth}"
    if origin in (tuple, list, set):
        one = _json_of(each, arguments[0], names, depth + 1)
        if origin is set:
            return f"sorted({value})"
        return f"list({value})" if one == each else f"[{one} for {each} in {value}]"
    if origin is dict and arguments[0] in (str, Named):
        one = _json_of(each, arguments[1], names, depth + 1)
        return f"dict({value})" if one == each else f"{{key{depth}: {one} for key{depth}, {each} in {value}.items()}}"
    raise TypeError(f"{hint}: no JSON is known for this type")
