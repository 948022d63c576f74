"""The places inside one value (a map, a list, a text, JSON or a script in a text) where a plaintext secret stands."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from gate.extract.secret_values import announces, assignments, is_literal, name_says_secret, shape

Keys = tuple[str | int, ...]

NAMED = "a literal that its name calls a secret"
ASSIGNED = "a literal that a text assigns to a secret's name"
_FLAG = re.compile(r"--?[A-Za-z][\w\-]*")


class Found(NamedTuple):
    """A secret's path inside the resource, its kind, and the value; ``repr`` leaves the value out."""

    keys: Keys
    kind: str
    value: str

    def __repr__(self) -> str:
        return f"Found({self.kind})"


def in_value(value: object, keys: Keys, *, named: bool) -> Iterator[Found]:
    """Secrets in a value that is written in the source. ``named``: its own name announces a secret."""
    if isinstance(value, dict):
        own_name = value.get("name")
        for key, member in value.items():
            # {"name": "DB_PASSWORD", "value": …}: the pair of environment lists.
            beside = key == "value" and isinstance(own_name, str) and announces(own_name, member)
            yield from in_value(member, (*keys, key), named=beside or (isinstance(key, str) and announces(key, member)))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from in_value(member, (*keys, index), named=named or (index > 0 and _is_flag(value[index - 1])))
    elif isinstance(value, str) and len(value) >= 5:
        yield from _in_text(value, keys, named=named)


def _is_flag(word: object) -> bool:
    """``--password`` before its value in a command line."""
    return (
        isinstance(word, str) and word[:1] == "-" and _FLAG.fullmatch(word) is not None and name_says_secret(word[1:])
    )


def _in_text(text: str, keys: Keys, *, named: bool) -> Iterator[Found]:
    if text[0] in "{[" and (document := _json(text)) is not None:
        if not (isinstance(document, dict) and "Statement" in document):
            yield from in_value(document, keys, named=named)
            return
        named = False
    yield from shapes(text, keys)
    if named and "\n" not in text.strip() and is_literal(text):
        yield Found(keys, NAMED, text)
        return
    if str(keys[0]).startswith("user_data") or str(keys[-1]).endswith("base64"):
        text = decoded(text)
        yield from shapes(text, keys)
    if len(text) > 8 and ("=" in text or ":" in text or "--" in text):
        for _, value in assignments(text):
            yield Found(keys, ASSIGNED, value)


def shapes(value: object, keys: Keys) -> Iterator[Found]:
    """Known kinds of tokens in a text."""
    if isinstance(value, str) and (known := shape(value)) is not None:
        yield Found(keys, *known)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def decoded(text: str) -> str:
    """The text behind base64, or the text itself."""
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return text
