"""The intersection of two patterns, as patterns: what an allow inside a boundary reaches."""

from __future__ import annotations

import re
from functools import lru_cache

from gate.extract.aws.language import patterns

_MOST_PIECES = 12


@lru_cache(maxsize=16384)
def intersection(one: str, other: str) -> tuple[str, ...]:
    """Patterns that together cover what both cover: exact where that takes few patterns, never less than that."""
    if patterns.contains(one, other):
        return (other,)
    if patterns.contains(other, one):
        return (one,)
    if not patterns.overlaps(one, other):
        return ()
    a, b = patterns.tokens(one), patterns.tokens(other)
    opaque_one, opaque_other = any(map(patterns.opaque, a)), any(map(patterns.opaque, b))
    if opaque_one or opaque_other:
        # What an opaque part excludes is not known; the pattern that holds it is a sound bound.
        return (one,) if opaque_one else (other,)
    pieces = _pieces(a, b)
    if pieces is None:
        return (
            max(one, other, key=lambda pattern: sum(len(t) == 1 and t not in "*?" for t in patterns.tokens(pattern))),
        )
    kept: list[str] = []
    for text in sorted({_text(piece) for piece in pieces}):
        # One by one: two spellings of one pattern contain each other, and one of them has to stay.
        if not any(patterns.contains(wider, text) for wider in kept):
            kept = [narrower for narrower in kept if not patterns.contains(text, narrower)] + [text]
    return tuple(kept)


_Tokens = tuple[str, ...]


def _pieces(a: _Tokens, b: _Tokens) -> frozenset[_Tokens] | None:
    """The intersection as token tuples; ``None`` when it takes too many. By suffixes of both, the short ones first."""
    found: dict[tuple[int, int], frozenset[_Tokens]] = {}
    for i in range(len(a), -1, -1):
        for j in range(len(b), -1, -1):
            here = _pieces_at(a, b, i, j, found)
            if len(here) > _MOST_PIECES:
                return None
            found[i, j] = here
    return found[0, 0]


def _pieces_at(
    a: _Tokens, b: _Tokens, i: int, j: int, found: dict[tuple[int, int], frozenset[_Tokens]]
) -> frozenset[_Tokens]:
    if i == len(a) or j == len(b):
        return frozenset({()}) if all(token == "*" for token in a[i:] + b[j:]) else frozenset()
    x, y = a[i], b[j]
    if x == "*" and y == "*":
        return frozenset(("*", *piece) for piece in found[i + 1, j] | found[i, j + 1])
    if x == "*":
        return found[i + 1, j] | {(y, *piece) for piece in found[i, j + 1]}
    if y == "*":
        return found[i, j + 1] | {(x, *piece) for piece in found[i + 1, j]}
    if x == y or "?" in (x, y):
        return frozenset((y if x == "?" else x, *piece) for piece in found[i + 1, j + 1])
    return frozenset()


def _text(piece: tuple[str, ...]) -> str:
    escaped = {"\\*": "${*}", "\\?": "${?}"}
    return re.sub(r"\*+", "*", "".join(escaped.get(token, token) for token in piece))
