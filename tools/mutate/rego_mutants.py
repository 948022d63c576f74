"""Mutants of Rego: ``opa parse`` says where each expression and term stands, and the change is made in the text."""

from __future__ import annotations

import base64
import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.mutate.sample import Mutant

_SWAPPED = {
    "==": "!=",
    "!=": "==",
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "+": "-",
    "-": "+",
    "|": "&",
    "&": "|",
}
_Change = tuple[int, int, str, str]
"""Where it begins and ends in the bytes of the file, what stands there instead, and what it is."""


def mutants(opa: Path, path: Path) -> Iterator[Mutant]:
    """Every mutant of one file."""
    source = path.read_bytes()
    shown = subprocess.run(
        [opa, "parse", "--format", "json", "--json-include", "locations", path], capture_output=True, check=True
    ).stdout
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for begin, end, instead, what in dict.fromkeys(_of_rules(json.loads(shown)["rules"], starts)):
        changed = source[:begin] + instead.encode() + source[end:]
        if changed != source:
            yield Mutant(path, source.count(b"\n", 0, begin) + 1, what, changed.decode)


def _of_rules(rules: list[dict[str, Any]], starts: list[int]) -> Iterator[_Change]:
    names = Counter(_name(rule) for rule in rules)
    for rule in rules:
        if names[_name(rule)] > 1 and not rule.get("default"):
            begin, end, text = _place(rule, starts)
            yield begin, end, "", f"no rule {text.splitlines()[0]!r}"
        yield from _of_node(rule, starts)


def _name(rule: dict[str, Any]) -> str:
    return json.dumps([part.get("value") for part in rule["head"].get("ref", [])]) + str(rule["head"].get("name"))


def _of_node(node: Any, starts: list[int]) -> Iterator[_Change]:
    if isinstance(node, list):
        for item in node:
            yield from _of_node(item, starts)
    if not isinstance(node, dict):
        return
    if "terms" in node and not node.get("generated") and "location" in node:
        yield from _of_expression(node, starts)
    if "type" in node and "location" in node:
        yield from _of_term(node, starts)
    for key, value in node.items():
        if key not in ("location", "annotations"):
            yield from _of_node(value, starts)


def _of_expression(node: dict[str, Any], starts: list[int]) -> Iterator[_Change]:
    """A condition of a body: gone, or its negation."""
    begin, end, text = _place(node, starts)
    if text.startswith(("some ", "every ")) or ":=" in text.partition("\n")[0]:
        return
    yield begin, end, "true", f"not asked: {' '.join(text.split())}"
    if text.startswith("not "):
        yield begin, begin + len(b"not "), "", f"asked the other way round: {' '.join(text.split())}"
    else:
        yield begin, begin, "not ", f"asked the other way round: {' '.join(text.split())}"


def _of_term(node: dict[str, Any], starts: list[int]) -> Iterator[_Change]:
    begin, end, text = _place(node, starts)
    if node["type"] == "ref" and text in _SWAPPED:
        yield begin, end, _SWAPPED[text], f"{text} is {_SWAPPED[text]}"
    elif node["type"] == "boolean" and text in ("true", "false"):
        instead = "false" if text == "true" else "true"
        yield begin, end, instead, f"{text} is {instead}"
    elif node["type"] == "number" and text.isdigit():
        yield begin, end, str(int(text) + 1), f"{text} is {int(text) + 1}"
    elif node["type"] == "string" and text.startswith('"'):
        yield begin, end, '"mutated"', f"{text} is another text"
    elif node["type"] in ("set", "array") and len(node["value"]) > 1:
        places = [_place(member, starts) for member in node["value"] if "location" in member]
        for (at, _, member), (after, _, _) in zip(places, places[1:], strict=False):
            if begin <= at < after < end:
                yield at, after, "", f"without the member {member}"


def _place(node: dict[str, Any], starts: list[int]) -> tuple[int, int, str]:
    at = node["location"]
    text = base64.b64decode(at["text"])
    begin = starts[at["row"] - 1] + at["col"] - 1
    return begin, begin + len(text), text.decode()
