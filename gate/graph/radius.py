"""How much each identity reaches: counts of what it holds and of what those hold that it can become."""

from __future__ import annotations

from dataclasses import dataclass, field

from gate.graph.holdings import Holdings
from gate.graph.network import members
from gate.graph.world import World
from gate.model.graph import Reach, Stores, Width
from gate.model.openings import Thing

_LISTED = 50
_KINDS = ("services", "actions", "things", "accounts", "environments")


@dataclass(slots=True)
class Bits:
    """What one node holds, as sets of numbers; ``count``: services where their names are not listed."""

    sets: tuple[int, ...] = (0,) * len(_KINDS)
    count: int = 0

    def union(self, other: Bits) -> Bits:
        """Both together."""
        sets = tuple(a | b for a, b in zip(self.sets, other.sets, strict=True))
        return Bits(sets, max(self.count, other.count))


@dataclass(slots=True)
class Radius:
    """Counts what identities reach. ``things``: key → what can be done → width and number for each service."""

    world: World
    holdings: Holdings
    things: dict[str, dict[str, list[Stores]]] = field(default_factory=dict)
    _at: dict[str, dict[object, int]] = field(default_factory=lambda: {kind: {} for kind in _KINDS})
    _held: list[Bits] = field(default_factory=list)
    _together: dict[int, Bits] = field(default_factory=dict)
    _thing_keys: dict[int, str] = field(default_factory=dict)
    _holding: int = 0

    def build(self) -> None:
        """Number what every node holds."""
        for at, name in enumerate(self.world.network.names):
            if name in self.world.model.identities or name in self.world.states:
                held = self.holdings.of(name)
                parts = (held.services, held.actions, held.things, held.accounts, held.environments)
                sets = tuple(self._set(kind, part) for kind, part in zip(_KINDS, parts, strict=True))
                self._held.append(Bits(sets, held.service_count))
                self._holding |= 1 << at
            else:
                self._held.append(Bits())

    def _set(self, kind: str, items: frozenset[object]) -> int:
        numbers = self._at[kind]
        return sum(1 << numbers.setdefault(item, len(numbers)) for item in items)

    def of(self, name: str) -> Reach:
        """The reach of an identity."""
        world = self.world
        at = world.network.at[name]
        reached = world.reached[at]
        all_ = self._all(at, reached & self._holding)
        others = reached & world.identities & ~(1 << at)
        count = others.bit_count()
        names = world.network.names
        administrators = reached & world.administrator_set
        services, actions, things, accounts, environments = all_.sets
        return Reach(
            administrator=bool(administrators),
            becomes=tuple(sorted(names[n] for n in members(others))) if count <= _LISTED else (),
            identities=count,
            services=max(services.bit_count(), all_.count),
            actions=actions.bit_count(),
            accounts=max(1, accounts.bit_count()),
            environments=self.named("environments", environments),
            things=self._key(things),
        )

    def administrators(self, name: str) -> tuple[str, ...]:
        """The administrators that an identity can become; of many the first."""
        world = self.world
        at = world.network.at[name]
        bits = world.reached[at] & world.administrator_set & world.identities & ~(1 << at)
        return tuple(sorted(world.network.names[n] for n in members(bits, _LISTED)))

    def named(self, kind: str, bits: int) -> tuple[str, ...]:
        """The items of a set of numbers."""
        items = list(self._at[kind])
        return tuple(sorted(str(items[n]) for n in members(bits)))

    def _all(self, at: int, reached: int) -> Bits:
        """All that a node reaches. Who can become each other reach the same; many others reach the same beside
        themselves.
        """
        found = self._together.get(reached)
        if found is None:
            found = self._together[reached] = self._held[at].union(self._others(reached & ~(1 << at)))
        return found

    def _others(self, reached: int) -> Bits:
        found = self._together.get(reached)
        if found is None:
            found = Bits()
            for node in members(reached):
                found = found.union(self._held[node])
            self._together[reached] = found
        return found

    def _key(self, bits: int) -> str:
        found = self._thing_keys.get(bits)
        if found is None:
            found = self._thing_keys[bits] = f"t{len(self._thing_keys) + 1}"
            self.things[found] = self._counted(bits)
        return found

    def _counted(self, bits: int) -> dict[str, list[Stores]]:
        items: list[Thing] = list(self._at["things"])  # type: ignore[arg-type]
        parts: dict[tuple[str, str], list[str]] = {}
        for n in members(bits):
            does, service, width, _ = items[n]
            parts.setdefault((does, service), []).append(width)
        found: dict[str, list[Stores]] = {}
        for (does, _), widths in sorted(parts.items()):
            widest: Width = "every" if "every" in widths else "pattern" if "pattern" in widths else "named"
            found.setdefault(does, []).append(Stores(widest, len(widths)))
        return found
