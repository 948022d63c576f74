"""The table of what the gate finds in Kubernetes: for each entry of the catalogue a flaw, and its harmless twin.

``sources/k8s_privesc.yaml`` is the catalogue, ``sources/kubernetes_coverage/<part>.yaml`` the table, by folder of
``fixtures/coverage/kubernetes``: each folder is judged once, as one change. ``rows()`` is behind ``docs/coverage.md``
and ``tests/test_coverage_kubernetes.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SOURCES = Path(__file__).parent / "sources"
FIXTURES = Path(__file__).parents[2] / "fixtures" / "coverage" / "kubernetes"
PARTS = {
    "rbac": "RBAC rules",
    "bindings": "Bindings",
    "pod_settings": "Settings of pods",
    "cloud_bridges": "Bridges to a cloud",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: the folder of its pair, which rule has to speak about ``caught``, and ``says``: what its finding has
    to name in its message, path or evidence. ``twin_by``: in what the twin differs. ``missing``: why there is no pair.
    """

    entry: str
    part: str
    folder: str = ""
    rule: str = ""
    says: str = ""
    caught: str = ""
    twin: str = ""
    twin_by: str = ""
    note: str = ""
    missing: str = ""


@cache
def entries(part: str) -> tuple[str, ...]:
    """The ids of one part of the catalogue, in its order."""
    catalogue: dict[str, Any] = _loaded(SOURCES / "k8s_privesc.yaml")
    return tuple(entry["id"] for entry in catalogue[part])


@cache
def table(part: str) -> dict[str, Row]:
    """The rows of one part by entry; an entry that stands in two folders is an error."""
    found: dict[str, Row] = {}
    for folder, rows in _loaded(SOURCES / "kubernetes_coverage" / f"{part}.yaml").items():
        for entry, row in rows.items():
            assert entry not in found, f"{part}.yaml: {entry} stands twice"
            found[entry] = Row(entry, part, folder, **row)
    return found


def rows() -> Iterator[Row]:
    """Every row, in the order of the catalogue."""
    for part in PARTS:
        yield from (table(part)[entry] for entry in entries(part) if entry in table(part))


def section() -> Iterator[str]:
    """The lines of the page about Kubernetes."""
    every = list(rows())
    yield "## Kubernetes"
    yield ""
    yield f"**{sum(not row.missing for row in every)} of {sum(len(entries(part)) for part in PARTS)}.**"
    yield "Each folder is judged as one change. *Says* is what the finding names: the right, the setting or the object"
    yield "that is the flaw, so that no broader rule counts for it."
    for part, title in PARTS.items():
        here = [row for row in every if row.part == part]
        yield ""
        yield f"### {title}: {sum(not row.missing for row in here)} of {len(entries(part))}"
        yield ""
        yield "| | rule | says | folder | caught | twin | twin by |"
        yield "|---|---|---|---|---|---|---|"
        yield from (_line(row) for row in here)


def _line(row: Row) -> str:
    if row.missing:
        return f"| {row.entry} | *not judged: {row.missing}* | | | | | |"
    folder = f"[{row.folder}](../fixtures/coverage/kubernetes/{row.folder})"
    by = f"{row.twin_by}. {row.note}" if row.note else row.twin_by
    return f"| {row.entry} | {row.rule} | {row.says} | {folder} | `{row.caught}` | `{row.twin}` | {by} |"


def _loaded(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
