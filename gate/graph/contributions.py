"""What the numbers of an identity's reach are made of, for the limits that an organisation sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from gate.graph.chains import Chains
from gate.graph.holdings import Holdings
from gate.graph.network import members
from gate.graph.world import World
from gate.model.graph import Contribution, Contributor

_LARGEST = 3
_LISTED = 100
_THINGS = {"max_secrets": "secret", "destroy": "destroy"}


@dataclass(slots=True)
class Contributions:
    """Finds the largest contributors to each number that ``limits`` of ``gate.yaml`` can name."""

    world: World
    holdings: Holdings
    chains: Chains
    _shared: dict[tuple[int, str], tuple[tuple[tuple[int, str, str, str], ...], frozenset[str]]] = field(
        default_factory=dict
    )

    def all(self, ids: Iterable[str]) -> dict[str, dict[str, Contribution]]:
        """For each identity: name of the limit → what the number is made of."""
        return {id_: {name: self._of(id_, name) for name in (*_THINGS, *_SIZES)} for id_ in ids}

    def _of(self, id_: str, name: str) -> Contribution:
        bits = self.world.reached[self.world.network.at[id_]] & self.world.identities
        reached_by = [self.world.network.names[n] for n in members(bits)]
        if name in _THINGS:
            ranked, reached = self._by_grant(bits, reached_by, _THINGS[name])
            largest = [self._grant(id_, one) for one in ranked]
        else:
            size, found = _SIZES[name]
            sized = [(0 - n, other) for other in reached_by if (n := size(self, id_, other))]
            largest = [Contributor(other, 0 - n) for n, other in sorted(sized)[:_LARGEST]]
            reached = frozenset(item for other in reached_by for item in found(self, other))
        way = self.chains.way(id_, largest[0].holder) if largest and largest[0].holder != id_ else []
        listed = tuple(sorted(reached)) if len(reached) <= _LISTED else ()
        return Contribution(tuple(largest), listed, len(reached), tuple(way))

    def _by_grant(
        self, bits: int, ids: list[str], does: str
    ) -> tuple[tuple[tuple[int, str, str, str], ...], frozenset[str]]:
        found = self._shared.get((bits, does))
        if found is None:
            reached = frozenset(" ".join(t) for i in ids for t in self.holdings.of(i).things if t[0] == does)
            by_grant: dict[tuple[str, str], tuple[int, str]] = {}
            for size, key, action, holder in self._granted(ids, does):
                by_grant.setdefault((key, action), (size, holder))
            ranked = sorted((0 - size, key, action, holder) for (key, action), (size, holder) in by_grant.items())
            found = self._shared[(bits, does)] = (tuple(ranked[:_LARGEST]), reached)
        return found

    def _granted(self, ids: list[str], does: str) -> Iterator[tuple[int, str, str, str]]:
        through = self.world.model.openings.things
        for id_ in sorted(ids):
            for action, keys in self.world.model.identities[id_].grants.items():
                for key in keys:
                    things = through(action, key) if through else ()
                    if size := sum(1 for thing in things if thing[0] == does):
                        yield size, key, action, id_

    def _grant(self, id_: str, ranked: tuple[int, str, str, str]) -> Contributor:
        size, key, action, holder = ranked
        own = key in self.world.model.identities[id_].grants.get(action, ())
        return Contributor(id_ if own else holder, 0 - size, key, action)

    def administrator(self, _id: str, other: str) -> int:
        """One for each administrator."""
        return int(other in self.world.administrators)

    def services(self, _id: str, other: str) -> int:
        """How many services the other holds rights of."""
        return self.holdings.of(other).service_count

    def identities(self, id_: str, other: str) -> int:
        """How many identities the other becomes, itself included, where it is one step away."""
        world = self.world
        if other == id_ or len(self.chains.way(id_, other)) != 1:
            return 0
        return (world.reached[world.network.at[other]] & world.identities).bit_count()

    def environments(self, id_: str, other: str) -> int:
        """One for each that brings another environment."""
        return int(bool(self.holdings.of(other).environments - self.holdings.of(id_).environments))

    def accounts(self, id_: str, other: str) -> int:
        """One for each that brings another account."""
        return int(bool(self.holdings.of(other).accounts - self.holdings.of(id_).accounts))


_Size = Callable[[Contributions, str, str], int]
_Found = Callable[[Contributions, str], Iterable[str]]
_SIZES: dict[str, tuple[_Size, _Found]] = {
    "admin": (Contributions.administrator, lambda c, other: [other] if other in c.world.administrators else []),
    "max_services": (Contributions.services, lambda c, other: c.holdings.of(other).services),
    "max_identities": (Contributions.identities, lambda c, other: [other]),
    "cross_environment": (Contributions.environments, lambda c, other: c.holdings.of(other).environments),
    "cross_account": (Contributions.accounts, lambda c, other: c.holdings.of(other).accounts),
}
