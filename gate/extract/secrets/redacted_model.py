"""The model as people may see it: no text that Terraform marks as sensitive, and none that has a secret's shape.

The model holds no place where a secret belongs. But names, conditions and tags are the author's own texts, and who
prints all of them prints what should not have been written there too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gate.extract.secrets.token_shapes import shape
from gate.inputs.documents import Documents

NOT_SHOWN = "(not shown)"
_SHORTEST = 8
"""Shorter texts are words: to hide ``create`` wherever it stands would hide the model."""


def without_secrets(document: Any, documents: Documents) -> Any:
    """A copy of ``document`` (JSON) with ``(not shown)`` in place of such texts, or of what of a text is one."""
    hidden = sorted({text for text in _sensitive(documents) if len(text) >= _SHORTEST}, key=len, reverse=True)
    return _shown(document, hidden)


def _shown(value: Any, hidden: list[str]) -> Any:
    if isinstance(value, str):
        return _text(value, hidden)
    if isinstance(value, dict):
        return {_text(key, hidden): _shown(member, hidden) for key, member in value.items()}
    return [_shown(member, hidden) for member in value] if isinstance(value, list) else value


def _text(text: str, hidden: list[str]) -> str:
    for secret in hidden:
        text = text.replace(secret, NOT_SHOWN)
    while (found := shape(text)) is not None and found[1] in text:
        text = text.replace(found[1], NOT_SHOWN)
    return text


def _sensitive(documents: Documents) -> Iterator[str]:
    for plan in documents.plans:
        for resource in plan.resources.values():
            yield from _marked(resource.after, resource.sensitive)
            yield from _marked(resource.before, resource.before_sensitive)


def _marked(value: Any, mark: Any) -> Iterator[str]:
    """The texts of ``value`` at the places where ``mark``, of the same shape, is true."""
    if isinstance(value, str):
        if mark is True:
            yield value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _marked(member, mark if mark is True else mark.get(key) if isinstance(mark, dict) else None)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            within = mark[index] if isinstance(mark, list) and index < len(mark) else None
            yield from _marked(member, mark if mark is True else within)
