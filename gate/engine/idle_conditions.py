"""Conditions of an organisation's rule that can never hold, which ``opa check`` lets pass.

``not identity.lifecycle.owner``: what is not known is null, and null is a value to Rego. ``identity.kind == "rolle"``:
OPA's type checker reads no enumerations. Either makes a rule that finds nothing, and nobody is told.

A variable counts only where the same rule takes it from ``input``, so that what is said is certain.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from gate.model.contract import fields_of, is_fact, without_null
from gate.model.envelope import Envelope

Term = dict[str, Any]
"""A term of ``opa parse --format=json --json-include=locations``."""
_COMPARING = frozenset(("equal", "eq", "neq", "member_2"))
_BINDING = frozenset(("assign", "eq"))


def idle_conditions(rules: list[Any]) -> Iterator[tuple[int, str]]:
    """``(row, what is wrong)`` of each such condition. ``rules``: of OPA's syntax tree of one file."""
    for rule in rules:
        yield from _rule(rule)


def _rule(rule: Term) -> Iterator[tuple[int, str]]:
    names: dict[str, Any] = {}
    yield from _body(rule.get("body", []), names)
    yield from _within([rule["head"].get("value"), rule["head"].get("key")], names)
    if "else" in rule:
        yield from _rule(rule["else"])


def _body(body: list[Any], names: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """``names``: variable → type, of what stands around the body; its own are added."""
    # `with` may put another document in the place of input.
    own = [condition for condition in body if "with" not in condition]
    for _ in range(2):  # the order of conditions means nothing to Rego
        for condition in own:
            _bind(condition["terms"], names)
    for condition in own:
        terms, row = condition["terms"], condition.get("location", {}).get("row", 0)
        if isinstance(terms, dict) and "type" in terms and condition.get("negated"):
            yield from ((row, wrong) for wrong in _negated(terms, names))
        if isinstance(terms, list):
            yield from ((row, wrong) for wrong in _compared(terms, names))
        if isinstance(terms, dict) and "domain" in terms:
            yield from _body(terms["body"], names | {_name(terms["value"]): _element(_type(terms["domain"], names))})
        else:
            yield from _within(terms, names)


def _within(tree: Any, names: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Comprehensions inside of a term: each is a body of its own, which sees the names around it."""
    if isinstance(tree, list):
        for member in tree:
            yield from _within(member, names)
    elif isinstance(tree, dict):
        if "body" in tree:
            inner = dict(names)
            yield from _body(tree["body"], inner)
            names = inner
        yield from _within([member for key, member in tree.items() if key not in ("body", "location")], names)


def _bind(terms: Any, names: dict[str, Any]) -> None:
    """Learn the types of variables that a condition takes from ``input``."""
    some = terms.get("symbols", ()) if isinstance(terms, dict) else ()
    for called, *given in [terms] if isinstance(terms, list) else [s["value"] for s in some if s["type"] == "call"]:
        operator = _name(called)
        if operator in _BINDING and len(given) == 2:
            found = _type(given[1], names)
        elif operator in ("member_2", "member_3"):
            found = _element(_type(given[-1], names))
        else:
            continue
        variable = given[-2]
        if variable["type"] == "var" and found is not None:
            names[variable["value"]] = found


def _negated(term: Term, names: dict[str, Any]) -> Iterator[str]:
    inner, nullable = without_null(_type(term, names))
    if nullable and inner is not bool and _is_there(term, names):
        text = _text(term)
        instead = f"is_null({text})" if is_fact(inner) else f"{text} == null"
        yield f"`not {text}` never holds: where nothing is known it is null, which is a value; write `{instead}`"


def _compared(terms: list[Term], names: dict[str, Any]) -> Iterator[str]:
    if len(terms) != 3 or _name(terms[0]) not in _COMPARING:
        return
    for one, other in (terms[1:], terms[:0:-1]):
        words, _ = without_null(_type(one, names))
        if get_origin(words) is not Literal:
            continue
        texts = other["value"] if other["type"] in ("set", "array") else [other]
        for text in (t["value"] for t in texts if t["type"] == "string" and t["value"] not in get_args(words)):
            yield f'{_text(one)} is never "{text}"; it is one of: {", ".join(get_args(words))}'


def _type(term: Term, names: dict[str, Any]) -> Any:
    """The type of a field as ``gate.model.contract`` knows it; ``None`` for what is not taken from ``input``."""
    if term["type"] == "var":
        return names.get(term["value"])
    if term["type"] != "ref":
        return None
    first, *parts = term["value"]
    if first["type"] != "var":
        return None
    found = Envelope if first["value"] == "input" else names.get(first["value"])
    for part in parts:
        inner, _ = without_null(found)
        found = _field(inner, part) if is_fact(inner) else _element(inner)
    return found


def _is_there(term: Term, names: dict[str, Any]) -> bool:
    """Whether a reference leads to a value, if only null: no key on the way may be missing, and nothing null."""
    parts = term["value"][1:] if term["type"] == "ref" else []
    before = [_type(term | {"value": term["value"][: end + 1]}, names) for end in range(len(parts))]
    return all(is_fact(hint) for hint in before)


def _field(fact: Any, part: Term) -> Any:
    """The type of the field that a part of a reference names; ``None`` where a variable does."""
    return next((f.hint for f in fields_of(fact) if part["type"] == "string" and f.name == part["value"]), None)


def _element(hint: Any) -> Any:
    """The type of what is in a collection; ``None`` of anything else."""
    inner, _ = without_null(hint)
    origin = get_origin(inner)
    return get_args(inner)[1 if origin is dict else 0] if origin in (dict, list, tuple, set) else None


def _name(term: Any) -> str:
    if not isinstance(term, dict):
        return ""
    return str(term["value"][-1]["value"] if term["type"] == "ref" else term.get("value"))


def _text(term: Term) -> str:
    if term["type"] == "var":
        return str(term["value"])
    first, *parts = term["value"]
    return str(first["value"]) + "".join(
        f".{part['value']}" if part["type"] == "string" else f"[{'_' if part['type'] == 'var' else part['value']}]"
        for part in parts
    )
