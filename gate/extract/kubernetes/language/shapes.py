"""Read values of a manifest in the shape the Kubernetes API gives them; another shape is an error naming the place."""

from __future__ import annotations

import re
from typing import Any

from gate.errors import InputError

Place = tuple[str | int, ...]
_OPEN = re.compile(r"\{\{|\$[{(]")  # a template's place, a variable of envsubst or of a kustomization


class WrongShape(InputError):
    """A value of a manifest does not have the shape the API demands; ``place`` says where. Never carries the value."""

    def __init__(self, place: Place, expected: str, found: object) -> None:
        self.place = place
        super().__init__(f"{dotted(place)} is {_kind(found)}, expected {expected}")


def mapping(value: object, place: Place) -> dict[str, Any]:
    """``value`` as a mapping; null is an empty one. Raises ``WrongShape``."""
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise WrongShape(place, "a mapping", value)
    return value


def listing(value: object, place: Place) -> list[Any]:
    """``value`` as a list; null is an empty one. Raises ``WrongShape``."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise WrongShape(place, "a list", value)
    return value


def text(value: object, place: Place) -> str | None:
    """``value`` as text or ``None``. Raises ``WrongShape``."""
    if value is None or (isinstance(value, str) and "{{" not in value):
        return value
    raise WrongShape(place, "text", value)


def name(value: object, place: Place) -> str:
    """``value`` as text that is not empty. Raises ``WrongShape``."""
    if isinstance(value, str) and value and "{{" not in value:
        return value
    raise WrongShape(place, "a name", value)


def texts(value: object, place: Place) -> tuple[str, ...]:
    """``value`` as a list of texts that are all there. Raises ``WrongShape``."""
    items = listing(value, place)
    for index, item in enumerate(items):
        if not isinstance(item, str):
            raise WrongShape((*place, index), "text", item)
    return tuple(filled(item, (*place, index)) for index, item in enumerate(items))


def filled(value: str, place: Place) -> str:
    """``value`` when no part of it is left open. Raises ``WrongShape``."""
    if _OPEN.search(value):
        raise WrongShape(place, "text", value)
    return value


def flag(value: object, place: Place) -> bool | None:
    """``value`` as true, false or ``None``. Raises ``WrongShape``."""
    if value is None or isinstance(value, bool):
        return value
    raise WrongShape(place, "true or false", value)


def pairs(value: object, place: Place) -> dict[str, str]:
    """Labels or annotations. Raises ``WrongShape``."""
    found = mapping(value, place)
    for key, item in found.items():
        if item is not None and not isinstance(item, str):
            raise WrongShape((*place, key), "text", item)
    return {key: item or "" for key, item in found.items()}


def dotted(place: Place) -> str:
    """``("spec", "containers", 0)`` → ``spec.containers[0]``."""
    written = ""
    for part in place:
        written += f"[{part}]" if isinstance(part, int) else f".{part}"
    return written.removeprefix(".") or "the object"


def _kind(value: object) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    if isinstance(value, str) and _OPEN.search(value):
        return "a template that was not rendered"
    return "missing" if value is None else names.get(type(value), "something else")
