"""The table of grants of one access model: equal grants of several identities are one entry with all its holders."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from gate.extract.aws.access import grant_facts
from gate.extract.aws.access.targets import TargetIndex
from gate.extract.aws.language import actions, resource_types
from gate.extract.aws.language.permissions import NOT_KNOWN, Permission
from gate.extract.aws.language.statements import Statement
from gate.model.access import Grant, Source, Wildcard


class GrantTable:
    """Collects the grants of an access model's AWS identities. Keys are ``aws1``, ``aws2`` … in order of entry."""

    def __init__(self, targets: TargetIndex) -> None:
        self._targets = targets
        self._keys: dict[tuple[Source, Permission], str] = {}
        self._entries: dict[str, tuple[Source, Permission]] = {}
        self._holders: dict[str, dict[str, None]] = {}
        self._told = 0

    def apart(self, part: Permission) -> list[Permission]:
        """A part as parts whose actions all reach the same resources in view."""
        if not part.except_ and not any("?" in resource for resource in part.resources):
            return [part]  # a star reaches what is inside as well
        found = self._targets.apart(part.resources, part.except_, part.actions)
        return [replace(part, actions=some) for some in found] or [part]

    def enter(self, identity: str | None, source: Source, part: Permission) -> str | None:
        """The key of the grant that ``part`` is, held by ``identity``; ``source`` is the resource it comes from.

        Without an identity nobody holds it: a ceiling that allows it.

        ``None`` for a grant no rule looks at: no sensitive action, no wildcard, no ``NotAction``.
        """
        if not _telling(part):
            return None
        entry = (source, part)
        key = self._keys.get(entry)
        if key is None:
            key = self._keys[entry] = f"aws{len(self._keys) + 1}"
            self._entries[key] = entry
            self._holders[key] = {}
        if identity is not None:
            self._holders[key][identity] = None
        return key

    def grants(self) -> dict[str, Grant]:
        """Every grant by key."""
        self._told = len(self._entries)
        return {key: self._grant(source, part, self._holders[key]) for key, (source, part) in self._entries.items()}

    def added(self) -> dict[str, Grant]:
        """Those entered since the last call, by key."""
        keys = list(self._entries)[self._told :]
        self._told = len(self._entries)
        return {key: self._grant(*self._entries[key], self._holders[key]) for key in keys}

    def _grant(self, source: Source, part: Permission, holders: dict[str, None]) -> Grant:
        statement = part.statement
        known = tuple(resource for resource in part.resources if resource != NOT_KNOWN)
        everything = part.everything
        whole_type = not part.except_ and any(resource_types.whole_type(resource) for resource in known)
        own = any(resource_types.own_user(resource) for resource in known)
        return Grant(
            platform="aws",
            actions=statement.actions or statement.not_actions,
            form="NotAction" if _is_not_action(statement) else "Action",
            wildcards=_wildcards(part),
            resources=known,
            except_=part.except_,
            everything=everything,
            targets=() if everything else self._targets.covered(known, part.except_, part.actions),
            conditions=part.conditions,
            holders=tuple(holders),
            source=replace(source, statement=statement.label),
            whole_type=whole_type,
            whole_for=() if everything or part.except_ else _whole_for(known, part.actions),
            own=own,
            width="everything" if everything or whole_type else _width(known, own),
            managed=grant_facts.managed_policy_name(source.address),
            branch=grant_facts.is_branch(known),
        )


def _whole_for(resources: tuple[str, ...], some: int) -> tuple[str, ...]:
    return tuple(name for name in resource_types.whole_for(resources) if actions.expand(name) & some)


def _telling(part: Permission) -> bool:
    return bool(part.actions & actions.sensitive_actions() or _is_not_action(part.statement) or _wildcards(part))


def _is_not_action(statement: Statement) -> bool:
    return bool(statement.not_actions) or any(part.where.startswith("NotAction") for part in statement.unknown)


def _wildcards(part: Permission) -> tuple[Wildcard, ...]:
    """The action patterns with a wildcard that allow something, and of which nothing was taken away."""
    found = []
    for pattern in part.statement.actions:
        if "*" in pattern or "?" in pattern:
            expansion = actions.expand(pattern)
            meant = expansion & part.full
            if not meant & ~part.actions and (meant or not expansion):
                found.append(grant_facts.wildcard(pattern))
    return tuple(found)


def _width(resources: tuple[str, ...], own: bool) -> Literal["pattern", "named"]:
    if own and all(resource.endswith("/${aws:username}") for resource in resources):
        return "named"  # whatever account the pattern leaves open, it is the caller's
    return "pattern" if any("*" in resource for resource in resources) else "named"
