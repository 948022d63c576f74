"""Nodes and edges of one side, and whom each node can become.

Nodes are identities, the openings they hold, and states that identities could be brought to. Sets of nodes are
integers, one bit a node: the reach of a component is one operation for each edge that leaves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import rustworkx as rx


@dataclass(slots=True)
class Network:
    """A graph that grows. ``terminal``: nodes that reach everything there is, so that nobody walks on from there."""

    names: list[str] = field(default_factory=list)
    at: dict[str, int] = field(default_factory=dict)
    successors: list[dict[int, None]] = field(default_factory=list)
    terminal: set[int] = field(default_factory=set)

    def node(self, name: str) -> int:
        """The number of a node; a name that is new becomes one."""
        found = self.at.get(name)
        if found is None:
            found = self.at[name] = len(self.names)
            self.names.append(name)
            self.successors.append({})
        return found

    def connect(self, source: int, targets: Iterable[int]) -> None:
        """Edges from one node to others."""
        self.successors[source].update(dict.fromkeys(targets))

    def reach(self) -> list[int]:
        """For each node the set of those it gets to, itself included."""
        graph = rx.PyDiGraph(multigraph=False)
        graph.add_nodes_from(range(len(self.names)))
        graph.add_edges_from_no_data([(s, t) for s in range(len(self.names)) for t in self._next(s)])
        found = [0] * len(self.names)
        for component in rx.strongly_connected_components(graph):  # those that a component leads to come before it
            own = 0
            beyond: dict[int, None] = {}
            for node in component:
                own |= 1 << node
                beyond.update(self.successors[node] if node not in self.terminal else {})
            bits = own
            for node in beyond:
                bits |= found[node]
            for node in component:
                found[node] = bits
        return found

    def _next(self, node: int) -> Iterable[int]:
        return () if node in self.terminal else self.successors[node]

    def towards(self, goals: Iterable[int]) -> dict[int, int]:
        """Node → the next node on a shortest way to the nearest goal. Goals are not in it, nor who gets to none."""
        before: list[list[int]] = [[] for _ in self.names]
        for source in range(len(self.names)):
            for target in self._next(source):
                before[target].append(source)
        placed = set(goals)
        front = sorted(placed, key=self.names.__getitem__)
        onward: dict[int, int] = {}
        while front:
            reached: list[int] = []
            for node in front:
                for source in before[node]:
                    if source not in placed:
                        placed.add(source)
                        onward[source] = node
                        reached.append(source)
            front = reached
        return onward

    def path(self, source: int, target: int, avoid: int = 0) -> list[int]:
        """A shortest way that avoids a set of nodes, both ends included; empty where there is none."""
        came_from: dict[int, int] = {source: source}
        front = [source]
        while front and target not in came_from:
            reached: list[int] = []
            for node in front:
                for onward in self.successors[node]:
                    if onward not in came_from and not avoid >> onward & 1:
                        came_from[onward] = node
                        reached.append(onward)
            front = reached
        if target not in came_from:
            return []
        found = [target]
        while found[-1] != source:
            found.append(came_from[found[-1]])
        return found[::-1]


def members(bits: int, most: int | None = None) -> Iterator[int]:
    """The numbers in a set, lowest first; at most ``most`` of them."""
    told = 0
    while bits and (most is None or told < most):
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
        told += 1
