"""The network of one side: who takes which step, and what follows where two rights meet.

Whoever writes the rights of an identity and can become it has whatever holds that identity back at most. Whoever can
lift its guardrails has what they held back. Both make *states* of the identity, which may open further steps: they are
added until nothing is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from gate.graph.network import Network, members
from gate.model.access import AccessModel
from gate.model.openings import Opening, State

REWRITTEN = "rewritten"
JOINED = "joined "


@dataclass(frozen=True, slots=True)
class Rewriting:
    """That somebody can bring ``identity`` to another state: by which ``changes``, through any of these openings.

    ``through``: the group that it joins for that, else the identity itself.
    """

    identity: str
    changes: frozenset[str]
    openings: tuple[str, ...]
    through: str

    @property
    def state(self) -> str:
        """The name of the state."""
        return f"{self.identity} ({', '.join(sorted(self.changes))})"


@dataclass(slots=True)
class World:
    """``administrators``: nodes that hold every action, or can give it to themselves. ``rewritings``: node → what it
    can bring others, or itself, to. ``states``: name → what is held there.
    """

    model: AccessModel
    network: Network = field(default_factory=Network)
    administrators: set[str] = field(default_factory=set)
    rewritings: dict[str, list[Rewriting]] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    reached: list[int] = field(default_factory=list)
    identities: int = 0
    _changes: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    def build(self) -> None:
        """Connect everything, and follow what is new until nothing is."""
        openings = self.model.openings
        network = self.network
        for id_ in self.model.identities:
            self.identities |= 1 << network.node(id_)
        self.administrators = {id_ for id_ in openings.administrators if id_ in self.model.identities}
        network.terminal.update(network.at[id_] for id_ in self.administrators)
        for id_ in self.model.identities:
            self._hold(id_, openings.held.get(id_, ()))
            entries = openings.entries.get(id_)
            if entries:
                network.connect(network.at[id_], (network.at[t] for t in entries if t in self.model.identities))
        self.reached = network.reach()
        if openings.state is not None:
            while self._rewrite():
                self.reached = network.reach()

    def _hold(self, holder: str, keys: Iterable[str]) -> None:
        network = self.network
        at = network.node(holder)
        for key in keys:
            opening = self.model.openings.table[key]
            known = key in network.at
            node = network.node(key)
            network.connect(at, (node,))
            if not known and opening.kind == "becomes" and opening.certain:
                network.connect(node, (network.at[t] for t in opening.targets if t in network.at))

    def _changing(self) -> int:
        """The set of openings that change identities, each with its changes and whom these are changes of."""
        for key, opening in self.model.openings.table.items():
            if opening.kind in ("writes", "joins", "lifts") and opening.certain and key not in self._changes:
                self._changes[key] = [(change, self._set(ids)) for change, ids in self._of(opening).items()]
        return sum(1 << self.network.at[key] for key in self._changes if key in self.network.at)

    def _set(self, ids: Iterable[str]) -> int:
        return sum(1 << self.network.at[id_] for id_ in ids if id_ in self.network.at)

    def _of(self, opening: Opening) -> dict[str, set[str]]:
        """Each change that an opening makes → the identities that it is a change of."""
        openings = self.model.openings
        found: dict[str, set[str]] = {}
        if opening.kind == "lifts":
            table = openings.guardrails.get(opening.guardrail or "", {})
            return {f"{opening.guardrail} {target}": set(table[target]) for target in opening.targets & table.keys()}
        if opening.kind == "joins":
            return {f"{JOINED}{target}": set(openings.joining) for target in opening.targets}
        content = openings.guardrails.get("content", {})
        for target in opening.targets:
            found.setdefault(REWRITTEN, set()).update(openings.rights_of.get(target, ()))
            if target in content:
                found[f"content {target}"] = set(content[target])
        return found

    def _rewrite(self) -> bool:
        """Add the states that are new; whether any is."""
        changing = self._changing()
        found: dict[int, list[Rewriting]] = {}
        for name in self.model.identities:
            bits = self.reached[self.network.at[name]]
            if name not in self.administrators and bits & changing and bits not in found:
                found[bits] = sorted(self._within(bits, bits & changing), key=lambda one: one.identity)
        # Who makes itself an administrator comes before who gets there by others, in whatever order all are written.
        own = self._bring_all(found, own=True)
        return self._bring_all(found, own=False) or own

    def _bring_all(self, found: dict[int, list[Rewriting]], *, own: bool) -> bool:
        """Let each identity bring itself, or else others, to the states that what it reaches allows."""
        new = False
        strong = set(self.administrators)
        for name in self.model.identities:
            if name in strong:
                continue
            for rewriting in found.get(self.reached[self.network.at[name]], ()):
                if (rewriting.identity == name) is own and rewriting.identity not in strong:
                    new |= self._bring(name, rewriting)
                    if name in self.administrators:
                        break
        return new

    def _within(self, bits: int, changing: int) -> Iterator[Rewriting]:
        """What somebody who reaches these nodes can bring identities among them to."""
        names = self.network.names
        by_identity: dict[int, dict[str, list[str]]] = {}
        written: dict[str, list[str]] = {}
        for at in members(changing):
            for change, touched in self._changes[names[at]]:
                if change == REWRITTEN:
                    for target in self.model.openings.table[names[at]].targets:
                        written.setdefault(f"{JOINED}{target}", []).append(names[at])
                for node in members(touched & bits):
                    by_identity.setdefault(node, {}).setdefault(change, []).append(names[at])
        for node, changes in by_identity.items():
            for joined in written.keys() & changes.keys():  # whoever joins what somebody writes has what that gives
                changes.setdefault(REWRITTEN, []).extend(written[joined])
            keys = tuple(dict.fromkeys(key for several in changes.values() for key in several))
            yield Rewriting(names[node], frozenset(changes), keys, names[node])

    def _bring(self, holder: str, rewriting: Rewriting) -> bool:
        """Let a holder bring an identity to a state; whether that is new."""
        identities, network = self.model.identities, self.network
        if identities[rewriting.identity].kind == "group" and identities[holder].kind == "user":
            # What a group gives its members stays within what holds the member back.
            rewriting = Rewriting(holder, frozenset([REWRITTEN]), rewriting.openings, rewriting.identity)
        known = self.rewritings.setdefault(holder, [])
        if any(one.state == rewriting.state for one in known):
            return False
        known.append(rewriting)
        name = rewriting.state
        if name not in self.states:
            assert self.model.openings.state is not None
            state = self.states[name] = self.model.openings.state(rewriting.identity, rewriting.changes)
            self._hold(name, state.openings)
            if state.administrator:
                network.terminal.add(network.node(name))
                self.administrators.add(name)
        if self.states[name].administrator:
            self.administrators.add(holder)
        network.connect(network.at[holder], (network.at[name],))
        return True

    @property
    def administrator_set(self) -> int:
        """The nodes of administrators."""
        return self._set(self.administrators)

    def over_others(self, holder: str) -> Iterator[Rewriting]:
        """How a holder makes itself an administrator over others: by their rights, or by what they write."""
        held = set(self.model.openings.held.get(holder, ()))
        for rewriting in self.rewritings.get(holder, ()):
            own = tuple(key for key in rewriting.openings if key in held)
            if self.states[rewriting.state].administrator and not (rewriting.through == holder and own):
                yield replace(rewriting, openings=own or rewriting.openings)
