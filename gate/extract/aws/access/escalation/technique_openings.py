"""From the grants of identities to the openings that the graph walks (``gate/model/openings.py``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from gate.extract.aws.access.escalation.open_techniques import Grants, Opened
from gate.extract.aws.access.escalation.takeover_targets import View
from gate.extract.aws.language import patterns
from gate.extract.aws.language.techniques import TAGGED, Technique, knowledge
from gate.model.access import AccessModel, Condition, Grant
from gate.model.openings import Beyond, Kind, Opening, Openings

_TAKES = {"passed", "user", "role", "joined", "trusting", "workload", "secret"}
# Of these, targets that nobody sees count: others are nobody's before their role, or who stores them, is in view.
_BLIND = {"passed", "user", "role", "joined"}
_HANDS_OVER = {"user", "role", "joined"}
_WRITES = {"self", "group", "policy"}
_WIDE: dict[str, Beyond] = {"everything": "everything", "pattern": "visible_pattern"}
_Asked = tuple[Condition, ...]


@dataclass
class Finder:
    """Finds the openings of one holder after the other."""

    model: AccessModel
    openings: Openings
    opened: Opened
    view: View
    _others: dict[frozenset[str], Finder] = field(default_factory=dict)
    _bundles: dict[frozenset[str], list[str]] = field(default_factory=dict)
    _aimed: dict[tuple[str, str, str, _Asked], str | None] = field(default_factory=dict)

    def of(self, grants: Grants, holder: str | None, *, bounded: bool = False) -> list[str]:
        """Keys of the openings of these grants.

        ``holder``: the identity that ``${aws:username}`` stands for. ``bounded``: whether a permissions boundary holds
        it back; a boundary holds in whatever group a user joins.
        """
        updates = (self.model.grants[key] for key in grants.get("ecs:UpdateService", ()))
        if (updated := self.view.switched_on(updates)) != self.view.updated:
            return self._for_who_updates(updated).of(grants, holder, bounded=bounded)
        free = self.opened.free(grants)
        keys = list(self._everything(free))
        joining = frozenset[str]()
        if bounded and holder in self.openings.joining:
            joining = knowledge().joining
            keys = [key for key in keys if self.openings.table[key].technique not in joining]
            keys.extend(self._joining(grants, holder))
        for technique in self.opened.by_grants(grants, free):
            if technique.name in joining:
                continue
            for action, grant in self.opened.aimed(technique, grants):
                asked = self.opened.asked(technique, grant, grants, holder)
                keys.extend(self._through(technique, action, grant, holder, asked))
        keys.extend(self._lifts(grants, holder))
        return list(dict.fromkeys(keys))

    def _for_who_updates(self, updated: frozenset[str]) -> Finder:
        """The same for who updates the services of these workloads: it is asked apart, for what is found is kept."""
        found = self._others.get(updated)
        if found is None:
            view = View(self.model, self.view.services, updated)
            found = self._others[updated] = Finder(self.model, self.openings, self.opened, view, _others=self._others)
        return found

    def _joining(self, grants: Grants, user: str) -> Iterator[str]:
        """How a user joins groups that stay within its boundary: those in view, and any with what it can at most do."""
        for name in sorted(knowledge().joining):
            technique = knowledge().techniques[name]
            for _, key in self.opened.aimed(technique, grants):
                grant = self.model.grants[key]
                if grant.width == "everything":
                    groups = self.view.everywhere(technique)
                else:
                    groups = self.view.taken(technique, grant.targets)
                beyond, unseen = self._beyond(key) if grant.width == "named" else (None, ())
                if grant.width != "named":
                    yield self._enter(technique, "writes", frozenset([user]), None)
                if groups or beyond:
                    yield self._enter(technique, "joins", groups, beyond, unseen)

    def _everything(self, free: frozenset[str]) -> list[str]:
        found = self._bundles.get(free)
        if found is None:
            names = sorted(self.opened.by_everything(free))
            known = knowledge().techniques
            found = self._bundles[free] = [self._on_everything(known[name]) for name in names]
        return found

    def _on_everything(self, technique: Technique) -> str:
        kind: Kind = "becomes" if technique.target in _TAKES else "makes" if technique.target == "new" else "reaches"
        targets = self.view.everywhere(technique) if technique.target in _TAKES else frozenset[str]()
        return self._enter(technique, kind, targets, "everything")

    def _enter(
        self,
        technique: Technique,
        kind: Kind,
        targets: frozenset[str],
        beyond: Beyond | None,
        unseen: tuple[str, ...] = (),
        guardrail: str | None = None,
    ) -> str:
        return self.openings.enter(
            Opening(
                technique=technique.name,
                kind=kind,
                targets=targets,
                beyond=beyond,
                unseen=unseen,
                steps=technique.steps,
                certain=technique.certain,
                leads=technique.leads,
                hands_over=technique.target in _HANDS_OVER or kind == "writes",
                guardrail=guardrail,
            )
        )

    def _through(self, technique: Technique, action: str, key: str, holder: str | None, asked: _Asked) -> Iterator[str]:
        """The openings of one technique by one grant; the same for all who hold the grant, but for their own names.

        ``asked``: the tags that a target must carry.
        """
        own = holder if self.model.grants[key].own else None
        at = (technique.name, action if technique.target in _WRITES else "", f"{key} {own or ''}", asked)
        if at not in self._aimed:
            self._aimed[at] = self._open(technique, action, key, own, asked)
        found = self._aimed[at]
        if found is not None:
            yield found

    def _open(self, technique: Technique, action: str, key: str, own: str | None, asked: _Asked) -> str | None:
        grant = self.model.grants[key]
        if technique.target in _WRITES:
            return self._written(technique, action, key, own, asked)
        if grant.width == "everything" and not asked:
            return self._on_everything(technique)
        if technique.target in _TAKES:
            return self._taken(technique, key, own, asked)
        if technique.target == "new" and grant.width == "pattern":
            return self._enter(technique, "makes", frozenset(), "pattern")
        if technique.target == "conventional":
            strong = tuple(r for r in grant.resources if any(fnmatchcase(r, name) for name in technique.names))
            return self._enter(technique, "reaches", frozenset(), "conventional", strong) if strong else None
        return None

    def _taken(self, technique: Technique, key: str, own: str | None, asked: _Asked) -> str | None:
        grant = self.model.grants[key]
        everything = grant.width == "everything"
        addresses = tuple(self.view.addresses(technique)) if everything else grant.targets
        addresses = (*addresses, own) if own else addresses
        targets = self.view.taken(technique, tuple(sorted(self._carrying(addresses, asked))) if asked else addresses)
        if everything:
            targets &= self.view.everywhere(technique)
        # What nobody sees carries a tag where it is named: a pattern with a tag is how access is given by tags.
        blind = technique.target in _BLIND and (grant.width == "named" or not self._by_tags(technique, grant, asked))
        beyond, unseen = self._beyond(key) if blind else (None, ())
        return self._enter(technique, "becomes", targets, beyond, unseen) if targets or beyond else None

    def _beyond(self, key: str) -> tuple[Beyond | None, tuple[str, ...]]:
        """What a grant that is not on everything covers outside of the view."""
        grant = self.model.grants[key]
        if grant.width == "everything":
            return "everything", ()
        if grant.width == "pattern":
            return ("visible_pattern" if grant.targets else "pattern"), ()
        if any(self.view.visible(target) for target in grant.targets):
            return None, ()
        unseen = tuple(resource for resource in grant.resources if "${" not in resource)
        return ("named", unseen) if unseen else (None, ())

    def _written(self, technique: Technique, action: str, key: str, own: str | None, asked: _Asked) -> str | None:
        """Whose rights a grant writes, by the kind of thing that the action is aimed at."""
        grant = self.model.grants[key]
        kind = knowledge().writes[action]
        things = self._things(kind)
        beyond: Beyond | None = None if self._by_tags(technique, grant, asked) else _WIDE.get(grant.width)
        if grant.width == "everything":
            carrying = self._carrying(things, asked)
            return self._enter(technique, "writes", carrying, beyond) if carrying or beyond else None
        targets = things.intersection((*grant.targets, *((own,) if own else ())))
        if kind == "policy":
            targets |= self._policies_named(key, things)
        targets = self._carrying(targets, asked)
        return self._enter(technique, "writes", targets, beyond) if targets else None

    def _by_tags(self, technique: Technique, grant: Grant, asked: _Asked) -> bool:
        """Whether the tags say all that it reaches: who does everything to what carries them is told as that."""
        return bool(asked) and (TAGGED in technique.closed_by or "*" in grant.actions)

    def _carrying(self, things: Iterable[str], asked: _Asked) -> frozenset[str]:
        return frozenset(thing for thing in things if not asked or self.opened.tags.may_carry(thing, asked))

    def _things(self, kind: str) -> frozenset[str]:
        if kind == "policy":
            return frozenset(t for t in self.openings.rights_of if t not in self.model.identities)
        return self.view.of_kind.get(kind, frozenset())

    def _policies_named(self, key: str, things: frozenset[str]) -> frozenset[str]:
        """Policies outside of the change, by their ARNs."""
        outside = [thing for thing in things if thing.startswith("arn:")]
        resources = self.model.grants[key].resources
        return frozenset(t for t in outside if any(patterns.reaches(resource, t) for resource in resources))

    def _lifts(self, grants: Grants, holder: str | None) -> Iterator[str]:
        """Guardrails that the grants take away from identities in view that have one."""
        known = knowledge()
        for action in sorted(known.lifts.keys() & grants.keys()):
            lift = known.lifts[action]
            technique = known.techniques[lift.technique]
            candidates = frozenset(self.openings.guardrails.get(lift.guardrail, ())) & self._things(lift.target)
            if not candidates:
                continue
            for key in self.opened.usable(technique, grants, action):
                grant = self.model.grants[key]
                own = (holder,) if grant.own and holder else ()
                reached = self._carrying(candidates, self.opened.asked(technique, key, grants, holder))
                if self.model.grants[key].width != "everything":
                    reached = reached.intersection((*grant.targets, *own))
                if reached:
                    yield self._enter(technique, "lifts", reached, None, guardrail=lift.guardrail)
