"""What the calls of the identities in view carry, and whom conditions about the caller let in of all that call.

In one account an allow for everybody (``"Principal": "*"``) is enough by itself: who fits its conditions needs no
permission of its own. Only an account as principal leaves it to identity policies.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from gate.extract.aws.identities.identity_index import Draft, IdentityIndex
from gate.extract.aws.language.conditions import Caller, about_caller, impossible, not_always_met
from gate.extract.aws.plan.resource_arns import ResourceArns
from gate.model.access import Condition, Principal, Source, Trust, Unknown, UnknownWhat

_MOST = 50_000
"""Of the ways in that are told one by one; what lets in more is told as something that cannot be reviewed."""


@dataclass(slots=True)
class Callers:
    """Users and roles by what they carry."""

    registry: IdentityIndex
    names: ResourceArns
    unknown: list[Unknown]
    """What lets in too many is added here."""
    _fitting: dict[tuple[Condition, ...], tuple[tuple[Draft, tuple[Condition, ...]], ...]] = field(default_factory=dict)
    _by_account: dict[str | None, list[Draft]] = field(default_factory=dict)
    _told: int = 0

    def of(self, draft: Draft) -> Caller | None:
        """What the calls of a user or role carry; a group does not call, its members do."""
        if draft.kind not in ("user", "role"):
            return None
        arn = self.names.known(draft.item) if draft.item is not None else draft.arn
        if draft.item is not None and draft.item.type == "aws_ssoadmin_permission_set":
            arn = None  # the role has a name of its own in each account
        arns: tuple[str, ...] = (arn,) if arn else ()
        if arn and ":role/" in arn:
            head, _, path = arn.partition(":role/")
            arns = tuple(dict.fromkeys([arn, f"{head}:role/{path.rsplit('/', 1)[-1]}"]))
        named = draft.name if draft.kind == "user" and "*" not in draft.name else None
        return Caller(arns, "user" if draft.kind == "user" else "role", self.registry.account(draft), named)

    def fitting(self, conditions: tuple[Condition, ...]) -> tuple[tuple[Draft, tuple[Condition, ...]], ...]:
        """Who fits all conditions about the caller for certain, each with the conditions that are left.

        Nobody without such conditions: what is open to the public is told as that.
        """
        if not about_caller(conditions):
            return ()
        found = self._fitting.get(conditions)
        if found is None:
            found = self._fitting[conditions] = tuple(self._fit(conditions))
        return found

    def _fit(self, conditions: tuple[Condition, ...]) -> Iterator[tuple[Draft, tuple[Condition, ...]]]:
        for draft in self.registry.drafts.values():
            caller = self.of(draft)
            if caller is None or impossible(conditions, caller):
                continue
            left = not_always_met(conditions, caller)
            if not about_caller(left):
                yield draft, left

    def of_account(self, account: str | None) -> list[Draft]:
        """The users and roles that the change manages in an account."""
        if not self._by_account:
            for draft in self.registry.drafts.values():
                if draft.kind in ("user", "role") and draft.item is not None:
                    self._by_account.setdefault(self.registry.account(draft), []).append(draft)
        return self._by_account.get(account, []) if account is not None else []

    def few(self, count: int, what: UnknownWhat, source: Source, identity: str | None) -> bool:
        """Whether so many more can be told one by one, who is let in by ``what`` (a policy) of ``source``."""
        self._told += count
        if self._told > _MOST and count:
            reason = (
                f"The {what} of {source.address} admits everyone who meets its conditions: too many identities to list."
            )
            self.unknown.append(Unknown(what, reason, source, identity, remedy="name the intended principals"))
        return self._told <= _MOST


def named_by_conditions(edges: Iterable[Trust], callers: Callers) -> Iterator[Trust]:
    """An edge for each identity that a role lets in as one of everybody, or as one of another account of the plan."""
    for edge in edges:
        if edge.negated:
            continue
        if edge.principal.kind == "account" and edge.principal.own_account is False:
            yield from _of_other_account(edge, callers)
        if edge.principal.kind != "anyone":
            continue
        role = callers.registry.drafts[edge.identity]
        account = callers.registry.account(role)
        fitting = [(d, c) for d, c in callers.fitting(edge.conditions) if _beside(d, role, account, callers.registry)]
        if not callers.few(len(fitting), "trust policy", edge.source, role.id):
            continue
        for draft, left in fitting:
            arn = callers.names.known(draft.item) if draft.item is not None else draft.arn
            named = Principal(draft.kind, arn or draft.id, identity=draft.id, account=account, own_account=True)
            yield replace(edge, principal=named, conditions=left)


def _of_other_account(edge: Trust, callers: Callers) -> Iterator[Trust]:
    """The identities in view of the account that a role lets in, where a plan is for several accounts."""
    there = [d for d in callers.of_account(edge.principal.account) if not impossible(edge.conditions, callers.of(d))]
    if callers.few(len(there), "trust policy", edge.source, edge.identity):
        for draft in there:
            arn = callers.names.known(draft.item) if draft.item is not None else draft.arn
            named = replace(edge.principal, kind=draft.kind, value=arn or draft.id, identity=draft.id)
            yield replace(edge, principal=named)


def _beside(draft: Draft, role: Draft, account: str | None, registry: IdentityIndex) -> bool:
    return draft.id != role.id and (account is None or registry.account(draft) in (None, account))
