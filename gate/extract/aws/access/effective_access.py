"""Effective access of one identity: allows, minus explicit denies, inside boundary and service control policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
An explicit deny in any policy wins over every allow; identity policies and boundary must both allow
(https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html).
Where the outcome depends on what nobody knows yet (a condition of a deny, a part not known before apply), access stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from gate.extract.aws.access.grant_table import GrantTable
from gate.extract.aws.documents.attached_policies import AttachedPolicy
from gate.extract.aws.documents.unknown_policy_elements import may_widen
from gate.extract.aws.language import actions
from gate.extract.aws.language.called_via import only_by_a_service
from gate.extract.aws.language.conditions import Caller
from gate.extract.aws.language.permissions import Permission, denials_of, inside_boundary, permissions_of, subtract
from gate.extract.aws.language.statements import PolicyDocument, Statement
from gate.model.access import Source


@dataclass(frozen=True, slots=True)
class Access:
    """What an identity can do effectively.

    ``grants``: sensitive action → keys in the table, or only ``{"*": keys}`` when ``all_access`` is ``unconditional``.
    ``actions``, ``services``: how many of the whole action list, and of how many services; ``service_names``: which,
    not listed when ``unconditional``.
    """

    grants: dict[str, tuple[str, ...]]
    all_access: Literal["unconditional", "conditional", "none"]
    actions: int
    services: int
    service_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyContext:
    """What counts for an identity beside its own policies and its boundary.

    ``caller``: what its calls carry. ``direct``: resource policies that give it access by themselves. ``levels``: of
    service control policies, each of which must allow; ``denials``: documents whose denies hold for it.
    ``at_resources``: what is left of a part after the policies of the resources it reaches, and whether the part comes
    from an identity policy.
    """

    caller: Caller | None = None
    direct: tuple[AttachedPolicy, ...] = ()
    levels: tuple[tuple[PolicyDocument, ...], ...] = ()
    denials: tuple[PolicyDocument, ...] = ()
    at_resources: Callable[[Permission, bool], list[Permission]] | None = None


_ALONE = PolicyContext()


def effective_access(
    identity: str,
    policies: Sequence[AttachedPolicy],
    boundary: AttachedPolicy | None,
    table: GrantTable,
    around: PolicyContext = _ALONE,
) -> Access:
    """Work out the access of ``identity`` and enter it in ``table`` as a holder of each grant.

    ``policies``: its own, those attached to it and those of its groups. ``boundary``: its permissions boundary;
    ``None`` when it has none, or one that is not known (a boundary only removes).
    """
    held = _apart(_held(policies, policies, around.direct, boundary, around), table)
    keys = [table.enter(identity, policy.source, part) for policy, part in held]
    return _access([part for _, part in held], keys)


_ANYTHING = AttachedPolicy(
    Source("service control policies"),
    PolicyDocument((Statement("Allow", 0, actions=("*",), resources=("*",)),)),
)


def ceiling(boundary: AttachedPolicy | None, table: GrantTable, around: PolicyContext) -> Access | None:
    """What an identity could give itself at most, were its rights rewritten. Its own denies it could take back, too.

    ``None`` when nothing in view limits it, or when its boundary may allow more than is known before apply.
    """
    if boundary is None and not around.levels and not around.denials:
        return None
    if boundary is not None and any(may_widen(s, part) for s in boundary.document.statements for part in s.unknown):
        return None
    limits = replace(around, direct=())
    allowing = [boundary or _ANYTHING]
    held = _apart(_held(allowing, allowing, (), None, limits), table)
    return _access([part for _, part in held], [table.enter(None, policy.source, part) for policy, part in held])


def unheld_access(
    policies: Sequence[AttachedPolicy],
    denying: Sequence[AttachedPolicy],
    boundary: AttachedPolicy | None,
    table: GrantTable,
    around: PolicyContext,
) -> Access:
    """What ``policies`` would give if only the denies of ``denying`` and this boundary held them back."""
    held = _apart(_held(policies, denying, around.direct, boundary, around), table)
    return _access([part for _, part in held], [table.enter(None, policy.source, part) for policy, part in held])


def allowed_directly(
    policies: Sequence[AttachedPolicy], boundary: AttachedPolicy | None, given: AttachedPolicy, around: PolicyContext
) -> bool:
    """Whether anything is left of what a resource policy gives to an identity that holds ``policies``."""
    return bool(_held((), policies, (given,), boundary, around))


_Held = list[tuple[AttachedPolicy, Permission]]


def _held(
    allowing: Sequence[AttachedPolicy],
    denying: Sequence[AttachedPolicy],
    given: Sequence[AttachedPolicy],
    boundary: AttachedPolicy | None,
    around: PolicyContext,
) -> _Held:
    caller = around.caller
    held = [(policy, part) for policy in allowing for part in permissions_of(policy.document, caller)]
    direct = [(policy, part) for policy in given for part in permissions_of(policy.document, caller)]
    if boundary is not None:
        held = _inside(held, (boundary.document,), caller)
        # What a resource policy gives to a user by name, the boundary has to allow only for roles.
        if caller is None or caller.kind != "user":
            direct = _inside(direct, (boundary.document,), caller)
    documents = [policy.document for policy in denying] + ([boundary.document] if boundary else [])
    left: _Held = []
    for own, parts in ((True, held), (False, direct)):
        for level in around.levels:
            parts = _inside(parts, level, caller)
        for document in (*documents, *around.denials):
            if denials := denials_of(document, caller):
                parts = [(policy, rest) for policy, part in parts for rest in subtract(part, denials)]
        if around.at_resources is not None:
            # Last: what its own denies leave of a star is cut like every other part.
            parts = [(policy, rest) for policy, part in parts for rest in around.at_resources(part, own)]
        left += parts
    return left


def _apart(held: _Held, table: GrantTable) -> _Held:
    return [(policy, alike) for policy, part in held for alike in table.apart(part)]


def _inside(held: _Held, documents: tuple[PolicyDocument, ...], caller: Caller | None) -> _Held:
    limits = [permissions_of(document, caller) for document in documents]
    return [(p, inside) for p, part in held for allowed in limits for inside in inside_boundary(part, allowed)]


def _access(parts: list[Permission], keys: list[str | None]) -> Access:
    reached = everywhere = sure = services = 0
    for part in parts:
        reached |= part.actions
        services |= actions.services(part.actions)
        if part.everything:
            everywhere |= part.actions
            if not part.conditions:
                sure |= part.actions
    every = actions.every_action()
    held = [
        (part, key)
        for part, key in zip(parts, keys, strict=True)
        if key is not None and not only_by_a_service(part.conditions)
    ]
    grants: dict[str, dict[str, None]] = {}
    if sure == every:
        whole = [(part, key) for part, key in held if part.everything and not part.conditions]
        alone = [key for part, key in whole if part.actions == every]
        grants["*"] = dict.fromkeys(alone or [key for _, key in whole])
    else:
        for part, key in held:
            for name in actions.sensitive_names(part.actions):
                grants.setdefault(name, {})[key] = None
    kind: Literal["unconditional", "conditional", "none"] = (
        "unconditional" if sure == every else "conditional" if everywhere == every else "none"
    )
    names = () if kind == "unconditional" else actions.service_names(services)
    listed = {name: tuple(found) for name, found in grants.items()}
    return Access(listed, kind, reached.bit_count(), services.bit_count(), names)
