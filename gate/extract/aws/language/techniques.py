"""The escalation techniques of AWS as data (``data/escalation.json``, written by ``make knowledge``)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

TAGGED = "resource-tag-condition"
"""What ``closed_by`` says of a condition on the tags of a resource."""
# Of these, IAM compares the tags of the user, role or policy; a group has none.
ON_IDENTITIES = {"self", "group", "policy", "user", "role", "joined"}


@dataclass(frozen=True, slots=True)
class Technique:
    """One technique. ``all_of``, ``any_of``: the actions it needs; ``aimed``: those whose resources say what is
    reached.

    ``services``: which of them run a role for it. ``target``: how its target is found (``TARGETS`` in
    ``tools/generate/aws_knowledge.py``). ``never``: types of workloads that its actions do not act on. ``closed_by``:
    kinds of conditions that close it. ``names``: resources that are strong by convention. ``certain``, ``leads``: as of
    ``Opening``.
    """

    name: str
    all_of: frozenset[str]
    any_of: tuple[frozenset[str], ...]
    services: frozenset[str]
    target: str
    aimed: tuple[str, ...]
    closed_by: frozenset[str]
    steps: int
    names: tuple[str, ...]
    never: frozenset[str]
    certain: bool
    leads: bool


@dataclass(frozen=True, slots=True)
class Lift:
    """An action that takes a guardrail of its ``target`` (role, user, group) away, and the technique that it is."""

    target: str
    guardrail: str
    technique: str


@dataclass(frozen=True)
class Knowledge:
    """All of it. ``index``: action → techniques, each under its rarest action. ``powerful``: actions that, held on
    everything, make administrators. ``writes``: action → the kind of thing whose rights it writes. ``stores``: action →
    what it does (read, write, destroy, secret) → service; ``store_parts``: parts of an ARN that name one store.
    """

    techniques: dict[str, Technique]
    index: dict[str, list[str]]
    powerful: tuple[str, ...]
    writes: dict[str, str]
    lifts: dict[str, Lift]
    privileged_policies: tuple[str, ...]
    tag_actions: frozenset[str]
    conditions: dict[str, frozenset[str]]
    stores: dict[str, dict[str, str]]
    store_parts: dict[str, int]

    @property
    def joining(self) -> frozenset[str]:
        """Techniques that make a user a member of a group."""
        return frozenset(name for name, t in self.techniques.items() if t.target == "joined")

    @cached_property
    def told_by_tags(self) -> frozenset[str]:
        """Actions of techniques whose targets tags tell: IAM's own, and those that such a condition closes.

        What does not exist yet has no tags, and whether a role is passed is not told by its tags
        (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html).
        """
        told = [t for t in self.techniques.values() if t.target in ON_IDENTITIES or TAGGED in t.closed_by]
        return frozenset(action for t in told for action in t.all_of.union(*t.any_of))

    @property
    def personal(self) -> frozenset[str]:
        """Techniques that reach, on everything, something else for each caller."""
        return frozenset(name for name, t in self.techniques.items() if t.target in ("self", "group", "policy"))


@cache
def knowledge() -> Knowledge:
    """The packaged data."""
    text = resources.files("gate.extract.aws.language").joinpath("data/escalation.json").read_text("utf-8")
    data: dict[str, Any] = json.loads(text)
    return Knowledge(
        techniques={name: _technique(name, found) for name, found in data["techniques"].items()},
        index=data["index"],
        powerful=tuple(data["powerful"]),
        writes=data["writes"],
        lifts={action: Lift(**lift) for action, lift in data["lifts"].items()},
        privileged_policies=tuple(data["privileged_policies"]),
        tag_actions=frozenset(data["tag_actions"]),
        conditions={name: frozenset(values) for name, values in data["conditions"].items()},
        stores=data["stores"],
        store_parts=data["store_parts"],
    )


def _technique(name: str, found: dict[str, Any]) -> Technique:
    return Technique(
        name=name,
        all_of=frozenset(found["all_of"]),
        any_of=tuple(frozenset(group) for group in found["any_of"]),
        services=frozenset(found["services"]),
        target=found["target"],
        aimed=tuple(found["aimed"]),
        closed_by=frozenset(found["closed_by"]),
        steps=found["steps"],
        names=tuple(found["names"]),
        never=frozenset(found["never"]),
        certain=found["certain"],
        leads=found["leads"],
    )
