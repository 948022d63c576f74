"""The places inside one value (a map, a list, a text, JSON or a script in a text) where a plaintext secret stands."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from gate.extract.secrets.announcing_names import strength
from gate.extract.secrets.plausible_values import announces, assignments, is_literal, mentions_secret
from gate.extract.secrets.token_shapes import has_mark, shape

Keys = tuple[str | int, ...]

NAMED = "a literal value whose name suggests a secret"
ASSIGNED = "a literal that a text assigns to a secret's name"
HEADER = "Credentials of an HTTP header"
_PAIRS = (
    ("name", ("value",)),
    ("Name", ("Value",)),
    ("key", ("value",)),
    ("Key", ("Value",)),
    ("ParameterKey", ("ParameterValue",)),
    ("parameter_key", ("parameter_value",)),
    ("secret_name", ("plaintext_value", "value")),
    ("variable_name", ("value", "plaintext_value")),
)
_STORED = frozenset(("SECRETS_MANAGER", "PARAMETER_STORE", "SECRET_REF", "SECRETREF"))
_VALUES_OF_A_NAME = frozenset(("default", "defaultvalue", "value", "plain", "plaintext", "stringvalue"))
HEADERS = frozenset(("authorization", "proxy-authorization"))
CREDENTIALS = re.compile(r"(?:basic|bearer|token|negotiate)\s+(\S{8,})", re.IGNORECASE)
_MAPPING = re.compile(r"^[ \t]*(?:- )?[\w.\"'/\-]+:(?:\s|$)", re.MULTILINE)
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
        beside = beside_name(value)
        hidden = value.get("NoEcho") in (True, "true", "True")
        for key, member in value.items():
            own = (isinstance(key, str) and announces(key, member)) or (key == beside)
            # {"DbPassword": {"Default": …}}: the name stands a level above the literal.
            below = (named or hidden) and isinstance(key, str) and key.lower() in _VALUES_OF_A_NAME
            if isinstance(member, str) and str(key).lower() in HEADERS and (said := CREDENTIALS.fullmatch(member)):
                if is_literal(said[1]):
                    yield Found((*keys, key), HEADER, said[1])
                continue
            yield from in_value(member, (*keys, key), named=own or below or (isinstance(member, dict) and _is(key)))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from in_value(member, (*keys, index), named=named or (index > 0 and _is_flag(value[index - 1])))
    elif isinstance(value, str) and len(value) >= 5:
        yield from _in_text(value, keys, named=named)


def beside_name(value: dict[Any, Any]) -> str | None:
    """The key of the value in a pair of name and value whose name announces a secret.

    ``{"name": "DB_PASSWORD", "value": …}`` is the pair of environment lists, Terraform's blocks and Helm's ``set``;
    CloudFormation and APIs write other words for both. A pair whose type says that the value names a stored secret is
    none.
    """
    if str(value.get("type", "")).upper() in _STORED:
        return None
    for name_key, value_keys in _PAIRS:
        name = value.get(name_key)
        for key in value_keys if isinstance(name, str) else ():
            if announces(str(name), value.get(key)):
                return key
    return None


def _is(key: object) -> bool:
    return isinstance(key, str) and strength(key) == "is"


def _is_flag(word: object) -> bool:
    """``--password`` before its value in a command line."""
    return (
        isinstance(word, str) and word[:1] == "-" and _FLAG.fullmatch(word) is not None and strength(word[1:]) == "is"
    )


def _in_text(text: str, keys: Keys, *, named: bool) -> Iterator[Found]:
    if text[0] in "{[" and (document := as_json(text)) is not None:
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
    assigned: set[str] = set()
    if len(text) > 8 and any(mark in text for mark in ("=", ":", "--", "machine ")):
        for _, value in assignments(text):
            assigned.add(value)
            yield Found(keys, ASSIGNED, value)
    if worth_a_look(text) and isinstance(document := as_yaml(text), dict | list):
        yield from (found for found in in_value(document, keys, named=False) if found.value not in assigned)


def worth_a_look(text: str) -> bool:
    """Whether a text can hold a secret at all: a cheap question before dear ones."""
    return mentions_secret(text) or has_mark(text)


def shapes(value: object, keys: Keys) -> Iterator[Found]:
    """Known kinds of tokens in a text."""
    if isinstance(value, str) and (known := shape(value)) is not None:
        yield Found(keys, *known)


def as_json(text: str) -> object:
    """What a JSON text says; ``None`` when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def as_yaml(text: str) -> object:
    """What a YAML text says, of several documents a list; ``None`` when it is not YAML."""
    if "\n" not in text or _MAPPING.search(text) is None:
        return None
    from gate.inputs.text.yaml.loading import load_documents

    documents = [document.value for document in load_documents(text) if not document.broken]
    return documents[0] if len(documents) == 1 else documents or None


def decoded(text: str) -> str:
    """The text behind base64, or the text itself."""
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return text
