"""A place in the source as a path inside the repository: what code scanners of forges accept, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any


def region(location: Mapping[str, Any] | None, fallback: str, base: Path) -> tuple[str, int, int]:
    """``iam.tf``, its first and last line (from 1); the first line of ``fallback`` where nobody knows the place.

    ``base``: the repository, resolved. Of a file outside of it (``/tmp/plan.json``) the name alone is said.
    """
    if location is None:
        return _inside(fallback, base), 1, 1
    first = max(1, int(location["line"]))
    return _inside(str(location["file"]), base), first, max(first, int(location["end_line"]))


def _inside(file: str, base: Path) -> str:
    place = Path(file)
    try:
        inside = Path(base, place).resolve().relative_to(base)
    except (ValueError, OSError, RuntimeError):
        inside = Path(place.name)
    text = str(PurePosixPath(inside.as_posix()))
    return "stdin" if text in ("-", ".", "") else text
