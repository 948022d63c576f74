"""The ways of Kubernetes as data (``escalation.json``, written by ``make knowledge``)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Path:
    """One path; ``rego/gate/knowledge/kubernetes/data.yaml`` describes each field.

    ``counts``: the scopes and limits in which it is reported at all (cluster, namespace, system, named, privileged).
    """

    id: str
    needs: tuple[tuple[str, ...], ...]
    counts: frozenset[str]
    becomes: str | None = None
    where: str | None = None
    only_namespaces: frozenset[str] | None = None
    any_name: bool = False
    pod_security: bool = False
    covered_by: tuple[str, ...] = ()
    node_restricted: bool = False
    administrator: bool = False
    administrator_by_name: bool = False
    unlimited: bool = False
    hands_on: bool = False
    literal: bool = False
    privileged_names: frozenset[str] = frozenset()

    def counts_in(self, scope: str, limit: str) -> bool:
        """Whether a right of this scope is reported under a limit of its names: free, privileged or named."""
        if limit == "named" or (limit == "privileged" and "privileged" in self.counts):
            return limit in self.counts
        if scope == "*":
            return "cluster" in self.counts
        if scope in system_namespaces():
            return bool({"system", "cluster"} & self.counts)
        return "namespace" in self.counts


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(files(__package__).joinpath("escalation.json").read_text("utf-8"))
    return data


@cache
def system_namespaces() -> frozenset[str]:
    """Namespaces whose accounts keep the cluster running."""
    return frozenset(_data()["system_namespaces"])


@cache
def powerful_actions() -> frozenset[str]:
    """Actions that by themselves are a path of weight in the whole cluster."""
    return frozenset(_data()["powerful"])


@cache
def deployers() -> dict[str, tuple[str, ...]]:
    """API group of objects that a controller applies with its own rights → patterns of the names of its account."""
    return {group: tuple(names) for group, names in _data()["deployers"].items()}


@cache
def secret_reads() -> frozenset[str]:
    """Actions that read secrets."""
    return frozenset(_data()["secret_reads"])


@cache
def paths() -> tuple[Path, ...]:
    """Every path, in the order of the data."""
    return tuple(_path(found) for found in _data()["paths"])


@cache
def paths_by_id() -> dict[str, Path]:
    """Each path by its id."""
    return {path.id: path for path in paths()}


@cache
def starts() -> dict[str, tuple[Path, ...]]:
    """Action → the paths whose first need it fulfils."""
    found: dict[str, list[Path]] = {}
    for path in paths():
        for action in path.needs[0]:
            found.setdefault(action, []).append(path)
    return {action: tuple(several) for action, several in found.items()}


def _path(found: dict[str, Any]) -> Path:
    sets: dict[str, Any] = {
        name: frozenset(found[name]) for name in ("counts", "only_namespaces", "privileged_names") if name in found
    }
    lists: dict[str, Any] = {
        "needs": tuple(tuple(need) for need in found["needs"]),
        "covered_by": tuple(found.get("covered_by", ())),
    }
    return Path(**{**found, **sets, **lists})
