"""Which techniques the grants of one holder open, and by which of its grants.

Actions held on everything without a condition open the same techniques for all who hold them: those are worked out once
for each set of such actions. The rest is asked for each holder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gate.extract.aws.access.escalation.attachable import Attachable
from gate.extract.aws.access.escalation.tags import Tags, asks_for_tag
from gate.extract.aws.access.escalation.technique_conditions import Guard, guard
from gate.extract.aws.language.techniques import ON_IDENTITIES, TAGGED, Technique, knowledge
from gate.model.access import Condition, Grant

Grants = Mapping[str, tuple[str, ...]]

# Whose tags an action asks for, where they are another service's.
_TAGGED_BY = {"ssm": "ec2", "ec2-instance-connect": "ec2"}


@dataclass(slots=True)
class Opened:
    """Looks up techniques for grants of one model."""

    grants: Mapping[str, Grant]
    tags: Tags = field(default_factory=Tags)
    attachable: Attachable = field(default_factory=Attachable)
    guards: dict[str, Guard] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _carried: dict[str, bool] = field(default_factory=dict)
    _complete: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.add(self.grants)

    def add(self, grants: Mapping[str, Grant]) -> None:
        """Look at grants that were entered later, too."""
        for key, grant in grants.items():
            if grant.platform == "aws" and key not in self._seen:
                self._seen.add(key)
                if found := guard(grant, self.attachable.names_strong):
                    self.guards[key] = found

    def free(self, grants: Grants) -> frozenset[str]:
        """The actions that are held on everything, under no condition."""
        return frozenset(a for a, keys in grants.items() if any(self._free(key) for key in keys))

    def _free(self, key: str) -> bool:
        return self.grants[key].width == "everything" and key not in self.guards

    def by_everything(self, free: frozenset[str]) -> frozenset[str]:
        """The techniques that these actions open on everything, the same for all callers."""
        return self._opened(free) - knowledge().personal

    def by_grants(self, grants: Grants, free: frozenset[str]) -> Iterator[Technique]:
        """The other techniques: of actions on named resources or under conditions, or that depend on who calls."""
        known = knowledge()
        whole = self._opened(free)
        held = whole if len(free) == len(grants) else self._opened(frozenset(grants))
        for name in sorted(held):
            technique = known.techniques[name]
            if name in whole:
                if name in known.personal:
                    yield technique
            elif not self._closed(technique, grants):
                yield technique

    def _opened(self, held: frozenset[str]) -> frozenset[str]:
        found = self._complete.get(held)
        if found is None:
            known = knowledge()
            names = {name for action in held & known.index.keys() for name in known.index[action]}
            found = frozenset(n for n in names if _complete(known.techniques[n], held))
            self._complete[held] = found
        return found

    def usable(self, technique: Technique, grants: Grants, action: str) -> list[str]:
        """Keys of the grants that hold the action and that no condition closes for the technique."""
        return [key for key in grants.get(action, ()) if not self._blocked(technique, key, grants)]

    def aimed(self, technique: Technique, grants: Grants) -> Iterator[tuple[str, str]]:
        """Each action and key of a grant whose resources say what the technique reaches."""
        for action in technique.aimed:
            for key in self.usable(technique, grants, action):
                yield action, key

    def _blocked(self, technique: Technique, key: str, grants: Grants) -> bool:
        found = self.guards.get(key)
        if found is None:
            return False
        written = self._written(grants) if found.attached else ()
        return found.closes(technique, tagged=self._tagged(key) or self._retags(technique, grants), written=written)

    def asked(self, technique: Technique, key: str, grants: Grants, holder: str | None) -> tuple[Condition, ...]:
        """The tags that a target of the grant must carry; none where the holder can change them."""
        found = self.guards.get(key)
        if found is None or TAGGED not in found.codes or self._retags(technique, grants):
            return ()
        if TAGGED not in technique.closed_by and technique.target not in ON_IDENTITIES:
            return ()
        return self.tags.for_caller(tuple(filter(asks_for_tag, self.grants[key].conditions)), holder)

    def _retags(self, technique: Technique, grants: Grants) -> bool:
        """Whether the holder gives what the technique reaches any tag, and not only where the tag is already."""
        services = {_TAGGED_BY.get(action.partition(":")[0], action.partition(":")[0]) for action in technique.aimed}
        return any(
            TAGGED not in guarded.codes if (guarded := self.guards.get(key)) else True
            for action in knowledge().tag_actions & grants.keys()
            if action.partition(":")[0] in (*services, "tag")
            for key in grants[action]
        )

    def _tagged(self, key: str) -> bool:
        """Whether something that the grant reaches may carry the tags that its conditions ask for."""
        found = self._carried.get(key)
        if found is None:
            found = self._carried[key] = self._may_be_carried(self.grants[key])
        return found

    def _may_be_carried(self, grant: Grant) -> bool:
        if grant.own or (grant.width == "named" and not grant.targets):
            return True  # the caller's, or of something outside of the view
        asked = tuple(filter(asks_for_tag, grant.conditions))
        reached = self.tags.items if grant.width == "everything" else grant.targets
        return any(self.tags.may_carry(target, asked) for target in reached)

    def _written(self, grants: Grants) -> Iterator[str]:
        """Patterns of the managed policies whose content the holder of these grants chooses."""
        for action, what in knowledge().writes.items():
            if what == "policy":
                for key in grants.get(action, ()):
                    yield from self.grants[key].resources
        for key in grants.get("iam:CreatePolicy", ()):
            yield from self.grants[key].resources

    def _closed(self, technique: Technique, grants: Grants) -> bool:
        """Whether conditions take away one action that is needed, or every alternative of one."""
        if not any(key in self.guards for keys in grants.values() for key in keys):
            return False
        if any(not self.usable(technique, grants, action) for action in technique.all_of):
            return True
        return any(not any(self.usable(technique, grants, a) for a in group) for group in technique.any_of)

    def closed(self, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Key of a grant → those of the techniques that a condition of it closes."""
        known = knowledge().techniques
        techniques = {name: known[name] for name in names if name in known}
        found = {
            key: tuple(sorted(name for name, t in techniques.items() if a_guard.closes(t, tagged=self._tagged(key))))
            for key, a_guard in self.guards.items()
            if a_guard.codes or a_guard.passed or a_guard.associated
        }
        return {key: names for key, names in found.items() if names}


def _complete(technique: Technique, held: frozenset[str]) -> bool:
    return technique.all_of <= held and all(group & held for group in technique.any_of)
