"""Policy documents as typed statements: the shape only, no meaning.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
A statement of another shape is not guessed: it is left out, and a sentence of ``problems`` says what is wrong where.
No sentence repeats a value of the document: a policy can hold what must not be printed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from gate.extract.aws.language.condition_facts import read_condition
from gate.inputs.documents import UNKNOWN
from gate.model.access import Condition

_ELEMENTS = frozenset(
    ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"]
)


@dataclass(frozen=True, slots=True)
class UnknownPart:
    """A part that is not known before apply: ``where`` it stands (``Resource[1]``), and the reference it waits for."""

    where: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, each element as a tuple of texts as written; what is unknown stands in ``unknown`` only.

    ``principals``: (type, value) pairs, ``("AWS", "*")``, ``("Service", "lambda.amazonaws.com")``; a bare star is
    ``("*", "*")``.
    """

    effect: Literal["Allow", "Deny"]
    index: int
    sid: str | None = None
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[tuple[str, str], ...] = ()
    not_principals: tuple[tuple[str, str], ...] = ()
    conditions: tuple[Condition, ...] = ()
    unknown: tuple[UnknownPart, ...] = ()

    @property
    def label(self) -> str:
        """The Sid, or the index (from 0) as text."""
        return self.sid or str(self.index)


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A parsed document; ``problems`` are sentences about parts that are not what the grammar asks for."""

    statements: tuple[Statement, ...]
    problems: tuple[str, ...] = ()


# The longest documents that AWS takes hold 40,000 characters (the resource policy of an organization), and a statement
# has 40 at least: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
_MOST_STATEMENTS = 1000
# A statement without actions, or without resources, "does not affect the policy":
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html (Empty array action)
_SAYING = ("Action", "Resource")


class _ShapeError(Exception):
    """A statement of the wrong shape; the message is the end of a sentence about it."""


def parse_document(document: str | Mapping[str, Any]) -> PolicyDocument:
    """Read a policy document, JSON text or the object it stands for. Never raises on bad content."""
    return _parse_text(document) if isinstance(document, str) else _parse_object(document)


@lru_cache(maxsize=16384)
def _parse_text(text: str) -> PolicyDocument:
    try:
        value = json.loads(text, object_pairs_hook=_unique_keys)
    except _ShapeError as error:
        return PolicyDocument((), (f"The policy document {error}.",))
    except RecursionError:
        return PolicyDocument((), ("The policy document is nested too deeply.",))
    except ValueError as error:
        place = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        return PolicyDocument((), (f"The policy document is not JSON{place}.",))
    if not isinstance(value, dict):
        return PolicyDocument((), (f"The policy document is {_name(value)}, expected a JSON object.",))
    return _parse_object(value)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # AWS refuses it, and parsers disagree on which of the two counts.
        raise _ShapeError("contains an object with the same key twice")
    return found


def _parse_object(document: Mapping[str, Any]) -> PolicyDocument:
    if "Statement" not in document:
        return PolicyDocument((), ("The policy document has no Statement.",))
    entries = document["Statement"]
    if isinstance(entries, Mapping):
        entries = [entries]
    if not isinstance(entries, list | tuple):
        return PolicyDocument((), (f"Statement is {_name(entries)}, expected an object or a list of them.",))
    if len(entries) > _MOST_STATEMENTS:
        return PolicyDocument((), (f"The policy document holds {len(entries)} statements, more than AWS accepts.",))
    statements: list[Statement] = []
    problems: list[str] = []
    for index, entry in enumerate(entries):
        try:
            statement = _statement(entry, index)
            # One with principals is kept: services differ in what they take for its resource.
            if statement.principals or not any(entry.get(element) == [] for element in _SAYING):
                statements.append(statement)
        except _ShapeError as error:
            problems.append(f"Statement[{index}] {error}.")
    return PolicyDocument(tuple(statements), tuple(problems))


def _statement(entry: object, index: int) -> Statement:
    if not isinstance(entry, Mapping):
        raise _ShapeError(f"is {_name(entry)}, expected an object")
    if not _ELEMENTS.issuperset(entry):
        raise _ShapeError("has an element that is not part of the policy language")
    effect = entry.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise _ShapeError("has an Effect that is neither Allow nor Deny")
    for one, other in (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")):
        if one in entry and other in entry:
            raise _ShapeError(f"has both {one} and {other}")
    if "Action" not in entry and "NotAction" not in entry:
        raise _ShapeError("has neither Action nor NotAction")
    for element in ("NotAction", "NotResource"):
        if effect == "Allow" and entry.get(element) == []:
            # The check above says that it allows nothing, the page of NotAction that it allows all that is not listed.
            raise _ShapeError(f"has an empty {element}, which may allow everything or nothing")
    sid = entry.get("Sid")
    if sid is not None and not isinstance(sid, str):
        raise _ShapeError(f"has a Sid that is {_name(sid)}, expected text")
    unknown: list[UnknownPart] = []
    return Statement(
        effect,
        index,
        None if sid is None or sid.startswith(UNKNOWN) else sid,
        _texts(entry, "Action", unknown),
        _texts(entry, "NotAction", unknown),
        _texts(entry, "Resource", unknown),
        _texts(entry, "NotResource", unknown),
        _principals(entry, "Principal", unknown),
        _principals(entry, "NotPrincipal", unknown),
        _conditions(entry, unknown),
        tuple(unknown),
    )


def _texts(entry: Mapping[str, Any], element: str, unknown: list[UnknownPart]) -> tuple[str, ...]:
    return tuple(_leaves(entry[element], element, unknown)) if element in entry else ()


def _leaves(value: object, where: str, unknown: list[UnknownPart]) -> Iterator[str]:
    """Each known text of a text or a list of texts; those not known are added to ``unknown``."""
    leaves = value if isinstance(value, list | tuple) else None
    for position, leaf in enumerate([value] if leaves is None else leaves):
        if isinstance(leaf, bool):
            leaf = "true" if leaf else "false"
        elif isinstance(leaf, int | float) and where.startswith("Condition"):
            leaf = str(leaf)
        if not isinstance(leaf, str):
            raise _ShapeError(f"has {_name(leaf)} in {where.partition('.')[0]}, expected text")
        if leaf.startswith(UNKNOWN):
            unknown.append(
                UnknownPart(where if leaves is None else f"{where}[{position}]", leaf[len(UNKNOWN) :] or None)
            )
        else:
            yield leaf


def _principals(entry: Mapping[str, Any], element: str, unknown: list[UnknownPart]) -> tuple[tuple[str, str], ...]:
    value = entry.get(element)
    if value is None and element not in entry:
        return ()
    if isinstance(value, str):
        if value == "*":
            return (("*", "*"),)
        if value.startswith(UNKNOWN):
            unknown.append(UnknownPart(element, value[len(UNKNOWN) :] or None))
            return ()
    if not isinstance(value, Mapping):
        raise _ShapeError(f"has a {element} that is neither an object nor a star")
    return tuple((kind, name) for kind, names in value.items() for name in _leaves(names, f"{element}.{kind}", unknown))


def _conditions(entry: Mapping[str, Any], unknown: list[UnknownPart]) -> tuple[Condition, ...]:
    block = entry.get("Condition")
    if block is None:
        return ()
    if isinstance(block, str) and block.startswith(UNKNOWN):
        unknown.append(UnknownPart("Condition", block[len(UNKNOWN) :] or None))
        return ()
    if not isinstance(block, Mapping):
        raise _ShapeError(f"has a Condition that is {_name(block)}, expected an object")
    found: list[Condition] = []
    for operator, keys in block.items():
        if not isinstance(keys, Mapping):
            raise _ShapeError(f"has {_name(keys)} under a condition operator, expected an object")
        for key, values in keys.items():
            before = len(unknown)
            known = tuple(_leaves(values, f"Condition.{operator}.{key}", unknown))
            # A value that is not known may be anything: without it the condition would look narrower than it is.
            if len(unknown) == before:
                found.append(read_condition(operator, key, known))
    return tuple(found)


def _name(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value), "null" if value is None else "something else")
