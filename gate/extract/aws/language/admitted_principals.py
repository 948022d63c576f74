"""Whom a resource policy lets in after its own denies: an explicit deny wins over every allow.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
A deny counts where it covers all that the allow says, for certain. One under a single condition limits the allow to
calls for which the condition does not hold (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html);
one with ``NotPrincipal`` leaves those it names
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gate.extract.aws.language import actions
from gate.extract.aws.language.conditions import impossible, not_always_met, opposite
from gate.extract.aws.language.permissions import allowed_permissions, without
from gate.extract.aws.language.statements import PolicyDocument, Statement
from gate.model.access import Condition, Principal

_SERVICES_EXEMPT = frozenset(["aws:principalisawsservice", "aws:viaawsservice"])
# How a call travels says nothing about who calls.
_NOT_ASKED = _SERVICES_EXEMPT | {"aws:securetransport"}
_UNSURE = frozenset(["Condition", "NotAction", "NotResource", "NotPrincipal"])


@dataclass(frozen=True, slots=True)
class ResourceStatement:
    """A statement of a resource policy with its principals read; ``Resource`` says what it protects, never nothing."""

    statement: Statement
    principals: tuple[Principal, ...]
    not_principals: tuple[Principal, ...] = ()

    @property
    def unsure(self) -> bool:
        """Whether a part that is not known before apply may make it narrower than it looks."""
        return any(part.where.partition("[")[0].partition(".")[0] in _UNSURE for part in self.statement.unknown)


@dataclass(frozen=True, slots=True)
class Admitted:
    """One principal that gets in, as the model tells it."""

    principal: Principal
    negated: bool
    actions: tuple[str, ...]
    conditions: tuple[Condition, ...]


def admitted(allow: ResourceStatement, denies: Sequence[ResourceStatement]) -> Iterator[Admitted]:
    """Each principal of an allow and what the denies leave to it; one that nothing is left to is not told."""
    statement = allow.statement
    if impossible(statement.conditions, signed=False):
        return
    written = statement.actions or statement.not_actions
    named = [(p, False) for p in allow.principals] + [(p, True) for p in allow.not_principals]
    found = [Admitted(principal, negated, written, statement.conditions) for principal, negated in named]
    for deny in denies:
        if deny.unsure:
            continue
        left = _left(statement, deny.statement)
        if left is not None:
            found = [kept for one in found for kept in _after(one, deny, left)]
    yield from found


def _left(allow: Statement, deny: Statement) -> tuple[str, ...] | None:
    """The action patterns of ``allow`` that ``deny`` leaves something of; ``None`` when it touches nothing."""
    parts = allowed_permissions(PolicyDocument((replace(allow, conditions=(), unknown=()),)))
    if any(part.where.startswith(("Action", "NotAction", "Resource", "NotResource")) for part in allow.unknown):
        return None  # what is not known may reach beyond the deny
    rest = [left for part in parts for left in without(part, deny)]
    if rest == list(parts):
        return None
    if allow.not_actions:
        return allow.not_actions if rest else ()
    kept = 0
    for part in rest:
        kept |= part.actions
    return tuple(a for a in allow.actions if rest and (actions.expand(a) & kept or not actions.expand(a)))


def _after(one: Admitted, deny: ResourceStatement, left: tuple[str, ...]) -> Iterator[Admitted]:
    pending = not_always_met(deny.statement.conditions, signed=False)
    if not _denied(one, deny):
        if deny.not_principals and one.principal.kind == "anyone" and not one.negated and not pending and not left:
            # Everybody is let in, and everybody but those named is kept out again.
            for principal in deny.not_principals:
                yield replace(one, principal=principal)
        else:
            yield one
    elif not pending:
        if left:
            yield replace(one, actions=left)
    elif left:
        yield one
    else:
        service = one.principal.kind == "service"
        limits = [c for c in pending if service or c.key.lower() not in _SERVICES_EXEMPT]
        asked = opposite(limits[0]) if len(limits) == 1 and limits[0].key.lower() not in _NOT_ASKED else None
        yield one if asked is None else replace(one, conditions=tuple(dict.fromkeys((*one.conditions, asked))))


def _denied(one: Admitted, deny: ResourceStatement) -> bool:
    """Whether the deny names the principal for certain."""
    who = one.principal
    if deny.not_principals:
        return who.kind in ("role", "user", "account") and not one.negated and not any(
            other.value == who.value or other.account in (None, who.account) for other in deny.not_principals
        )  # fmt: skip
    if any(other.kind == "anyone" for other in deny.principals):
        return True
    if one.negated:
        return False
    return any(
        (other.kind, other.value) == (who.kind, who.value)
        or (other.kind == "account" and who.account is not None and other.account == who.account)
        for other in deny.principals
    )
