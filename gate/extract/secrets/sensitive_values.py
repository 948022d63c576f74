"""What Terraform marks sensitive is printed nowhere: names, Sids, ARNs and values of conditions included.

The engine sees the values, because access depends on them; they are taken out of its answer.
https://developer.hashicorp.com/terraform/internals/json-format (``after_sensitive``, ``before_sensitive``)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from gate.inputs.documents import Documents
from gate.model.difference import Difference, Side

VEIL = "(sensitive)"
_SHORTEST = 4
_READ = ("identity", "message", "remediation", "evidence", "path")
# Elements of a policy whose values say nothing of their author, and what stands in every policy.
_OPEN = frozenset(["Effect", "Action", "NotAction", "Version"])
_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(?P<account>\d*):(?:[^:/]+[:/])*(?P<name>[^:/]+)")
_WORD = re.compile(r"[A-Za-z0-9_-]+")


def sensitive_texts(documents: Documents) -> frozenset[str]:
    """Every text that a plan marks sensitive on either side; of a document, the texts in it.

    Too short a text, or one that stands in an address, is left out: it would take out half of every sentence.
    """
    resources = [resource for plan in documents.plans for resource in plan.resources.values()]
    found: set[str] = set()
    for resource in resources:
        for values, marks in ((resource.after, resource.sensitive), (resource.before, resource.before_sensitive)):
            if marks:
                found.update(_marked(values, marks))
    if not found:
        return frozenset()
    written = {word for resource in resources for word in _WORD.findall(resource.address)}
    return frozenset(text for text in found if len(text) >= _SHORTEST and text not in written)


def veiled(answer: dict[str, Any], texts: Iterable[str]) -> dict[str, Any]:
    """The engine's answer without the texts, where they stand as words of their own in what people read.

    What decides (verdict, severity, rule) is left as it is, whatever an author marks sensitive.
    """
    pattern = _pattern(texts)
    if pattern is None:
        return answer
    findings = [one | {name: _without(one[name], pattern) for name in _READ} for one in answer["findings"]]
    identities = [
        one | {"id": _without(one["id"], pattern), "blast_radius": _without(one["blast_radius"], pattern)}
        for one in answer["identities"]
    ]
    return answer | {"findings": findings, "identities": identities}


def veiled_difference(difference: Difference, texts: Iterable[str]) -> Difference:
    """What ``gate diff`` tells without the texts; kinds, actions and numbers are left as they are."""
    pattern = _pattern(texts)
    if pattern is None:
        return difference
    identities = tuple(
        replace(
            one,
            id=_without(one.id, pattern),
            gained=_side(one.gained, pattern),
            lost=_side(one.lost, pattern),
            reach=_without(one.reach, pattern),
        )
        for one in difference.identities
    )
    return replace(difference, identities=identities, unknown=_without(difference.unknown, pattern))


def _side(side: Side, pattern: re.Pattern[str]) -> Side:
    def veil(one: Any, *names: str) -> Any:
        return replace(one, **{name: _without(getattr(one, name), pattern) for name in names})

    return Side(
        tuple(veil(one, "resource", "except_", "conditions", "through") for one in side.access),
        tuple(veil(one, "principal", "conditions", "through") for one in side.trust),
        _without(side.becomes, pattern),
    )


def _pattern(texts: Iterable[str]) -> re.Pattern[str] | None:
    longest = sorted(texts, key=len, reverse=True)
    if not longest:
        return None
    return re.compile("|".join(rf"(?<![A-Za-z0-9]){re.escape(text)}(?![A-Za-z0-9])" for text in longest))


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(VEIL, value)
    if isinstance(value, (list, tuple)):
        return type(value)(_without(inner, pattern) for inner in value)
    if isinstance(value, dict):
        return {key: _without(inner, pattern) for key, inner in value.items()}
    return value


def _marked(values: Any, marks: Any) -> Iterator[str]:
    if marks is True:
        yield from _texts(values)
    elif isinstance(marks, dict) and isinstance(values, dict):
        for name, mark in marks.items():
            yield from _marked(values.get(name), mark)
    elif isinstance(marks, list) and isinstance(values, list):
        for inner, mark in zip(values, marks, strict=False):
            yield from _marked(inner, mark)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        document = _json(value)
        if document is None:
            yield value
            if arn := _ARN.fullmatch(value):  # a sentence may name the account alone, or what it is called there
                yield from (arn["account"], arn["name"])
        else:
            yield from _texts(document)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in _OPEN:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _json(text: str) -> Any:
    if text[:1] not in "{[":
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
