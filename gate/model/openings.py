"""What the adapters say to the graph: which identity can take which step. No platform's words, no weight.

An *opening* is one technique on one set of targets. Everybody who holds the rights for it shares it, so that a thousand
roles which can each pass any of a thousand roles are two thousand entries and not a million.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from gate.model.graph import Way

Kind = Literal["becomes", "joins", "writes", "lifts", "makes", "reaches"]
Beyond = Literal["everything", "pattern", "visible_pattern", "named", "conventional"]


@dataclass(frozen=True, slots=True)
class Opening:
    """One technique on one set of targets.

    ``technique``: its name in the knowledge. ``kind``: what it does with a target: *becomes* it, *joins* it within
    what holds the member back, *writes* its rights, *lifts* a guardrail of it, *makes* new identities, or *reaches*
    something else.
    ``targets``: ids of the identities, or of what is written. ``beyond``: what it covers outside of the view:
    everything, a pattern (``visible_pattern`` where some targets of the pattern are in view), one named target, or
    names that are strong by convention. ``unseen``: those names. ``steps``: actions it takes. ``certain``: false where
    it needs luck or a service that has ended: such an opening is never a step of a chain. ``leads``: whether what it
    covers outside of the view is worth a chain. ``hands_over``: it makes the target's credentials, trust or rights the
    caller's, which nobody meant to give; false for code that is run as the target and for a target that lets the caller
    in. ``guardrail``: what a *lifts* opening takes away (``boundary``, ``managed``, ``inline``, ``membership``).
    """

    technique: str
    kind: Kind
    targets: frozenset[str] = frozenset()
    beyond: Beyond | None = None
    unseen: tuple[str, ...] = ()
    steps: int = 1
    certain: bool = True
    leads: bool = True
    hands_over: bool = False
    guardrail: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What an identity would hold in a state that it is not in.

    ``administrator``: nothing in view would hold it back. ``grants``: sensitive action → keys. ``services``: how many
    of the platform's, ``service_names``: which. ``openings``: keys.
    """

    administrator: bool
    grants: dict[str, tuple[str, ...]] = field(default_factory=dict)
    services: int = 0
    service_names: tuple[str, ...] = ()
    openings: tuple[str, ...] = ()


Thing = tuple[str, str, str, str]
"""What can be done (read, write, destroy, secret), of which service, width (named, pattern, every), the store's name.
"""


@dataclass(slots=True)
class Openings:
    """The openings of one side. Adapters add to it.

    ``table``: key → opening. ``held``: identity → keys of its openings. ``rights_of``: what can be written (an
    identity, a policy) → the identities whose rights it holds. ``guardrails``: kind of guardrail → whose or which it is
    → the identities that it holds back. ``joining``: identities that can be made members of a group. ``state``: what an
    identity would hold in another state: a set of ``rewritten`` (its rights replaced by anything), groups that it joins
    (``joined <group>``) and lifted guardrails (``<kind> <whose or which>``). ``administrators``:
    identities whose rights amount to every action; ``conditional``: those that hold every action under conditions.
    ``closed``: of some techniques, key of a grant → those that a condition of it closes. ``entries``: identity → those
    that let it in by name → the technique that this is. ``things``: the stores and secrets that a grant (by key)
    reaches by an action. ``ways``, ``steps``: as of ``Graph``.
    """

    table: dict[str, Opening] = field(default_factory=dict)
    held: dict[str, list[str]] = field(default_factory=dict)
    rights_of: dict[str, frozenset[str]] = field(default_factory=dict)
    guardrails: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)
    joining: frozenset[str] = frozenset()
    state: Callable[[str, frozenset[str]], State] | None = None
    administrators: set[str] = field(default_factory=set)
    conditional: set[str] = field(default_factory=set)
    closed: Callable[[Iterable[str]], dict[str, tuple[str, ...]]] | None = None
    entries: dict[str, dict[str, str]] = field(default_factory=dict)
    things: Callable[[str, str], frozenset[Thing]] | None = None
    ways: dict[str, list[Way]] = field(default_factory=dict)
    steps: dict[str, list[str]] = field(default_factory=dict)
    _keys: dict[Opening, str] = field(default_factory=dict)

    def enter(self, opening: Opening) -> str:
        """The key of an opening; equal ones share it."""
        key = self._keys.get(opening)
        if key is None:
            key = self._keys[opening] = f"o{len(self._keys) + 1}"
            self.table[key] = opening
        return key

    def hold(self, holder: str, keys: list[str]) -> None:
        """Let an identity hold openings."""
        if keys:
            self.held.setdefault(holder, []).extend(keys)
