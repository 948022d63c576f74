"""The literal values that a Terraform block writes, in the shape its plan would have.

A plan marks a whole map as unknown when one of its values is. What the author wrote out beside that value stands in
the source, and this reads it there: texts (heredocs too) at their place in blocks, objects and lists. Everything else
is left out: references, conditions, and the arguments of functions that do more than put values together.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from gate.inputs.text.hcl.tokens import Tokens

_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
# Functions whose arguments stand in their result.
_TRANSPARENT = frozenset(
    ("merge", "concat", "jsonencode", "yamlencode", "tomap", "tolist", "toset", "base64encode", "sensitive", "flatten")
)
_DEEPEST = 40
_TEMPLATE = "${}"
_TEMPLATES = re.compile(r"[$%]\{[^{}]*\}")


@lru_cache(maxsize=4096)
def literals(body: str) -> dict[str, Any]:
    """``{attribute: text, or a tree of dicts and lists}`` of a block's body; a nested block is a list of dicts.

    A list keeps the places of its elements: what is no literal there is ``None``. A name that is an expression
    is ``*``; ``"*": None`` stands for what ``merge`` adds from elsewhere.
    """
    return _Reader(body).body(0)


class _Reader:
    """One pass over a body."""

    def __init__(self, text: str) -> None:
        self._tokens = Tokens(text)

    def body(self, depth: int) -> dict[str, Any]:
        """Arguments and blocks up to the closing brace, or the items of an object: the same to a reader."""
        found: dict[str, Any] = {}
        while (token := self._tokens.next()) not in ("", "}", ")", "]"):
            if token in ("\n", ","):
                continue
            key = self._text() if token == '"' else token
            if token == "(":  # a name that is an expression
                self._tokens.close("(")
                key = "*"
            after = self._tokens.next()
            labels = []
            while after == '"':  # of a block
                labels.append(self._text())
                after = self._tokens.next()
            if depth > _DEEPEST:
                self._rest()
            elif after in ("=", ":"):
                value = self._value(depth + 1)
                if value is not None:
                    found[key] = value
            elif after == "{":
                nested = self.body(depth + 1)
                if key == "dynamic" and labels:
                    key, nested = labels[0], (nested.get("content") or [{}])[0]
                inner = found.setdefault(key, [])
                if isinstance(inner, list):
                    inner.append(nested)
            elif after in ("", "}"):
                break
            else:  # an expression in the place of a name, or a for-expression
                self._back(after)
                self._rest()
        return found

    def _value(self, depth: int) -> Any:  # noqa: ANN401  (a text, or a tree of them)
        """One expression, up to the comma, line end or bracket that ends it (which a bracket's reader sees again)."""
        parts: list[Any] = []
        plain = True
        while (token := self._tokens.next()) not in ("", "\n", ",", "}", ")", "]"):
            if token == '"':
                parts.append(self._text())
            elif token.startswith("<<"):
                parts.append(self._heredoc())
            elif token == "{":
                parts.append(self._object(depth))
            elif token == "[":
                parts.append(self._list(depth))
            elif token == "(":
                parts += [self._argument(depth)]
            elif token in _TRANSPARENT and self._peek() == "(":
                self._tokens.next()
                parts += self._arguments(depth)
            else:
                plain = False
                self._skip_call()
        self._back(token)
        return _together(parts) if plain else None

    def _argument(self, depth: int) -> Any:  # noqa: ANN401
        found = self._arguments(depth)
        return found[0] if len(found) == 1 else None

    def _arguments(self, depth: int) -> list[Any]:
        """What stands between parentheses, where line ends mean nothing."""
        found = []
        while (token := self._tokens.next()) not in ("", ")", "}", "]"):
            if token not in ("\n", ","):
                self._back(token)
                if depth > _DEEPEST:
                    self._rest()
                else:
                    found.append(self._value(depth + 1))
        return found

    def _list(self, depth: int) -> list[Any] | None:
        if self._peek() == "for":
            self._tokens.close("(")
            return None
        return self._arguments(depth)

    def _object(self, depth: int) -> dict[str, Any] | None:
        if self._peek() == "for" or depth > _DEEPEST:
            self._tokens.close("(")
            return None
        return self.body(depth)

    def _rest(self) -> None:
        """Passes over one expression."""
        while (token := self._tokens.next()) not in ("", "\n", ",", "}", ")", "]"):
            if token == '"':
                self._text()
            elif token.startswith("<<"):
                self._heredoc()
            elif token in "{([":
                self._tokens.close("(")
        self._back(token)

    def _skip_call(self) -> None:
        """Behind a name: its arguments or index, none of which is a value written here."""
        if self._peek() in ("(", "["):
            self._tokens.next()
            self._tokens.close("(")

    def _peek(self) -> str:
        at = self._tokens.at
        token = self._tokens.next()
        while token == "\n":
            token = self._tokens.next()
        self._tokens.at = at
        return token

    def _back(self, token: str) -> None:
        self._tokens.at -= len(token)

    def _text(self) -> str:
        """A quoted text behind its opening quote, each template as ``${}``: what it gives is not written here."""
        tokens, pieces = self._tokens, list[str]()
        start = tokens.at
        while mark := tokens.piece():
            if mark in ('"', "\n"):
                return "".join([*pieces, tokens.text[start : tokens.start]])
            if mark in ("${", "%{"):
                pieces += [tokens.text[start : tokens.start], _TEMPLATE]
                tokens.close(mark)
                start = tokens.at
            elif mark[0] == "\\":
                pieces += [tokens.text[start : tokens.start], _ESCAPED.get(mark[1], mark)]
                start = tokens.at
        return ""

    def _heredoc(self) -> str:
        return _TEMPLATES.sub(_TEMPLATE, self._tokens.heredoc())


def _together(parts: list[Any]) -> Any:  # noqa: ANN401
    """Several arguments of ``merge`` or ``concat`` make one value."""
    known = [part for part in parts if part is not None]
    if known and all(isinstance(part, dict) for part in known):
        merged: dict[str, Any] = {} if len(known) == len(parts) else {"*": None}
        for part in known:
            merged |= part
        return merged
    if len(known) > 1 and all(isinstance(part, list) for part in known):
        return [member for part in known for member in part]
    return known[0] if len(known) == 1 else None
