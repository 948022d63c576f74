"""Two access models of one change, compared: what each identity can do, and who can become it, on one side only.

Access counts where it is effective: a statement that moves to another policy, or that a wider one covers, is no
difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from gate.extract.aws.language import patterns
from gate.model.access import AccessModel, Condition, Grant, Identity
from gate.model.difference import Admission, IdentityDifference, Permission, Side


@dataclass(frozen=True, slots=True)
class _Right:
    """One action on one pattern: what is compared. ``through`` is not."""

    platform: str
    action: str
    resource: str
    except_: frozenset[str]
    conditions: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Admitted:
    """One action by which one principal may become an identity."""

    principal: str
    kind: str
    negated: bool
    action: str
    conditions: frozenset[str]


def differences(before: AccessModel | None, after: AccessModel) -> Iterator[IdentityDifference]:
    """Each identity of either side, by id, with what it gained and lost; ``reach`` and ``becomes`` are left empty.

    Identities without any difference come too: their reach may differ through others. Those the change only names come
    when it tells what they can do.
    """
    was = before or AccessModel()
    trusted_before, trusted_after = _admissions(was), _admissions(after)
    for id_ in sorted({*was.identities, *after.identities}):
        old, new = was.identities.get(id_), after.identities.get(id_)
        known = new or old
        assert known is not None
        if known.external and not (old and old.grants) and not (new and new.grants):
            continue
        rights_before, rights_after = _rights(was, old), _rights(after, new)
        let_in_before, let_in_after = trusted_before.get(id_, {}), trusted_after.get(id_, {})
        yield IdentityDifference(
            id=id_,
            kind=known.kind,
            platform=known.platform,
            change=_change(old, new),
            gained=Side(_beyond(rights_after, rights_before), _admitted_beyond(let_in_after, let_in_before)),
            lost=Side(_beyond(rights_before, rights_after), _admitted_beyond(let_in_before, let_in_after)),
        )


def _change(old: Identity | None, new: Identity | None) -> Literal["created", "deleted", "changed"]:
    if old is None:
        return "created"
    return "deleted" if new is None else "changed"


def _rights(model: AccessModel, identity: Identity | None) -> dict[_Right, set[str]]:
    """Each right, with the addresses it comes from."""
    found: dict[_Right, set[str]] = {}
    for action, keys in (identity.grants if identity else {}).items():
        for key in keys:
            grant = model.grants[key]
            for resource in _resources(grant):
                right = _Right(grant.platform, action, resource, frozenset(grant.except_), _texts(grant.conditions))
                found.setdefault(right, set()).add(grant.source.address)
    return found


def _resources(grant: Grant) -> tuple[str, ...]:
    return ("*",) if grant.everything and not grant.except_ else grant.resources


def _texts(conditions: Iterable[Condition]) -> frozenset[str]:
    return frozenset(f"{c.key} {c.operator} {'|'.join(c.values)}" for c in conditions)


def _beyond(rights: dict[_Right, set[str]], others: dict[_Right, set[str]]) -> tuple[Permission, ...]:
    """Those that no other right covers, rights on one resource together."""
    by_action: dict[str, list[_Right]] = {}
    for other in others:
        by_action.setdefault(other.action, []).append(other)
    groups: dict[tuple[str, tuple[str, ...], tuple[str, ...]], tuple[set[str], set[str]]] = {}
    for right, addresses in rights.items():
        if right in others or any(
            _covers(other, right) for action in (right.action, "*") for other in by_action.get(action, ())
        ):
            continue
        place = (right.resource, tuple(sorted(right.except_)), tuple(sorted(right.conditions)))
        actions, through = groups.setdefault(place, (set(), set()))
        actions.add(right.action)
        through.update(addresses)
    return tuple(
        Permission(tuple(sorted(actions)), *place, tuple(sorted(through)))
        for place, (actions, through) in sorted(groups.items())
    )


def _covers(wide: _Right, narrow: _Right) -> bool:
    return (
        wide.platform == narrow.platform
        and wide.conditions <= narrow.conditions
        and wide.except_ <= narrow.except_
        and _contains(wide, narrow)
    )


def _contains(wide: _Right, narrow: _Right) -> bool:
    if wide.resource in ("*", narrow.resource):
        return True
    if wide.platform == "kubernetes":
        return wide.resource.endswith("/*") and narrow.resource.startswith(wide.resource.removesuffix("*"))
    return patterns.contains(wide.resource, narrow.resource)


def _admissions(model: AccessModel) -> dict[str, dict[_Admitted, set[str]]]:
    """Identity → who may become it, with the addresses that say so."""
    found: dict[str, dict[_Admitted, set[str]]] = {}
    for edge in model.trust:
        who, conditions = edge.principal, _texts(edge.conditions)
        for action in edge.actions:
            one = _Admitted(who.identity or who.value, who.kind, edge.negated, action, conditions)
            found.setdefault(edge.identity, {}).setdefault(one, set()).add(edge.source.address)
    return found


def _admitted_beyond(some: dict[_Admitted, set[str]], others: dict[_Admitted, set[str]]) -> tuple[Admission, ...]:
    """Those that no other admits, the actions of one principal together."""
    groups: dict[tuple[str, str, bool, tuple[str, ...]], tuple[set[str], set[str]]] = {}
    for one, addresses in some.items():
        if not any(_admits(other, one) for other in others):
            place = (one.principal, one.kind, one.negated, tuple(sorted(one.conditions)))
            actions, through = groups.setdefault(place, (set(), set()))
            actions.add(one.action)
            through.update(addresses)
    return tuple(
        Admission(principal, kind, negated, tuple(sorted(actions)), conditions, tuple(sorted(through)))
        for (principal, kind, negated, conditions), (actions, through) in sorted(groups.items())
    )


def _admits(wide: _Admitted, narrow: _Admitted) -> bool:
    return wide.conditions <= narrow.conditions and (wide.principal, wide.kind, wide.negated, wide.action) == (
        narrow.principal,
        narrow.kind,
        narrow.negated,
        narrow.action,
    )


def with_reach(
    found: IdentityDifference, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> IdentityDifference:
    """The same with what differs in the blast radius of both sides (``None`` where the identity does not exist)."""
    names = sorted({*(before or {}), *(after or {})} - {"becomes", "tiers"})
    sides = {name: {"before": (before or {}).get(name), "after": (after or {}).get(name)} for name in names}
    was, will = _becomes(before), _becomes(after)
    if was is None or will is None:
        was = will = set()
    return replace(
        found,
        gained=replace(found.gained, becomes=tuple(sorted(will - was))),
        lost=replace(found.lost, becomes=tuple(sorted(was - will))),
        reach={name: side for name, side in sides.items() if side["before"] != side["after"]},
    )


def _becomes(radius: dict[str, Any] | None) -> set[str] | None:
    """The identities it can become; ``None`` when there are too many to be listed."""
    if radius is None:
        return set()
    return set(radius["becomes"]) if len(radius["becomes"]) == radius["identities"] else None
