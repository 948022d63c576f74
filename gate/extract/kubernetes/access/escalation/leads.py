"""Whom the ways of Kubernetes lead to: accounts of a namespace, those of running pods, those whose tokens are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property

from gate.extract.kubernetes.access.escalation.way_definitions import Path, deployers, paths_by_id
from gate.extract.kubernetes.access.escalation.ways import Ways
from gate.model.access import AccessModel, Grant, Identity
from gate.model.graph import Way
from gate.model.openings import Opening

_DEFAULT_ACCOUNT = "controller-default-account"


@dataclass
class Leads:
    """The identities that a way of one model leads to."""

    model: AccessModel

    def place(self, becomes: str, scope: str) -> frozenset[str]:
        """Those of a place: a namespace, or ``*``. What is named only is in no place."""
        if becomes == "named":
            return frozenset()
        table = {"accounts": self._accounts, "running": self._running, "tokens": self._tokens}[becomes]
        if scope == "*":
            return frozenset(i for ids in table.values() for i in ids)
        return frozenset(table.get(scope, ()))

    def controllers(self, way: Way) -> frozenset[str]:
        """Those that apply the objects which a way writes, with their own rights, wherever they run."""
        groups = {action.split(" ")[1].split("/")[0] for action in way.actions}
        patterns = [pattern for group in groups for pattern in deployers().get(group, ())]
        found = {i for i, name in self._names if any(fnmatchcase(name, pattern) for pattern in patterns)}
        return frozenset(i for i in found if not self._acts_for_tenants(i))

    def _acts_for_tenants(self, controller: str) -> bool:
        """Whether each of its workloads applies what names no account as an account of the tenant's namespace."""
        workloads = [w for w in self.model.workloads.values() if controller in w.runs_as]
        return bool(workloads) and all(_DEFAULT_ACCOUNT in {s.name for s in w.settings} for w in workloads)

    @cached_property
    def _names(self) -> list[tuple[str, str]]:
        identities = self.model.identities.items()
        return [(id_, identity.name) for id_, identity in identities if identity.kind == "service_account"]

    def by_name(self, path: Path, way: Way) -> frozenset[str]:
        """Those that a way leads to which resourceNames limit."""
        if path.any_name:
            return self.place("accounts", way.scope)
        return frozenset(i for key in way.keys for i in self._named(path.becomes or "", self.model.grants[key]))

    def _named(self, becomes: str, grant: Grant) -> Iterable[str]:
        if becomes == "named":
            return grant.targets
        if becomes == "tokens":
            wanted = set(grant.targets)
            return (c.identity for c in self.model.credentials if c.source.address in wanted and c.identity)
        if becomes == "running":
            pods = (self.model.workloads.get(f"k8s:Pod/{resource}") for resource in grant.resources)
            return (i for pod in pods if pod for i in pod.runs_as)
        return self._accounts_named(grant)

    def _accounts_named(self, grant: Grant) -> Iterator[str]:
        for resource in grant.resources:
            scope, _, name = resource.partition("/")
            for namespace in self._accounts if scope == "*" else (scope,):
                found = f"k8s:ServiceAccount/{namespace}/{name}"
                if found in self._accounts.get(namespace, ()):
                    yield found

    @cached_property
    def _accounts(self) -> dict[str, dict[str, None]]:
        found: dict[str, dict[str, None]] = {}
        for id_, identity in self.model.identities.items():
            if identity.kind == "service_account" and identity.namespace is not None:
                found.setdefault(identity.namespace, {})[id_] = None
        return found

    @cached_property
    def _running(self) -> dict[str, dict[str, None]]:
        found: dict[str, dict[str, None]] = {}
        for workload in self.model.workloads.values():
            if workload.token and workload.namespace is not None:  # a pod without a token gives nobody its account
                found.setdefault(workload.namespace, {}).update(dict.fromkeys(workload.runs_as))
        return found

    @cached_property
    def _tokens(self) -> dict[str, dict[str, None]]:
        found: dict[str, dict[str, None]] = {}
        for credential in self.model.credentials:
            identity = self.model.identities.get(credential.identity or "")
            if identity is not None and identity.namespace is not None:
                found.setdefault(identity.namespace, {})[identity.id] = None
        return found


def add_openings(model: AccessModel) -> None:
    """State the ways of each identity of Kubernetes in ``model``, and the openings that they are."""
    ways, leads = Ways(model, model.openings.entries), Leads(model)
    for id_, identity in model.identities.items():
        if identity.platform == "kubernetes":
            _add(id_, identity, model, ways, leads)


def _add(id_: str, identity: Identity, model: AccessModel, ways: Ways, leads: Leads) -> None:
    openings = model.openings
    found = ways.of(id_)
    if identity.all_access == "unconditional" or any(_makes_administrators(way) for way in found):
        openings.administrators.add(id_)
    told, keys, steps = [], dict[str, None](), dict[str, None]()
    for way, by_name in [*((way, False) for way in found), *((way, True) for way in ways.limited(id_))]:
        path = paths_by_id()[way.path]
        if path.becomes is None:
            told.append(way)
            continue
        if path.becomes == "controllers":
            targets = leads.controllers(way) - {id_}
        else:
            targets = leads.by_name(path, way) if way.limited else leads.place(path.becomes, way.scope)
        key = openings.enter(Opening(path.id, "becomes", targets))
        told.append(replace(way, leads=key, by_name=by_name))
        if targets:
            keys[key] = None
        place = f"{path.becomes} {way.scope}"
        steps.update(dict.fromkeys(targets if by_name or path.becomes == "controllers" else (place,)))
    if told:
        openings.ways[id_] = told
    if identity.all_access == "none":
        openings.hold(id_, list(keys))
        openings.steps[id_] = list(steps)


def _makes_administrators(way: Way) -> bool:
    path = paths_by_id()[way.path]
    by_name = path.administrator_by_name and "privileged" in way.limits.values()
    return by_name or (path.administrator and way.scope == "*")
