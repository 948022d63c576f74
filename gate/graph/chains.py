"""The shortest chains over other identities, edge by edge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from gate.graph.world import JOINED, Rewriting, World
from gate.model.graph import Chain, Gain, Step, StepKind
from gate.model.openings import Opening

_SHOWN = 20
"""Of a chain that has more than twice as many steps, so many are shown from each end."""


@dataclass(slots=True)
class Chains:
    """Chains of one side. ``gains``: identity or state → its own gains."""

    world: World
    gains: Mapping[str, list[Gain]]

    def of_gains(self) -> dict[str, Chain]:
        """Identity → its chain to somebody who gains by itself, for those who gain less by themselves.

        Chains to administrators come before chains to what nobody can list.
        """
        sure = {name for name, found in self.gains.items() if any(_is_sure(gain) for gain in found)}
        leading = {name for name, found in self.gains.items() if name not in sure and self._leads(name, found)}
        found = self._towards(sure)
        for name, chain in self._towards(sure | leading, skip=leading).items():
            found.setdefault(name, chain)
        for name in self.world.model.identities:
            ways = [self._bringing(name, rewriting) for rewriting in self.world.over_others(name)]
            if ways and len(shortest := min(ways, key=lambda steps: (len(steps), str(steps)))) > 1:
                found[name] = _chain(shortest, name)
        return found

    def _leads(self, name: str, gains: list[Gain]) -> bool:
        """Whether what it gains where nobody can list it is worth a chain."""
        table = self.world.model.openings.table
        state = self.world.states.get(name)
        keys = state.openings if state else self.world.model.openings.held.get(name, ())
        strong = {table[key].technique for key in keys if table[key].leads}
        return any(
            gain.technique in strong and gain.gains in ("everything", "pattern", "conventional") for gain in gains
        )

    def to_administrator(self, ids: Iterable[str]) -> dict[str, Chain]:
        """Identity → its chain to the nearest administrator, of these identities."""
        found = self._towards(self.world.administrators) if ids else {}
        return {id_: found[id_] for id_ in ids if id_ in found}

    def _towards(self, goals: Iterable[str], skip: Iterable[str] = ()) -> dict[str, Chain]:
        network = self.world.network
        onward = network.towards(network.at[goal] for goal in goals if goal in network.at)
        found: dict[str, Chain] = {}
        for name in self.world.model.identities:
            at = network.at[name]
            if at in onward:
                told, end = self._follow(at, onward)
                found[name] = _chain(told, end)
        return {name: chain for name, chain in found.items() if name not in skip}

    def _follow(self, at: int, onward: Mapping[int, int]) -> tuple[list[Step], str]:
        """The steps from a node to its goal, and who that is."""
        names = self.world.network.names
        nodes = [at]
        while nodes[-1] in onward:
            nodes.append(onward[nodes[-1]])
        return self.steps([names[node] for node in nodes]), names[nodes[-1]]

    def way(self, source: str, target: str) -> list[Step]:
        """A shortest way from one identity to another."""
        network = self.world.network
        nodes = network.path(network.at[source], network.at[target])
        return self.steps([network.names[node] for node in nodes])

    def _bringing(self, holder: str, rewriting: Rewriting, avoided: frozenset[str] = frozenset()) -> list[Step]:
        """To whoever holds one of the openings, what it writes or lifts, and how the holder becomes whose that is.

        ``avoided``: states that are no way there, since they are told already.
        """
        avoided |= {rewriting.state}
        ways = [self._to_opening(holder, key, rewriting, avoided) for key in rewriting.openings]
        writing = min(ways, key=lambda steps: (len(steps), str(steps)))
        return [*writing, *self._plain(holder, rewriting.through, avoided)]

    def _to_opening(self, holder: str, key: str, rewriting: Rewriting, avoided: frozenset[str]) -> list[Step]:
        """A shortest way to whoever holds an opening that writes or lifts, and that step itself."""
        openings = self.world.model.openings
        opening = openings.table[key]
        nodes = self._names(holder, key, avoided)
        who = nodes[-2] if len(nodes) > 1 else holder
        table = openings.rights_of if opening.kind == "writes" else openings.guardrails.get(opening.guardrail or "", {})
        aimed = [t for t in opening.targets if {rewriting.identity, rewriting.through} & table.get(t, frozenset())]
        aimed += [t for t in opening.targets if f"{JOINED}{t}" in rewriting.changes]
        step = Step(_whose(who), opening.technique, min(aimed or opening.targets), _kind(opening))
        return [*self.steps(nodes[:-1], avoided), step]

    def _plain(self, source: str, target: str, avoided: frozenset[str]) -> list[Step]:
        return self.steps(self._names(source, target, avoided), avoided) if source != target else []

    def _names(self, source: str, target: str, avoided: frozenset[str]) -> list[str]:
        """The nodes of a shortest way, without states where there is one."""
        network = self.world.network
        for states in (self.world.states, avoided):
            some = sum(1 << network.at[name] for name in states)
            if nodes := network.path(network.at[source], network.at[target], some):
                return [network.names[node] for node in nodes]
        return []

    def steps(self, nodes: list[str], avoided: frozenset[str] = frozenset()) -> list[Step]:
        """The edges along nodes: identities, the openings between them, and states of identities."""
        world = self.world
        table, entries = world.model.openings.table, world.model.openings.entries
        found: list[Step] = []
        for at in range(len(nodes) - 1):
            source, target = nodes[at], nodes[at + 1]
            if target in table:
                continue
            if source in table:
                found.append(Step(_whose(nodes[at - 1]), table[source].technique, target))
            elif target in world.states:
                rewriting = next(r for r in world.rewritings[source] if r.state == target)
                own = [key for key in rewriting.openings if key in world.model.openings.held.get(source, ())]
                rewriting = replace(rewriting, openings=tuple(own) or rewriting.openings)
                found.extend(self._bringing(source, rewriting, avoided))
            else:
                found.append(Step(source, entries[source][target], target))
        return found


def _kind(opening: Opening) -> StepKind:
    if opening.kind == "joins":
        return "becomes"
    return "lifts" if opening.kind == "lifts" else "writes"


def _whose(name: str) -> str:
    return name.partition(" (")[0]


def _is_sure(gain: Gain) -> bool:
    return gain.confidence == "proven" and gain.gains in ("administrator", "anything")


def _chain(steps: list[Step], end: str) -> Chain:
    shown = steps if len(steps) <= 2 * _SHOWN else [*steps[:_SHOWN], *steps[-_SHOWN:]]
    return Chain(tuple(shown), end, len(steps))
