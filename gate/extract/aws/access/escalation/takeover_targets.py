"""What is in view to be taken over: roles by the services that may run them, workloads, stored credentials, groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from gate.extract.aws.language.techniques import Technique
from gate.model.access import AccessModel, Grant

_KINDS = {"user": "user", "role": "role", "joined": "group"}


@dataclass
class View:
    """Targets of one side of a change, found by how a technique finds them."""

    model: AccessModel
    services: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """ECS service → the workloads that it runs."""
    updated: frozenset[str] = frozenset()
    """The workloads of services that the caller updates, and so switches on what they refuse."""
    _workloads: dict[tuple[frozenset[str], frozenset[str], tuple[str, ...]], frozenset[str]] = field(
        default_factory=dict
    )
    _everywhere: dict[tuple[str, frozenset[str], frozenset[str], tuple[str, ...]], frozenset[str]] = field(
        default_factory=dict
    )

    def taken(self, technique: Technique, addresses: tuple[str, ...]) -> frozenset[str]:
        """The identities that a technique makes the caller's, of those that a grant's targets name."""
        way = technique.target
        if way == "passed":
            return frozenset(addresses) & self._run_by(technique.services)
        if way == "workload":
            return self._running(technique, addresses)
        if way == "trusting":
            return frozenset(addresses) & self.open_to_account
        if way == "secret":
            return frozenset(i for a in addresses for i in self.stored.get(a, ()))
        return frozenset(addresses) & self.of_kind.get(_KINDS.get(way, ""), frozenset())

    def _running(self, technique: Technique, addresses: Iterable[str]) -> frozenset[str]:
        """Whom the code of these workloads acts as, of those that the technique can do anything to."""
        taken = frozenset(address for address in addresses if address in self.runs_as)
        at = (taken, technique.never, technique.aimed)
        found = self._workloads.get(at)  # many grants share their targets
        if found is None:
            open_ = (address for address in taken if self._is_open(technique, address))
            found = self._workloads[at] = frozenset(i for address in open_ for i in self.runs_as[address])
        return found

    def _is_open(self, technique: Technique, address: str) -> bool:
        workload = self.model.workloads[address]
        refused = () if address in self.updated else workload.refused
        return workload.kind not in technique.never and not set(technique.aimed) & set(refused)

    def everywhere(self, technique: Technique) -> frozenset[str]:
        """The identities in view that a technique makes the caller's on everything."""
        at = (technique.target, technique.services, technique.never, technique.aimed)
        found = self._everywhere.get(at)
        if found is None:
            found = self._everywhere[at] = self._all(technique)
        return found

    def addresses(self, technique: Technique) -> Iterable[str]:
        """All that a grant for the technique may name in this view: what has tags, and what ``taken`` takes."""
        named: dict[str, Iterable[str]] = {"workload": self.runs_as, "secret": self.stored}
        return named.get(technique.target) or self.everywhere(technique)

    def _all(self, technique: Technique) -> frozenset[str]:
        way = technique.target
        if way == "passed":
            return self._run_by(technique.services)
        if way == "workload":
            working = self._running(technique, self.runs_as)
            return working & self._run_by(technique.services) if technique.services else working
        if way == "trusting":
            return self.open_to_account
        if way == "secret":
            return frozenset(i for ids in self.stored.values() for i in ids)
        return self.of_kind.get(_KINDS.get(way, ""), frozenset())

    def _run_by(self, services: frozenset[str]) -> frozenset[str]:
        """Roles that one of the services may run, and those from outside whose trust policies nobody has shown."""
        return self.unshown.union(*(self.runs_for.get(service, frozenset()) for service in services))

    @cached_property
    def of_kind(self) -> dict[str, frozenset[str]]:
        """Kind of identity → those of AWS."""
        found: dict[str, set[str]] = {}
        for id_, identity in self.model.identities.items():
            if identity.platform == "aws":
                found.setdefault(identity.kind, set()).add(id_)
        return {kind: frozenset(ids) for kind, ids in found.items()}

    @cached_property
    def runs_for(self) -> dict[str, frozenset[str]]:
        """Service → the roles that it may run as."""
        found: dict[str, set[str]] = {}
        for edge in self.model.trust:
            if edge.principal.kind == "service":
                found.setdefault(edge.principal.value, set()).add(edge.identity)
        return {service: frozenset(ids) for service, ids in found.items()}

    @cached_property
    def unshown(self) -> frozenset[str]:
        """Roles from outside of the change whose trust policy is not in view."""
        shown = {edge.identity for edge in self.model.trust if edge.principal.kind != "service_account"}
        identities = self.model.identities.items()
        return frozenset(i for i, identity in identities if identity.external and i not in shown)

    @cached_property
    def open_to_account(self) -> frozenset[str]:
        """Roles that let in whoever of their own account may call sts:AssumeRole, or anyone."""
        return frozenset(
            edge.identity
            for edge in self.model.trust
            if not edge.negated
            and (
                edge.principal.kind == "anyone"
                or (edge.principal.kind == "account" and edge.principal.own_account is True)
            )
        )

    @cached_property
    def runs_as(self) -> dict[str, tuple[str, ...]]:
        """Workload → the identities of this model that its code acts as."""
        return {id_: workload.runs_as for id_, workload in self.model.workloads.items() if workload.runs_as}

    @cached_property
    def stored(self) -> dict[str, frozenset[str]]:
        """Secret or parameter → the identities whose credentials the change keeps in it."""
        found: dict[str, set[str]] = {}
        for credential in self.model.credentials:
            if credential.identity is not None:
                for address in credential.stored:
                    found.setdefault(address, set()).add(credential.identity)
        return {address: frozenset(ids) for address, ids in found.items()}

    def switched_on(self, grants: Iterable[Grant]) -> frozenset[str]:
        """The workloads that refuse something as long as nobody updates the services that these grants reach."""
        reached: set[str] = set()
        for grant in grants if self._refusing else ():
            if grant.width == "everything":
                return self._refusing
            reached.update(workload for target in grant.targets for workload in self.services.get(target, ()))
        return self._refusing & reached

    @cached_property
    def _refusing(self) -> frozenset[str]:
        return frozenset(id_ for id_, workload in self.model.workloads.items() if workload.refused)

    def visible(self, target: str) -> bool:
        """Whether the target stands in the change, so that what it holds is known."""
        identity = self.model.identities.get(target)
        return identity is not None and not identity.external
