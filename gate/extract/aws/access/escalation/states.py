"""What identities would hold, were their rights rewritten or their guardrails lifted.

A permissions boundary and a deny hold back whoever cannot take them away
(https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html, "Delegating responsibility").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gate.extract.aws.access.applicable_policies import ApplicablePolicies
from gate.extract.aws.access.effective_access import (
    Access,
    PolicyContext,
    allowed_directly,
    ceiling,
    unheld_access,
)
from gate.extract.aws.access.escalation.attachable import Attachable
from gate.extract.aws.access.escalation.open_techniques import Grants, Opened
from gate.extract.aws.access.escalation.tags import asks_for_tag, tags
from gate.extract.aws.access.escalation.takeover_targets import View
from gate.extract.aws.access.escalation.technique_conditions import narrows
from gate.extract.aws.access.escalation.technique_openings import Finder
from gate.extract.aws.access.grant_table import GrantTable
from gate.extract.aws.access.usable_trust import letting_in
from gate.extract.aws.compute.ecs_exec import run_by_services
from gate.extract.aws.documents.attached_policies import AttachedPolicy
from gate.extract.aws.documents.managed_policy_lookup import ManagedPolicyLookup
from gate.extract.aws.identities.identity_index import Draft, IdentityIndex
from gate.extract.aws.language.techniques import knowledge
from gate.extract.aws.plan.referenced_resources import ReferencedResources
from gate.extract.aws.plan.resource_arns import ResourceArns
from gate.model.access import AccessModel, Identity
from gate.model.openings import Opening, Openings, State

REWRITTEN = "rewritten"


@dataclass(slots=True)
class States:
    """Works states out when the graph asks for them; most identities are never asked about."""

    model: AccessModel
    registry: IdentityIndex
    table: GrantTable
    surroundings: ApplicablePolicies
    names: ResourceArns
    finder: Finder
    _found: dict[tuple[str, frozenset[str]], State] = field(default_factory=dict)

    def state(self, identity: str, changes: frozenset[str]) -> State:
        """As of ``Openings.state``."""
        at = (identity, changes)
        found = self._found.get(at)
        if found is None:
            found = self._found[at] = self._state(identity, changes)
        return found

    def _state(self, identity: str, changes: frozenset[str]) -> State:
        draft = self.registry.drafts.get(identity)
        if draft is None or draft.item is None:
            return State(administrator=True)  # nothing in view holds it back
        around = self.surroundings.of(draft)
        held = {f"boundary {draft.id}", f"content {draft.boundary_name}"}.isdisjoint(changes)
        boundary = draft.boundary if held else None
        rewritten = REWRITTEN in changes
        joined = [p for change in sorted(changes) for p in self._joined(change)]
        denying = [p for place, p in _policies(draft) if place.isdisjoint(changes) and not rewritten] + joined
        access: Access | None
        if rewritten:
            access = ceiling(boundary, self.table, around)
        else:
            access = unheld_access([*draft.policies(), *joined], denying, boundary, self.table, around)
        self.model.grants.update(self.table.added())
        if access is None or access.all_access == "unconditional":
            return State(administrator=True)
        self.finder.opened.add(self.model.grants)
        return State(
            administrator=makes_administrator(self.model, access),
            grants=access.grants,
            services=access.services,
            service_names=access.service_names,
            openings=(*self._openings(access, identity, boundary), *self._entries(draft, denying, boundary, around)),
        )

    def _openings(self, access: Access, identity: str, boundary: AttachedPolicy | None) -> list[str]:
        return self.finder.of(usable(self.finder.opened, access), identity, bounded=boundary is not None)

    def _joined(self, change: str) -> list[AttachedPolicy]:
        """The policies of the group, where the change is to join one."""
        group = self.registry.drafts.get(change.removeprefix("joined ")) if change.startswith("joined ") else None
        return group.policies() if group else []

    def _entries(
        self, draft: Draft, denying: list[AttachedPolicy], boundary: AttachedPolicy | None, around: PolicyContext
    ) -> Iterator[str]:
        """Roles that name it, which its boundary or its denies have kept it from so far."""
        for edge in self.model.trust:
            if edge.principal.identity != draft.id or edge.usable is not False or edge.delegates:
                continue
            role = self.registry.drafts[edge.identity].item
            if role is not None and allowed_directly(denying, boundary, letting_in(role, self.names), around):
                yield self.finder.openings.enter(Opening("sts-assume-role", "becomes", frozenset([edge.identity])))


def makes_administrator(model: AccessModel, access: Access | Identity) -> bool:
    """Whether all of it, or an action that makes administrators, is held on everything, whatever the request."""
    if access.all_access == "unconditional":
        return True
    for action in knowledge().powerful:
        for key in access.grants.get(action, ()):
            grant = model.grants[key]
            if grant.width == "everything" and not narrows(grant):
                return True
    return False


def usable(opened: Opened, access: Access | Identity) -> Grants:
    """The grants that may open something.

    Of every action under a condition on what is done (which policy is attached, which prefix is listed), not all know
    the condition's key, and which do is not known here: none counts. Under one on tags those count that tags tell.
    """
    if access.all_access == "none":
        return access.grants
    told = knowledge().told_by_tags
    held = {a: tuple(k for k in keys if _counts(opened, k, a in told)) for a, keys in access.grants.items()}
    return {action: keys for action, keys in held.items() if keys}


def _counts(opened: Opened, key: str, by_tags: bool) -> bool:
    narrowing = [condition for condition in opened.grants[key].conditions if condition.narrows]
    return all((by_tags and asks_for_tag(c)) or opened.attachable.attaches_strong(c) for c in narrowing)


def _policies(draft: Draft) -> Iterator[tuple[set[str], AttachedPolicy]]:
    """Each policy that counts for the identity, with the changes that take its denies away."""
    for holder in (draft, *draft.groups.values()):
        leaving = {f"membership {holder.id}"} if holder is not draft else set[str]()
        for policy in holder.inline.values():
            yield leaving | {f"inline {holder.id}"}, policy
        for name, policy in holder.managed.items():
            yield leaving | {f"managed {holder.id}", f"content {name}"}, policy


def add_rights(registry: IdentityIndex, openings: Openings) -> None:
    """Say whose rights stand where: in identities, groups and managed policies; and what holds whom back."""
    rights: dict[str, set[str]] = {}
    guardrails: dict[str, dict[str, set[str]]] = {}
    for draft in registry.drafts.values():
        members = {draft.id, *(member for member in draft.members)}
        rights.setdefault(draft.id, set()).update(members)
        for name in (*draft.managed, *draft.outside):
            rights.setdefault(name, set()).update(members)
        if draft.boundary_name:
            guardrails.setdefault("boundary", {}).setdefault(draft.id, set()).add(draft.id)
            guardrails.setdefault("content", {}).setdefault(draft.boundary_name, set()).add(draft.id)
        for kind, found in (("inline", draft.inline), ("managed", draft.managed)):
            for name, policy in found.items():
                if not any(statement.effect == "Deny" for statement in policy.document.statements):
                    continue
                guardrails.setdefault(kind, {}).setdefault(draft.id, set()).update(members)
                if kind == "managed":
                    guardrails.setdefault("content", {}).setdefault(name, set()).update(members)
                if draft.kind == "group":
                    guardrails.setdefault("membership", {}).setdefault(draft.id, set()).update(draft.members)
    openings.rights_of.update({thing: frozenset(ids) for thing, ids in rights.items()})
    # A boundary's content can be written, too, though it is nobody's rights.
    for name in guardrails.get("content", {}):
        openings.rights_of.setdefault(name, frozenset())
    openings.joining = frozenset(d.id for d in registry.drafts.values() if d.kind == "user" and d.item is not None)
    for kind, found_at in guardrails.items():
        openings.guardrails[kind] = {thing: frozenset(ids) for thing, ids in found_at.items()}


def add_openings(
    model: AccessModel,
    registry: IdentityIndex,
    table: GrantTable,
    surroundings: ApplicablePolicies,
    managed: ManagedPolicyLookup,
    links: ReferencedResources,
) -> None:
    """State what each identity of AWS in ``model`` can open, and how to work out the states it could be brought to."""
    add_rights(registry, model.openings)
    opened = Opened(model.grants, tags(registry, model.trust), Attachable(managed))
    view = View(model, run_by_services(registry.side, links))
    finder = Finder(model, model.openings, opened, view)
    model.openings.state = States(model, registry, table, surroundings, surroundings.callers.names, finder).state
    hold_openings(model, finder)


def hold_openings(model: AccessModel, finder: Finder) -> None:
    """Let each identity of AWS hold the openings of its grants."""
    openings = model.openings
    openings.closed = finder.opened.closed
    for id_, identity in model.identities.items():
        if identity.platform != "aws":
            continue
        if makes_administrator(model, identity):
            openings.administrators.add(id_)
        if identity.all_access != "unconditional":
            grants = usable(finder.opened, identity)
            openings.held[id_] = finder.of(grants, id_, bounded=identity.boundary is not None)
        if identity.all_access == "conditional":
            openings.conditional.add(id_)
