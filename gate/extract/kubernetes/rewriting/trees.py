"""A part of an object that something writes into it: a tree of mappings, lists and values, some of them not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gate.extract.kubernetes.language.shapes import Place
from gate.inputs.documents import Manifest

_DEEPEST = 32
_TEMPLATES = ("spec.jobTemplate.spec.template.", "spec.template.")


class _Open:
    """Stands for what is worked out when a request comes."""

    def __repr__(self) -> str:
        return "…"


OPEN = _Open()
"""A value that nobody here knows."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What one part of ``manifest`` writes into objects of ``kinds`` (resources as a webhook names them; none: nobody
    knows which). ``tree``: ``OPEN`` where it cannot be read.
    """

    manifest: Manifest
    place: Place
    kinds: tuple[str, ...]
    tree: Any


def at_path(parts: list[str], value: Any) -> Any:  # noqa: ANN401
    """The tree that holds ``value`` behind the parts of a JSON pointer, numbers and ``-`` being places in lists."""
    for part in reversed(parts):
        value = [value] if part == "-" or part.isdigit() else {part: value}
    return value


def joined(first: Any, second: Any) -> Any:  # noqa: ANN401
    """Two trees as one; lists are put together."""
    if isinstance(first, dict) and isinstance(second, dict):
        keys = dict.fromkeys((*first, *second))
        return {k: joined(first[k], second[k]) if k in first and k in second else {**second, **first}[k] for k in keys}
    if isinstance(first, list) and isinstance(second, list):
        return [*first, *second]
    return second


def paths(tree: Any) -> Iterator[tuple[str, bool]]:  # noqa: ANN401
    """Each place that a tree writes, of a pod as if it stood alone, and whether its value is known."""
    for path, known in _leaves(tree, "", 0):
        for template in _TEMPLATES:
            if path.startswith(template):
                path = path.removeprefix(template)
        yield path or "the whole object", known


def known(tree: Any) -> Any:  # noqa: ANN401
    """The tree without what is not known."""
    if isinstance(tree, dict):
        return {key: known(value) for key, value in tree.items() if value is not OPEN}
    if isinstance(tree, list):
        return [known(value) for value in tree if value is not OPEN]
    return tree


def _leaves(tree: Any, path: str, depth: int) -> Iterator[tuple[str, bool]]:  # noqa: ANN401
    if isinstance(tree, dict) and tree and depth < _DEEPEST:
        for key, value in tree.items():
            yield from _leaves(value, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(tree, list) and tree and depth < _DEEPEST:
        for value in tree:
            yield from _leaves(value, path, depth + 1)
    else:
        yield path, tree is not OPEN and depth < _DEEPEST
