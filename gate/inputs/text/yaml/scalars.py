"""What a plain word of YAML means to Kubernetes.

The table is that of go-yaml v2 (``resolve.go``), which ``sigs.k8s.io/yaml`` uses.
"""

from __future__ import annotations

import enum
import re
from typing import Any

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
}
_NUMBER = re.compile(
    r"[-+]?(?:(?P<hex>0[xX][0-9a-fA-F]+)|(?P<bin>0[bB][01]+)|(?P<oct>0[oO]?[0-7]+)|(?P<int>[1-9][0-9]*|0)"
    r"|(?P<float>(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?))"
)
_STARTS_NUMBER = frozenset("+-.0123456789")
_BASES = {"hex": 16, "bin": 2, "oct": 8}


class KnownTag(enum.Enum):
    """Whether an explicit tag is one of the safe set."""

    YES = enum.auto()
    NO = enum.auto()


def plain(text: str) -> Any:
    """The value of an unquoted word: text, ``bool``, ``int``, ``float`` or ``None``."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _STARTS_NUMBER and len(text) < 100:
        digits = text.replace("_", "") if text[0] != "." else text
        match = _NUMBER.fullmatch(digits)
        if match:
            return _number(match)
    return text


def _number(match: re.Match[str]) -> int | float:
    sign = -1 if match[0].startswith("-") else 1
    kind = match.lastgroup or "int"
    body = match[kind]
    if kind == "float":
        return sign * float(body)
    if kind in _BASES:
        digits = body[1:] if kind == "oct" and body[1:2] not in "oO" else body[2:]
        return sign * int(digits, _BASES[kind])
    return sign * int(body)


def tagged(tag: str, text: str) -> tuple[Any, KnownTag]:
    """The value of a word with an explicit tag; with a tag outside the safe set, its text."""
    name = tag.removeprefix("tag:yaml.org,2002:")
    if tag == "!" or name == "str":
        return text, KnownTag.YES
    value = plain(text)
    fits = {
        "int": type(value) is int,
        "float": type(value) in (int, float),
        "bool": type(value) is bool,
        "null": value is None,
    }
    return (value, KnownTag.YES) if name in fits and fits[name] else (text, KnownTag.NO)


def key_text(value: Any) -> str | None:
    """A key as JSON has it: numbers and booleans become text; ``None`` for what cannot be a key."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
