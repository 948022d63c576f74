"""Effective access of one identity: allows, minus explicit denies, inside the permissions boundary.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
An explicit deny in any policy wins over every allow; identity policies and boundary must both allow
(https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html).
Where the outcome depends on what nobody knows yet (a condition of a deny, a part not known before apply), access stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gate.extract.aws import actions
from gate.extract.aws.grants import GrantTable
from gate.extract.aws.parts import Part, allowed_parts, limit, subtract
from gate.extract.aws.statements import PolicyDocument
from gate.extract.aws.targets import TargetIndex
from gate.model.access import Source

__all__ = ["Access", "AttachedPolicy", "GrantTable", "TargetIndex", "effective_access"]


@dataclass(frozen=True, slots=True)
class AttachedPolicy:
    """A policy in force for an identity: ``source`` is the resource that holds it (each grant adds its statement)."""

    source: Source
    document: PolicyDocument


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


def effective_access(
    identity: str, policies: Sequence[AttachedPolicy], boundary: AttachedPolicy | None, table: GrantTable
) -> Access:
    """Work out the access of ``identity`` and enter it in ``table`` as a holder of each grant.

    ``policies``: its own, those attached to it and those of its groups. ``boundary``: its permissions boundary;
    ``None`` when it has none, or one that is not known (a boundary only removes).
    """
    held = [(policy, part) for policy in policies for part in allowed_parts(policy.document)]
    if boundary is not None:
        held = [(policy, inside) for policy, part in held for inside in limit(part, boundary.document)]
    for document in [policy.document for policy in policies] + ([boundary.document] if boundary else []):
        held = [(policy, left) for policy, part in held for left in subtract(part, document)]
    keys = [table.enter(identity, policy.source, part) for policy, part in held]
    return _access([part for _, part in held], keys)


def _access(parts: list[Part], keys: list[str | None]) -> Access:
    reached = everywhere = sure = services = 0
    for part in parts:
        reached |= part.actions
        services |= actions.services(part.actions)
        if part.everything:
            everywhere |= part.actions
            if not part.conditions:
                sure |= part.actions
    every = actions.every_action()
    held = [(part, key) for part, key in zip(parts, keys, strict=True) if key is not None]
    grants: dict[str, tuple[str, ...]] = {}
    if sure == every:
        whole = [(part, key) for part, key in held if part.everything and not part.conditions]
        alone = [key for part, key in whole if part.actions == every]
        grants["*"] = tuple(dict.fromkeys(alone or [key for _, key in whole]))
    else:
        for part, key in held:
            for name in actions.sensitive_names(part.actions):
                listed = grants.get(name, ())
                if key not in listed:
                    grants[name] = (*listed, key)
    kind: Literal["unconditional", "conditional", "none"] = (
        "unconditional" if sure == every else "conditional" if everywhere == every else "none"
    )
    names = () if kind == "unconditional" else actions.service_names(services)
    return Access(grants, kind, reached.bit_count(), services.bit_count(), names)
