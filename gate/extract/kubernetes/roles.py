"""Roles and cluster roles by content: those of the change, and those every cluster starts with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from gate.extract.kubernetes.objects import location_of, manifest_id, object_id, remembered
from gate.extract.kubernetes.rules import PolicyRule, read_rule, split_nameless
from gate.extract.kubernetes.shapes import listing, mapping, name, pairs, text, texts
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
    """A Role or ClusterRole. ``selectors``: of its ``aggregationRule``, label selectors as written.

    ``manifest``: null for built-in roles.
    """

    id: str
    statements: tuple[Statement, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    selectors: tuple[Mapping[str, Any], ...] = ()
    manifest: Manifest | None = None


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
    selectors = listing(aggregation.get("clusterRoleSelectors"), place)
    for index, selector in enumerate(selectors):
        selects(mapping(selector, (*place, index)), {})
    labels = pairs(mapping(body.get("metadata"), ("metadata",)).get("labels"), ("metadata", "labels"))
    return Role(role, statements, labels, tuple(selectors), manifest)


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
            found[role] = Role(role, statements, entry.get("labels", {}), tuple(entry.get("selectors", ())))
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
    for other in table.values():
        if other.id in seen or not other.id.startswith("k8s:ClusterRole/"):
            continue
        if any(selects(selector, other.labels) for selector in role.selectors):
            found.update(dict.fromkeys(_gathered(other, table, seen)))
    return tuple(found)


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Does a label selector (``matchLabels``, ``matchExpressions``) match? An empty one matches everything.

    Raises ``WrongShape``.
    """
    wanted = pairs(selector.get("matchLabels"), ("matchLabels",))
    expressions = listing(selector.get("matchExpressions"), ("matchExpressions",))
    matches = [_holds(mapping(e, ("matchExpressions", i)), labels) for i, e in enumerate(expressions)]
    return all(labels.get(key) == value for key, value in wanted.items()) and all(matches)


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key = name(expression.get("key"), ("matchExpressions", "key"))
    values = texts(expression.get("values"), ("matchExpressions", "values"))
    operator = text(expression.get("operator"), ("matchExpressions", "operator"))
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    return (key in labels) == (operator == "Exists")
