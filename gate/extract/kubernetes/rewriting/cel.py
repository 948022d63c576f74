"""Objects that a CEL expression writes out: ``Object{spec: Object.spec{hostPID: true}}``, a list of ``JSONPatch{…}``.

https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/ and the grammar of
https://github.com/google/cel-spec. Literals are read; what is worked out (a variable, a call, a condition) is ``OPEN``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from gate.extract.kubernetes.rewriting.trees import OPEN

_TOKEN = re.compile(
    r"(?P<space>\s+|//[^\n]*)"
    r"|(?P<text>[rR]?(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"))"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<word>[A-Za-z_][\w.]*)"
    r"|(?P<sign>[{}\[\](),:?]|&&|\|\||[^\s\w])",
    re.DOTALL,
)
_OPENING, _CLOSING = "{[(", "}])"
_DEEPEST = 64


def read(expression: str) -> Any:  # noqa: ANN401
    """What an expression writes out; ``OPEN`` where it is more than a literal."""
    try:
        reader = _Reader(expression)
        value = reader.value(0)
        return value if reader.ended else OPEN
    except _Broken:
        return OPEN


def decided(expression: str) -> bool | None:
    """What a condition says of every request; ``None`` where it depends on the request, or is more than read here.

    ``&&`` is false where one side is, and ``||`` true, whatever the other side says or fails with
    (https://github.com/google/cel-spec/blob/master/doc/langdef.md#logical-operators).
    """
    try:
        return _decided(_Reader(expression).tokens, 0)
    except _Broken:
        return None


_Tokens = list[tuple[str, str]]


def _decided(tokens: _Tokens, depth: int) -> bool | None:
    if depth > _DEEPEST or len(_apart(tokens, "?")) > 1:
        return None
    for sign, wins in (("||", True), ("&&", False)):
        parts = _apart(tokens, sign)
        if len(parts) > 1:
            said = [_decided(part, depth + 1) for part in parts]
            return wins if wins in said else None if None in said else not wins
    texts = [text for _, text in tokens]
    if texts[:1] == ["!"] and (texts[1:2] == ["("] or len(texts) == 2):
        inner = _decided(tokens[1:], depth + 1)
        return None if inner is None else not inner
    if texts[:1] == ["("] and _closing(tokens) == len(tokens) - 1:
        return _decided(tokens[1:-1], depth + 1)
    if len(tokens) == 4 and texts[1:3] in (["=", "="], ["!", "="]):
        one, other = tokens[0], tokens[3]
        if one[0] == other[0] in ("text", "number"):
            same = read(one[1]) == read(other[1])
            return same if texts[1] == "=" else not same
    return {"true": True, "false": False}.get(texts[0]) if len(tokens) == 1 and tokens[0][0] == "word" else None


def _apart(tokens: _Tokens, sign: str) -> list[_Tokens]:
    """The parts between these signs, outside of brackets."""
    parts: list[_Tokens] = [[]]
    depth = 0
    for token in tokens:
        depth += (token[1] in _OPENING) - (token[1] in _CLOSING) if token[0] == "sign" else 0
        if depth == 0 and token == ("sign", sign):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _closing(tokens: _Tokens) -> int:
    """Where the bracket ends with which the tokens begin."""
    depth = 0
    for at, (kind, text) in enumerate(tokens):
        depth += (text in _OPENING) - (text in _CLOSING) if kind == "sign" else 0
        if depth == 0:
            return at
    return -1


class _Broken(Exception):
    """The text is no CEL that is read here."""


class _Reader:
    """Reads tokens from the first to the last; a value that goes on behind its literal is not one."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise _Broken
            at = found.end()
            if found.lastgroup and found.lastgroup != "space":
                self.tokens.append((found.lastgroup, found.group()))
        self._at = 0

    @property
    def ended(self) -> bool:
        return self._at >= len(self.tokens)

    def _peek(self) -> str:
        return "" if self.ended else self.tokens[self._at][1]

    def _next(self) -> tuple[str, str]:
        if self.ended:
            raise _Broken
        self._at += 1
        return self.tokens[self._at - 1]

    def value(self, depth: int) -> Any:  # noqa: ANN401
        """The next value, to the comma or bracket behind it."""
        if depth > _DEEPEST:
            raise _Broken
        start = self._at
        found = self._literal(depth)
        if self._peek() in ("", ",", *_CLOSING):
            return found
        self._at = start
        self._skip()
        if self._at == start:  # a bracket that closes nothing
            raise _Broken
        return OPEN

    def _literal(self, depth: int) -> Any:  # noqa: ANN401
        kind, token = self._next()
        if kind == "text":
            return _unquoted(token)
        if kind == "number":
            return json.loads(token)
        if token in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[token]
        if token == "[":
            return self._list(depth)
        if token == "{":
            return self._fields(depth, named=False)
        if kind == "word" and self._peek() == "{":
            self._next()
            return self._fields(depth, named=True)
        return OPEN

    def _list(self, depth: int) -> Any:  # noqa: ANN401
        found = []
        while self._peek() != "]":
            found.append(self.value(depth + 1))
            if self._peek() == ",":
                self._next()
        self._next()
        return found

    def _fields(self, depth: int, *, named: bool) -> Any:  # noqa: ANN401
        """Of an object, whose fields are ``named``, or of a map, whose keys are values: a word is a variable."""
        found: dict[str, Any] = {}
        is_open = False
        while self._peek() != "}":
            if self._peek() == "?":
                self._next()
            kind, token = self._next()
            if kind not in ("word", "text") or self._next()[1] != ":":
                raise _Broken
            is_open = is_open or (kind == "word" and not named)
            found[_unquoted(token) if kind == "text" else token] = self.value(depth + 1)
            if self._peek() == ",":
                self._next()
        self._next()
        return OPEN if is_open else found

    def _skip(self) -> None:
        """To the comma or bracket that ends a value."""
        depth = 0
        while not self.ended:
            sign = self._peek()
            if depth == 0 and (sign == "," or sign in _CLOSING):
                return
            depth += (sign in _OPENING) - (sign in _CLOSING)
            self._next()


def _unquoted(token: str) -> str:
    raw = token[0] in "rR"
    text = token[1:] if raw else token
    width = 3 if text[:3] in ("'''", '"""') else 1
    inner = text[width:-width]
    return inner if raw else re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), inner, flags=re.DOTALL)


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
