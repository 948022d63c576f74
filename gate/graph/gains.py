"""What each technique gains its holder beyond what it holds itself.

Administrators gain nothing. Of two who can make themselves administrators, neither gains by the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gate.graph.holdings import Holdings
from gate.graph.world import JOINED, REWRITTEN, Rewriting, World
from gate.model.graph import Gain, GainKind
from gate.model.openings import Opening


@dataclass(slots=True)
class Gains:
    """Finds the gains of identities and states. ``sets``: key → gains, each shared by all who have just those."""

    world: World
    holdings: Holdings
    sets: dict[str, tuple[Gain, ...]] = field(default_factory=dict)
    _keys: dict[tuple[Gain, ...], str] = field(default_factory=dict)
    _shared: dict[tuple[str, bool], tuple[Gain, ...]] = field(default_factory=dict)
    _things: dict[str, frozenset[str]] | None = None

    def of(self, holder: str) -> tuple[str, ...]:
        """Keys of the gain sets of an identity or a state."""
        openings = self.world.model.openings
        if holder in openings.ways:
            return ()
        state = self.world.states.get(holder)
        keys = state.openings if state else openings.held.get(holder, ())
        strong = holder in self.world.administrators
        shared: list[Gain] = []
        own: list[Gain] = []
        for key in keys:
            opening = openings.table[key]
            if opening.kind == "writes":
                own.extend(self._written(holder, opening))
                own.extend(self._lifted(holder, opening))
            elif opening.kind == "lifts":
                own.extend(self._lifted(holder, opening))
            elif opening.kind == "joins":
                own.extend(self._joined(holder, opening))
            else:
                shared.extend(self._reached(key, opening, strong))
                if opening.hands_over:
                    own.extend(self._handed_over(holder, opening))
        if holder in openings.held:
            own.extend(self._entered(holder, strong))
        own.extend(self._over_others(holder))
        return tuple(self._enter(tuple(dict.fromkeys(found))) for found in (shared, own) if found)

    def _enter(self, found: tuple[Gain, ...]) -> str:
        key = self._keys.get(found)
        if key is None:
            key = self._keys[found] = f"g{len(self._keys) + 1}"
            self.sets[key] = found
        return key

    def _reached(self, key: str, opening: Opening, strong: bool) -> tuple[Gain, ...]:
        """The gains by an opening that are the same for all who hold it, but for those who are strong themselves."""
        found = self._shared.get((key, strong))
        if found is None:
            found = self._shared[(key, strong)] = tuple(self._through(opening, strong))
        return found

    def _through(self, opening: Opening, strong: bool) -> Iterator[Gain]:
        targets = self._worthwhile(opening.targets, strong)
        if opening.beyond == "everything":
            if targets:  # one says it
                target = min(targets, key=lambda t: (targets[t] != "administrator", t))
                yield Gain(opening.technique, target, "proven", targets[target], opening.steps)
            else:
                yield Gain(opening.technique, None, "possible", "everything", opening.steps)
            return
        for target in sorted(targets):
            yield Gain(opening.technique, target, "proven", targets[target], opening.steps)
        if opening.beyond in ("pattern", "visible_pattern"):
            yield Gain(opening.technique, None, "possible", opening.beyond, opening.steps)
        elif opening.beyond is not None:
            for name in opening.unseen:
                yield Gain(opening.technique, name, "unverified", opening.beyond, opening.steps)

    def _worthwhile(self, targets: frozenset[str], strong: bool) -> dict[str, GainKind]:
        openings = self.world.model.openings
        administrators = openings.administrators - openings.held.keys() if strong else self.world.administrators
        found: dict[str, GainKind] = dict.fromkeys(openings.conditional & targets, "conditional")
        found.update(dict.fromkeys(administrators & targets, "administrator"))
        return found

    def _entered(self, holder: str, strong: bool) -> Iterator[Gain]:
        entries = self.world.model.openings.entries.get(holder)
        if entries:
            found = self._worthwhile(frozenset(entries), strong)
            yield from (Gain(entries[t], t, "proven", found[t]) for t in sorted(found))

    def _written(self, holder: str, opening: Opening) -> Iterator[Gain]:
        """Its own rights, or those of others."""
        world = self.world
        id_ = holder if holder in world.model.identities else holder.partition(" (")[0]
        rights_of = world.model.openings.rights_of
        mine = sorted(t for t in opening.targets & self._things_of(id_) if id_ in rights_of[t])
        if mine and holder == id_:
            for target in mine:
                yield self._up_to_ceiling(opening, target, self._brought(holder, REWRITTEN))
        elif not mine and opening.beyond == "everything":
            yield Gain(opening.technique, None, "possible", "everything", opening.steps)
        elif not mine:
            for target in sorted(self._written_of(opening, holder)):
                yield Gain(opening.technique, target, "proven", "rights", opening.steps)

    def _written_of(self, opening: Opening, holder: str) -> Iterator[str]:
        """Of each thing that it writes, one whose rights stand there and who holds secrets or data beside it."""
        openings, identities = self.world.model.openings, self.world.model.identities
        for target in opening.targets:
            others = (openings.rights_of.get(target, frozenset()) & identities.keys()) - openings.administrators
            # the identity itself comes before its members
            for other in sorted(others, key=lambda one: (one != target, one)):
                if self.holdings.more(other, holder):
                    yield other
                    break

    def _joined(self, holder: str, opening: Opening) -> Iterator[Gain]:
        """Groups that it joins, which give it no more than what holds it back allows."""
        for target in sorted(opening.targets):
            joined = self._brought(holder, f"{JOINED}{target}")
            if joined and (target in self.world.administrators or any(REWRITTEN in one.changes for one in joined)):
                yield self._up_to_ceiling(opening, target, joined)
            elif self.holdings.more(target, holder):
                for one in joined:
                    if gains := self.holdings.more(one.state, holder):
                        yield Gain(opening.technique, target, "proven", gains, opening.steps)
        for name in opening.unseen:
            yield Gain(opening.technique, name, "unverified", "named", opening.steps)

    def _up_to_ceiling(self, opening: Opening, target: str, rewritings: list[Rewriting]) -> Gain:
        """Anything, or where something holds it back in each of the states, what that allows."""
        states = [one.state for one in rewritings]
        if not states or any(self.world.states[state].administrator for state in states):
            return Gain(opening.technique, target, "proven", "anything", opening.steps)
        return Gain(opening.technique, target, "proven", "ceiling", opening.steps, states[-1])

    def _brought(self, holder: str, change: str) -> list[Rewriting]:
        """How it brings itself to states with this change."""
        found = self.world.rewritings.get(holder, ())
        return [one for one in found if one.identity == holder and change in one.changes]

    def _things_of(self, id_: str) -> frozenset[str]:
        """Where the rights of an identity stand."""
        if self._things is None:
            found: dict[str, set[str]] = {}
            for thing, ids in self.world.model.openings.rights_of.items():
                for one in ids:
                    found.setdefault(one, set()).add(thing)
            self._things = {one: frozenset(things) for one, things in found.items()}
        return self._things.get(id_, frozenset())

    def _lifted(self, holder: str, opening: Opening) -> Iterator[Gain]:
        """A guardrail of its own that it lifts, or whose content it writes."""
        guardrail = opening.guardrail or "content"
        table = self.world.model.openings.guardrails.get(guardrail, {})
        lifted = {f"{guardrail} {target}": target for target in opening.targets if holder in table.get(target, ())}
        for rewriting in self.world.rewritings.get(holder, ()) if lifted else ():
            found = sorted(lifted[change] for change in lifted.keys() & rewriting.changes)
            if rewriting.identity != holder or not found or REWRITTEN in rewriting.changes:
                continue
            if self.world.states[rewriting.state].administrator:
                yield Gain(opening.technique, found[0], "proven", "anything", opening.steps)

    def _handed_over(self, holder: str, opening: Opening) -> Iterator[Gain]:
        """Secrets and data of those that it takes over, which it does not hold itself."""
        if opening.beyond == "everything":
            return
        for target in sorted(opening.targets - self.world.administrators - {holder}):
            if gains := self.holdings.more(target, holder):
                yield Gain(opening.technique, target, "proven", gains, opening.steps)

    def _over_others(self, holder: str) -> Iterator[Gain]:
        """Others whose rights it can have rewritten, or whose guardrails lifted, and whom it can become."""
        for rewriting in self.world.over_others(holder):
            opening = self.world.model.openings.table[rewriting.openings[0]]
            yield Gain(opening.technique, rewriting.through, "proven", "administrator", opening.steps + 1)
