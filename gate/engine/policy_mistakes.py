"""Mistakes of an organisation's rule that ``opa check`` lets pass, and that would make it find nothing, or everything.

Without the metadata of its package nothing comes of a finding. ``not identity.lifecycle.owner`` never holds, and
``identity.boundary`` always does: what is not known is null, and null is a value to Rego. ``identity.kind == "rolle"``
never holds: OPA's type checker reads no enumerations.

A variable counts only where it is taken from ``input``, so that what is said is certain: in the rule itself, or as the
argument that every call of a function in its package passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args, get_origin

from gate.model.contract import fields_of, is_fact, without_null
from gate.model.envelope import Envelope

Term = dict[str, Any]
"""A term of ``opa parse --format=json --json-include=locations``."""
Names = dict[str, Any]
"""Variable → the type of what it holds; under ``f()`` the types that calls pass to the function ``f``, by place."""
Mistake = tuple[int, str]
"""The line, and what is wrong there."""
_COMPARING = frozenset(("equal", "eq", "neq", "member_2"))
_BINDING = frozenset(("assign", "eq"))
_NEEDED = ("title", "custom.id", "custom.severity", "custom.confidence", "custom.remediation")
_WORDS = {"severity": ("critical", "high", "medium", "low"), "confidence": ("proven", "possible", "unverified")}


def policy_mistakes(module: Term, package: Iterable[Term] = ()) -> Iterator[Mistake]:
    """The mistakes of one file, as OPA's syntax tree of it tells them.

    ``package``: the trees of all files of its package, whose calls count, too.
    """
    rules = module.get("rules", [])
    yield from _metadata(module, rules)
    calls: Names = {}
    for _ in range(3):  # through functions that call functions
        before, calls = calls, {}
        for rule in [rule for file in package or (module,) for rule in file.get("rules", [])]:
            for _mistake in _rule(rule, before, calls):
                pass
    for rule in rules:
        yield from _rule(rule, calls, {})


def line_of_findings(module: Term) -> int:
    """The line of the rule that states the findings."""
    rows: list[int] = [
        r["location"]["row"] for r in module.get("rules", []) if r["head"]["ref"][0]["value"] == "findings"
    ]
    return min(rows, default=1)


def _metadata(module: Term, rules: list[Term]) -> Iterator[Mistake]:
    if not any(_mentions_chain(rule) for rule in rules):
        return  # it builds its findings by itself
    row = module["package"]["location"]["row"]
    said = next((a for a in module.get("annotations") or () if a.get("scope") == "package"), None)
    if said is None:
        yield row, f"the package has no METADATA with {', '.join(_NEEDED)}, of which findings are made"
        return
    row = said.get("location", {}).get("row", row)
    custom = said.get("custom") or {}
    for name in _NEEDED:
        value = custom.get(name.removeprefix("custom.")) if name.startswith("custom.") else said.get(name)
        if not isinstance(value, str) or not value.strip():
            yield row, f"the METADATA of the package has no {name}"
    for name, words in _WORDS.items():
        value = custom.get(name)
        if isinstance(value, str) and value not in words:
            yield row, f"the METADATA says {name}: {value[:40]}; it is one of {', '.join(words)}"


def _mentions_chain(node: object) -> bool:
    if isinstance(node, dict):
        value = node.get("value")
        if node.get("type") == "ref" and isinstance(value, list):
            names = [term.get("value") for term in value if isinstance(term, dict)]
            if names[:3] == ["rego", "metadata", "chain"]:
                return True
        return any(map(_mentions_chain, node.values()))
    return isinstance(node, list) and any(map(_mentions_chain, node))


def _rule(rule: Term, known: Names, calls: Names) -> Iterator[Mistake]:
    """``known``: what calls pass, as found so far; ``calls``: what this rule's calls pass is added."""
    head = rule["head"]
    passed = known.get(f"{head.get('name')}()", ())
    arguments = [term["value"] if term["type"] == "var" else "" for term in head.get("args", ())]
    names: Names = dict(zip(arguments, passed, strict=False))
    yield from _body(rule.get("body", []), names, calls)
    yield from _within([head.get("value"), head.get("key")], names, calls)
    if "else" in rule:
        yield from _rule(rule["else"], known, calls)


def _body(body: list[Any], names: Names, calls: Names) -> Iterator[Mistake]:
    """``names`` are of what stands around the body; its own are added."""
    # `with` may put another document in the place of input.
    own = [condition for condition in body if "with" not in condition]
    for _ in range(2):  # the order of conditions means nothing to Rego
        for condition in own:
            _bind(condition["terms"], names)
    for condition in own:
        terms, row = condition["terms"], condition.get("location", {}).get("row", 0)
        if isinstance(terms, dict) and terms.get("type") in ("var", "ref"):
            yield from ((row, wrong) for wrong in _null(terms, names, negated=bool(condition.get("negated"))))
        if isinstance(terms, list):
            _call(terms, names, calls)
            yield from ((row, wrong) for wrong in _compared(terms, names))
        if isinstance(terms, dict) and "domain" in terms:
            inner = names | {_name(terms["value"]): _element(_type(terms["domain"], names))}
            yield from _body(terms["body"], inner, calls)
        else:
            yield from _within(terms, names, calls)


def _within(tree: Any, names: Names, calls: Names) -> Iterator[Mistake]:
    """Comprehensions inside of a term: each is a body of its own, which sees the names around it."""
    if isinstance(tree, list):
        for member in tree:
            yield from _within(member, names, calls)
    elif isinstance(tree, dict):
        if "body" in tree:
            inner = dict(names)
            yield from _body(tree["body"], inner, calls)
            names = inner
        if tree.get("type") == "call":
            _call(tree["value"], names, calls)
        yield from _within([member for key, member in tree.items() if key not in ("body", "location")], names, calls)


def _call(terms: list[Term], names: Names, calls: Names) -> None:
    """Note what a call of a function of this package passes; where two pass different things, nothing is known."""
    if len(terms[0]["value"]) > 1:
        return
    called, passed = f"{_name(terms[0])}()", [_type(term, names) for term in terms[1:]]
    before: Iterable[Any] = calls.get(called, passed)
    calls[called] = [one if one == other else None for one, other in zip(before, passed, strict=False)]


def _bind(terms: Any, names: Names) -> None:
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


def _null(term: Term, names: Names, *, negated: bool) -> Iterator[str]:
    """A field that may be null, as a condition by itself."""
    inner, nullable = without_null(_type(term, names))
    if not nullable or not _is_there(term, names):
        return
    text = _text(term)
    if inner is bool:
        if not negated:
            yield f"`{text}` also holds for null, which means that nothing is known; write `{text} == true`"
        return
    asked = f"is_null({text})" if is_fact(inner) else f"{text} == null"
    if negated:
        yield f"`not {text}` never holds: what is not known is null, which is a value; write `{asked}`"
    else:
        asked = f"not {asked}" if is_fact(inner) else f"{text} != null"
        yield f"`{text}` always holds: what is not known is null, which is a value; write `{asked}`"


def _compared(terms: list[Term], names: Names) -> Iterator[str]:
    if len(terms) != 3 or _name(terms[0]) not in _COMPARING:
        return
    for one, other in (terms[1:], terms[:0:-1]):
        words, _ = without_null(_type(one, names))
        if get_origin(words) is not Literal:
            continue
        texts = other["value"] if other["type"] in ("set", "array") else [other]
        for text in (t["value"] for t in texts if t["type"] == "string" and t["value"] not in get_args(words)):
            yield f'{_text(one)} is never "{text}"; it is one of: {", ".join(get_args(words))}'


def _type(term: Term, names: Names) -> Any:
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


def _is_there(term: Term, names: Names) -> bool:
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
