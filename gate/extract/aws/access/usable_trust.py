"""Which trust edges the identities they name can take, as their own policies, boundaries and denies stand.

Within one account a trust policy that names a user or a role is enough, unless something denies it or a role's boundary
leaves it out; from another account the caller's policies have to allow it too
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gate.extract.aws.access.applicable_policies import ApplicablePolicies
from gate.extract.aws.access.effective_access import allowed_directly
from gate.extract.aws.documents.attached_policies import AttachedPolicy
from gate.extract.aws.identities.identity_index import IdentityIndex
from gate.extract.aws.language.statements import PolicyDocument, Statement
from gate.extract.aws.plan.plan_index import Item
from gate.extract.aws.plan.resource_arns import ResourceArns
from gate.model.access import AccessModel, Source, Trust


def with_usable(
    edges: list[Trust],
    model: AccessModel,
    registry: IdentityIndex,
    names: ResourceArns,
    surroundings: ApplicablePolicies,
) -> Iterator[Trust]:
    """The edges, each that names one identity of the plan with ``usable`` told."""
    for edge in edges:
        caller = registry.drafts.get(edge.principal.identity or "")
        role = registry.drafts[edge.identity].item
        if caller is None or caller.item is None or role is None or edge.negated:
            yield edge
        elif edge.delegates:
            yield replace(edge, usable=_allowed(model, caller.id, edge.identity))
        else:
            given = letting_in(role, names)
            usable = allowed_directly(caller.policies(), caller.boundary, given, surroundings.of(caller))
            yield replace(edge, usable=usable, ordinary=usable and _ordinary(edge))


def _ordinary(edge: Trust) -> bool:
    """Whether an edge that can be taken says no more than that one role of the account is let in."""
    principal = edge.principal
    plain = edge.actions == ("sts:AssumeRole",) and (edge.tags, edge.source_identity) == ("none", "none")
    whom = principal.kind == "role" and principal.own_account is True and principal.identity != edge.identity
    return plain and whom and not edge.conditions


def letting_in(role: Item, names: ResourceArns) -> AttachedPolicy:
    """What a trust policy gives to whom it names."""
    statement = Statement("Allow", 0, actions=("sts:AssumeRole",), resources=(names.known(role) or "*",))
    return AttachedPolicy(Source(role.id), PolicyDocument((statement,)))


def _allowed(model: AccessModel, caller: str, role: str) -> bool:
    grants = model.identities[caller].grants
    held = (model.grants[key] for key in (*grants.get("sts:AssumeRole", ()), *grants.get("*", ())))
    return any(grant.everything or role in grant.targets for grant in held)
