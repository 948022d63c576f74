"""Texts by what they begin with, so that one is not compared with all of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache

from gate.extract.aws.language import patterns


class Beginnings:
    """Texts by what is known of their beginning; how they go on is not known, or is a pattern."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        self._sorted = sorted(entries)
        self._exactly: dict[str, list[str]] = {}
        for begins, text in self._sorted:
            self._exactly.setdefault(begins, []).append(text)

    def all(self) -> Iterator[str]:
        """Every text."""
        return (text for _, text in self._sorted)

    def before(self, prefix: str) -> Iterator[str]:
        """Those of which all that is known is how ``prefix`` begins."""
        for length in range(len(prefix) + 1):
            yield from self._exactly.get(prefix[:length], ())

    def beside(self, prefix: str) -> Iterator[str]:
        """Those that may begin with ``prefix``: what is known of them is longer, or as much of it as there is."""
        for length in range(len(prefix)):
            yield from self._exactly.get(prefix[:length], ())
        for at in range(bisect_left(self._sorted, (prefix,)), len(self._sorted)):
            begins, text = self._sorted[at]
            if not begins.startswith(prefix):
                break
            yield text


@lru_cache(maxsize=256)
def of_patterns(some: tuple[str, ...]) -> Beginnings:
    """Patterns by the text that all they cover begins with."""
    return Beginnings((patterns.literal_prefix(pattern), pattern) for pattern in some)


def overlapping(some: tuple[str, ...], pattern: str) -> set[str]:
    """Those of ``some`` that cover a text which ``pattern`` covers too."""
    near = of_patterns(some).beside(patterns.literal_prefix(pattern))
    return {one for one in near if patterns.overlaps(one, pattern)}


def covered(some: tuple[str, ...], pattern: str) -> bool:
    """Whether one of ``some`` covers all that ``pattern`` covers, for certain."""
    near = of_patterns(some).before(patterns.literal_prefix(pattern))
    return any(patterns.contains(one, pattern) for one in near)
