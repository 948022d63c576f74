"""What an identity, or a state of one, holds itself: services, sensitive actions, data stores and secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from gate.graph.world import World
from gate.model.access import AccessModel, Identity
from gate.model.openings import State, Thing


@dataclass(frozen=True, slots=True)
class Held:
    """All of it. ``service_count``: where the names of services are not listed, how many there are."""

    services: frozenset[str]
    service_count: int
    actions: frozenset[str]
    things: frozenset[Thing]
    accounts: frozenset[str]
    environments: frozenset[str]


@dataclass(slots=True)
class Holdings:
    """Looks it up by the name of a node; many hold the same."""

    world: World
    _mounted: dict[str, set[Thing]] | None = None
    _found: dict[str, Held] = field(default_factory=dict)

    def of(self, name: str) -> Held:
        """What a node holds. Secrets that workloads hand to the code which runs as it count."""
        found = self._found.get(name)
        if found is None:
            state = self.world.states.get(name)
            found = self._found[name] = self._of_state(name, state) if state else self._of_identity(name)
        return found

    def _of_identity(self, name: str) -> Held:
        identity = self.world.model.identities[name]
        account = _account(identity, self.world.model)
        return Held(
            frozenset(identity.service_names),
            identity.services,
            frozenset(identity.grants),
            self._granted(identity.grants) | frozenset(self._handed().get(name, ())),
            frozenset([account] if account else []),
            frozenset([identity.environment] if identity.environment else []),
        )

    def _of_state(self, name: str, state: State) -> Held:
        names, actions = frozenset(state.service_names), frozenset(state.grants)
        return Held(names, state.services, actions, self._granted(state.grants), frozenset(), frozenset())

    def _granted(self, grants: dict[str, tuple[str, ...]]) -> frozenset[Thing]:
        through = self.world.model.openings.things
        if through is None or not grants:
            return frozenset()
        return frozenset(t for action, keys in grants.items() for key in keys for t in through(action, key))

    def _handed(self) -> dict[str, set[Thing]]:
        if self._mounted is None:
            self._mounted = {}
            for workload in self.world.model.workloads.values():
                for reference in workload.secrets:
                    for id_ in workload.runs_as:
                        thing = ("secret", "workload", "named", reference.secret)
                        self._mounted.setdefault(id_, set()).add(thing)
        return self._mounted

    def more(self, other: str, than: str) -> Literal["secrets", "data"] | None:
        """Whether another holds secrets, or else data, that the one does not."""
        gained = self.of(other).things - self.of(than).things
        whole = {(does, service) for does, service, width, _ in self.of(than).things if width == "every"}
        does = {thing[0] for thing in gained if (thing[0], thing[1]) not in whole}
        return "secrets" if "secret" in does else "data" if does else None


def _account(identity: Identity, model: AccessModel) -> str | None:
    """The account of the change itself may have no number yet."""
    if identity.account is not None:
        return identity.account
    if identity.platform != "aws" or identity.external:
        return None
    return next(iter(model.own_accounts)) if len(model.own_accounts) == 1 else "own"
