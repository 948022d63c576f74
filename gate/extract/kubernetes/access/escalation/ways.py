"""What RBAC rights add up to: the ways that an identity can take, each in one scope (a namespace, or ``*``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from gate.extract.kubernetes.access.escalation.way_definitions import Path, paths_by_id, powerful_actions, starts
from gate.model.access import AccessModel, Identity
from gate.model.graph import Limit, Way

_NODES = re.compile(r"k8s:(Group//system:nodes$|User//system:node:)")
_PATTERN_SUBJECT = re.compile(r"system:serviceaccount:.*[*?]")


@dataclass
class Ways:
    """Finds the ways of the identities of one model."""

    model: AccessModel
    cloud_accounts: Mapping[str, object]

    def of(self, id_: str) -> list[Way]:
        """Ways that resourceNames do not limit, or to names that are worth as much; wider ones cover narrower ones."""
        identity = self.model.identities[id_]
        found: list[Way] = []
        for path in self._paths(id_, identity):
            everywhere = self._in_scope(id_, identity, path, "*")
            if everywhere:
                found.append(everywhere)
                continue
            for scope in sorted(self._scopes(identity, path)):
                if way := self._in_scope(id_, identity, path, scope):
                    found.append(way)
        return _uncovered(found)

    def limited(self, id_: str) -> Iterator[Way]:
        """Ways to become others that resourceNames limit to some, who may be harmless."""
        identity = self.model.identities[id_]
        for path in self._paths(id_, identity):
            if path.becomes is None:
                continue
            for scope in sorted({*self._scopes(identity, path), "*"}):
                held = self._needs(identity, path, scope)
                if held is None:
                    continue
                first: dict[str, Limit] = {key: "named" for key in held[0] if self._limit(id_, path, key) == "named"}
                if way := self._way(id_, identity, path, scope, first, held):
                    yield replace(way, limited=True)

    def _paths(self, id_: str, identity: Identity) -> list[Path]:
        found = {path.id: path for action in identity.grants for path in starts().get(action, ())}
        restricted = _NODES.match(id_) is not None
        return [path for path in found.values() if not (path.node_restricted and restricted)]

    def _in_scope(self, id_: str, identity: Identity, path: Path, scope: str) -> Way | None:
        if path.only_namespaces is not None and scope != "*" and scope not in path.only_namespaces:
            return None
        held = self._needs(identity, path, scope)
        if held is None or not self._present(id_, path, scope):
            return None
        limits = {key: self._limit(id_, path, key) for key in held[0]}
        first = {key: limit for key, limit in limits.items() if path.counts_in(scope, limit)}
        return self._way(id_, identity, path, scope, first, held)

    def _way(
        self, id_: str, identity: Identity, path: Path, scope: str, first: dict[str, Limit], held: list[list[str]]
    ) -> Way | None:
        if not first:
            return None
        keys = list(dict.fromkeys([*first, *(key for several in held[1:] for key in several)]))
        if not self.own(id_, keys):
            return None
        actions = {a for need in path.needs for a in need if not set(identity.grants.get(a, ())).isdisjoint(keys)}
        named = all(self.named(key) for key in first)
        return Way(path.id, scope, tuple(sorted(keys)), first, tuple(sorted(actions)), named)

    def own(self, id_: str, keys: Iterable[str]) -> bool:
        """Whether it holds one of the grants by itself: what a group hands to its members is said of the group."""
        inherited = self.model.identities[id_].inherited
        return any(key not in inherited for key in keys)

    def _needs(self, identity: Identity, path: Path, scope: str) -> list[list[str]] | None:
        """For each need the keys of the grants that meet it in the scope; ``None`` where one is not met."""
        found = []
        for need in path.needs:
            keys = list(dict.fromkeys(self._covering(identity, path, need, scope)))
            if not keys:
                return None
            found.append(keys)
        return found

    def _covering(self, identity: Identity, path: Path, need: tuple[str, ...], scope: str) -> Iterator[str]:
        for action in need:
            for key in identity.grants.get(action, ()):
                if self.reach[key] not in ("*", scope) or (path.unlimited and self.named(key)):
                    continue
                if not path.literal or _is_written(action, self.model.grants[key].actions):
                    yield key

    def _scopes(self, identity: Identity, path: Path) -> set[str]:
        keys = (key for need in path.needs for action in need for key in identity.grants.get(action, ()))
        return {self.reach[key] for key in keys} - {"*"}

    @cached_property
    def reach(self) -> dict[str, str]:
        """Grant → a namespace, or ``*`` for the whole cluster."""
        grants = self.model.grants.items()
        return {key: grant.resources[0].split("/")[0] for key, grant in grants if grant.platform == "kubernetes"}

    def named(self, key: str) -> bool:
        """Whether resourceNames limit the grant."""
        return any(not resource.endswith("*") for resource in self.model.grants[key].resources)

    def _limit(self, id_: str, path: Path, key: str) -> Limit:
        """How resourceNames limit a right: free, to privileged names, or to others."""
        if not self.named(key):
            return "free"
        grant = self.model.grants[key]
        names = {resource.split("/", 1)[1] for resource in grant.resources if "/" in resource}
        if names & path.privileged_names:
            return "privileged"
        identities = self.model.identities
        for target in grant.targets:
            found = identities.get(target)
            if target != id_ and found is not None and found.all_access == "unconditional":
                return "privileged"
            if path.id.startswith("bind-") and self._powerful(target):
                return "privileged"
            if path.id.startswith("escalate-") and target in self._own_roles.get(id_, ()):
                return "privileged"
        return "named"

    def _powerful(self, role: str) -> bool:
        """A role that others may bind is worth what it allows."""
        return any(action == "*" or action in powerful_actions() for action in self.model.roles.get(role, ()))

    @cached_property
    def _own_roles(self) -> dict[str, set[str]]:
        """Identity → the roles from which it holds rights."""
        found: dict[str, set[str]] = {}
        for grant in self.model.grants.values():
            if grant.platform == "kubernetes":
                for holder in grant.holders:
                    found.setdefault(holder, set()).add(grant.source.address)
        return found

    def _present(self, id_: str, path: Path, scope: str) -> bool:
        """What a path wants in view beside the rights, except in the whole cluster."""
        if path.where is None or scope == "*":
            return True
        if path.where == "cloud_trust":
            return any(_covers(subject.split(":")[2], scope) for subject in self._pattern_subjects)
        if path.where == "cloud_accounts":
            entering = (self.model.identities.get(account) for account in self.cloud_accounts)
            return any(a is not None and a.kind == "service_account" and a.namespace == scope for a in entering)
        namespace = self.model.namespaces.get(scope)
        if namespace is None:
            return False
        if path.where == "configured":
            return any(account != id_ for account in namespace.configured)
        return namespace.admin_access

    @cached_property
    def _pattern_subjects(self) -> list[str]:
        return [
            value
            for edge in self.model.trust
            for condition in edge.conditions
            if condition.key.endswith(":sub")
            for value in condition.values
            if _PATTERN_SUBJECT.match(value)
        ]


def _covers(pattern: str, namespace: str) -> bool:
    """``glob.match`` of one segment: ``*`` and ``?`` stop at dots."""
    expression = re.escape(pattern).replace(r"\*", "[^.]*").replace(r"\?", "[^.]")
    return re.fullmatch(expression, namespace) is not None


def _is_written(action: str, written: Iterable[str]) -> bool:
    """A literal right counts where the verb is written, not where a wildcard covers it."""
    verb = action.split(" ")[0]
    return any(verb in said.split(" ")[0].split(",") for said in written)


def _uncovered(found: list[Way]) -> list[Way]:
    """A wider way of the same scope says it all. What hands on one's own rights is said beside other ways only."""
    by_id = paths_by_id()
    told = {(way.path, way.scope) for way in found}
    alone = all(by_id[way.path].hands_on for way in found)

    def covered(way: Way) -> bool:
        return any((wider, scope) in told for wider in by_id[way.path].covered_by for scope in ("*", way.scope))

    return [way for way in found if not covered(way) and not (alone and by_id[way.path].hands_on)]
