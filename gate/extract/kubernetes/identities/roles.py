"""Roles and cluster roles by content: those of the change, and those every cluster starts with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from gate.extract.kubernetes.documents.objects import location_of, manifest_id, object_id, remembered
from gate.extract.kubernetes.language.rbac_rules import PolicyRule, read_rule, split_nameless
from gate.extract.kubernetes.language.selectors import Selector, read_selector
from gate.extract.kubernetes.language.shapes import listing, mapping, pairs
from gate.inputs.documents import Manifest
from gate.model.access import Location

_AGGREGATES = "rbac.authorization.k8s.io/aggregate-to-"


@dataclass(frozen=True, slots=True)
class Statement:
    """A rule and where it stands: the role's id and the rule's index. ``built_in``: every cluster has it."""

    rule: PolicyRule
    role: str
    index: int
    location: Location | None
    built_in: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """A Role or ClusterRole. ``selectors``: of its ``aggregationRule``.

    ``manifest``: null for built-in roles.
    """

    id: str
    statements: tuple[Statement, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    selectors: tuple[Selector, ...] = ()
    manifest: Manifest | None = None

    def gathers(self, labels: Mapping[str, str]) -> bool:
        """Whether it takes over the rules of a cluster role with these labels."""
        return any(selector.matches(labels) for selector in self.selectors)


@remembered
def read_role(manifest: Manifest) -> Role:
    """A Role or ClusterRole of the change. Raises ``WrongShape``."""
    body = manifest.body
    role = manifest_id(manifest)
    statements = tuple(
        Statement(part, role, index, location_of(manifest, ("rules", index)))
        for index, rule in enumerate(listing(body.get("rules"), ("rules",)))
        for part in split_nameless(read_rule(rule, ("rules", index)))
    )
    aggregation = mapping(body.get("aggregationRule"), ("aggregationRule",))
    place = ("aggregationRule", "clusterRoleSelectors")
    written = listing(aggregation.get("clusterRoleSelectors"), place)
    selectors = tuple(read_selector(mapping(selector, (*place, index))) for index, selector in enumerate(written))
    labels = pairs(mapping(body.get("metadata"), ("metadata",)).get("labels"), ("metadata", "labels"))
    return Role(role, statements, labels, selectors, manifest)


@cache
def bootstrap() -> dict[str, Any]:
    """``bootstrap_roles.json``: what every cluster starts with; see its ``source``."""
    data: dict[str, Any] = json.loads(files(__package__).joinpath("bootstrap_roles.json").read_text("utf-8"))
    return data


@cache
def bootstrap_roles() -> dict[str, Role]:
    """The roles every cluster starts with, by id."""
    data = bootstrap()
    found = {}
    for kind, entries in (("ClusterRole", data["cluster_roles"]), ("Role", data["roles"])):
        for key, entry in entries.items():
            namespace, _, role_name = key.rpartition("/") if kind == "Role" else ("", "", key)
            role = object_id(kind, namespace, role_name)
            statements = tuple(Statement(read_rule(r, ()), role, i, None, True) for i, r in enumerate(entry["rules"]))
            selectors = tuple(read_selector(selector) for selector in entry.get("selectors", ()))
            found[role] = Role(role, statements, entry.get("labels", {}), selectors)
    return found


def role_table(own: Iterable[Role]) -> dict[str, Role]:
    """Every role by id.

    A role that is written twice holds both: which one is applied last is not known here. So does a built-in one that
    the change writes: the API server adds what is missing of it when it starts. One that says no more than every
    cluster's, as a running cluster's does, stays built in.
    """
    table = dict(bootstrap_roles())
    for role in own:
        first = table.get(role.id)
        if first and first.manifest is None and _says_no_more(role, first):
            table[role.id] = replace(first, labels={**first.labels, **role.labels})
        elif first:
            role = replace(
                role,
                statements=first.statements + role.statements,
                labels={**first.labels, **role.labels},
                selectors=first.selectors + role.selectors,
            )
            table[role.id] = role
        else:
            table[role.id] = role
    return table


def _says_no_more(role: Role, built_in: Role) -> bool:
    """A controller writes what a role with selectors gathers into its rules, over whatever stands there."""
    if any(key.startswith(_AGGREGATES) for key in role.labels.keys() - built_in.labels.keys()):
        return False
    if role.selectors or built_in.selectors:
        return role.selectors == built_in.selectors
    return {s.rule for s in role.statements} <= {s.rule for s in built_in.statements}


def effective_statements(role: Role, table: Mapping[str, Role]) -> tuple[Statement, ...]:
    """The statements of a role, with aggregation: its own and those of the cluster roles its selectors match."""
    return _gathered(role, table, frozenset())


def _gathered(role: Role, table: Mapping[str, Role], seen: frozenset[str]) -> tuple[Statement, ...]:
    if not role.selectors:
        return role.statements
    seen |= {role.id}
    found = dict.fromkeys(role.statements)
    bare = role.gathers({})
    for other in table.values():
        if not (bare or other.labels) or other.id in seen or not other.id.startswith("k8s:ClusterRole/"):
            continue
        if role.gathers(other.labels):
            found.update(dict.fromkeys(_gathered(other, table, seen)))
    return tuple(found)
