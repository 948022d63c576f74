"""Permissions: actions on resources under conditions, and what denies and boundaries leave of them.

An allow statement is one permission at first. A deny that covers some of its actions on some of its resources splits
it: the actions it does not name keep all resources, the others lose what the deny covers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from gate.extract.aws.language import actions, patterns
from gate.extract.aws.language.beginnings import covered, overlapping
from gate.extract.aws.language.conditions import Caller, about_caller, impossible, not_always_met
from gate.extract.aws.language.pattern_intersections import intersection
from gate.extract.aws.language.statements import PolicyDocument, Statement
from gate.model.access import Condition

NOT_KNOWN = "${gate:not-known}"
"""Among the resources of a permission: those not known before apply. Like a policy variable it may be anything."""

_MOST_PATTERNS = 48


@dataclass(frozen=True, slots=True)
class Permission:
    """``actions`` on what ``resources`` cover without ``except_``; ``statement`` is the allow it comes from.

    ``full``: the actions that the statement's wildcards stand for, before denies and boundary.
    """

    statement: Statement
    full: int
    actions: int
    resources: tuple[str, ...]
    except_: tuple[str, ...]
    conditions: tuple[Condition, ...]

    @property
    def everything(self) -> bool:
        """Whether every resource is reached."""
        return not self.except_ and any(patterns.is_everything(resource) for resource in self.resources)


@dataclass(frozen=True, slots=True)
class Denial:
    """A deny that holds for every call; ``negated``: on all that ``resources`` do *not* cover (``NotResource``)."""

    actions: int
    resources: tuple[str, ...]
    negated: bool


@lru_cache(maxsize=16384)
def allowed_permissions(document: PolicyDocument) -> tuple[Permission, ...]:
    """A permission for each allow statement of a document that allows anything."""
    found = []
    for statement in document.statements:
        if statement.effect != "Allow" or impossible(statement.conditions):
            continue
        resources = _resources(statement)
        allowed = _actions(statement)
        # An allow with NotResource is an allow on everything less a deny on those.
        left_out = tuple(_by_service(actions.every_action(), statement.not_resources))
        pieces = _pieces(allowed, resources) or ([(0, resources)] if _unlisted(statement) else [])
        whole = sum(some for some, _ in pieces)
        widest = max((some for some, _ in pieces), key=_weight, default=0)
        for some, reached in pieces:
            # A wildcard of the statement is told once, with the piece that has most of what rules look at.
            full = some if some == widest else whole
            permission = Permission(statement, full, some, reached, (), not_always_met(statement.conditions))
            found.extend(_after([permission], left_out))
    return tuple(found)


def _weight(some: int) -> tuple[int, int]:
    return (some & actions.sensitive_actions()).bit_count(), some.bit_count()


def permissions_of(document: PolicyDocument, caller: Caller | None) -> tuple[Permission, ...]:
    """``allowed_permissions``, without what the conditions keep from this caller in every call."""
    found = allowed_permissions(document)
    if caller is None or not any(about_caller(permission.conditions) for permission in found):
        return found
    return tuple(
        replace(permission, conditions=not_always_met(permission.conditions, caller))
        for permission in found
        if not impossible(permission.conditions, caller)
    )


def _unlisted(statement: Statement) -> bool:
    return any(actions.expand(pattern) == 0 for pattern in statement.actions)


def _actions(statement: Statement) -> int:
    if statement.actions:
        return actions.expand_all(statement.actions)
    if statement.not_actions or any(part.where.startswith("NotAction") for part in statement.unknown):
        return actions.every_action() & ~actions.expand_all(statement.not_actions)
    return 0


def _resources(statement: Statement) -> tuple[str, ...]:
    """The resources of an allow, without regard to those it leaves out."""
    if any(part.where.startswith("Resource") for part in statement.unknown):
        return (*statement.resources, NOT_KNOWN)
    # An identity policy without Resource is refused by AWS; were it accepted, nothing would narrow it.
    return statement.resources or ("*",)


@lru_cache(maxsize=16384)
def _pieces(allowed: int, resources: tuple[str, ...]) -> list[tuple[int, tuple[str, ...]]]:
    """The actions with the resources that they can act on: each action once, those with the same resources together.

    ``s3:*`` on a bucket and its objects is two pieces: an action on objects is not allowed by the bucket's ARN.
    """
    if len(resources) == 1:
        acting = allowed & actions.acting_on(resources[0])
        return [(acting, resources)] if acting else []
    pieces: list[tuple[int, tuple[str, ...]]] = [(allowed, ())]
    for resource in resources:
        acting = actions.acting_on(resource)
        parted = []
        for some, reached in pieces:
            parted += [(some & acting, (*reached, resource)), (some & ~acting, reached)]
        pieces = [(some, reached) for some, reached in parted if some]
    return [(some, reached) for some, reached in pieces if reached]


@lru_cache(maxsize=16384)
def denials_of(document: PolicyDocument, caller: Caller | None = None) -> tuple[Denial, ...]:
    """What the denies of a document that hold for every call (of ``caller``) remove; those of the same actions as one.

    Asked once for all permissions: looking it up costs as much as the document is long.
    """
    found = (s for s in document.statements if s.effect == "Deny" and _always(s.conditions, caller))
    apart: list[Denial] = []
    together: dict[int, list[str]] = {}
    for denial in (denial for statement in found for denial in _denial(statement)):
        if denial.negated:
            apart.append(denial)
        else:
            together.setdefault(denial.actions, []).extend(denial.resources)
    merged = (Denial(some, tuple(dict.fromkeys(all_)), negated=False) for some, all_ in together.items())
    return (*merged, *apart)


def _always(conditions: tuple[Condition, ...], caller: Caller | None) -> bool:
    if not not_always_met(conditions):
        return True
    return caller is not None and about_caller(conditions) and not not_always_met(conditions, caller)


def _denial(statement: Statement) -> Iterator[Denial]:
    """What a deny removes for certain where its conditions hold, split by the services that its resources belong to."""
    where = {part.where.partition("[")[0].partition(".")[0] for part in statement.unknown}
    if where & {"Condition", "NotAction", "NotResource"}:
        return
    denied = _actions(statement)
    if statement.not_resources:
        yield Denial(denied, statement.not_resources, negated=True)
        return
    yield from _by_service(denied, statement.resources)


def _by_service(denied: int, resources: tuple[str, ...]) -> Iterator[Denial]:
    """The removal of ``resources``, apart for the actions that can act on each."""
    by_actions: dict[int, list[str]] = {}
    for resource in resources:
        by_actions.setdefault(denied & actions.acting_on(resource), []).append(resource)
    for some, together in by_actions.items():
        if some:
            yield Denial(some, tuple(together), negated=False)


def subtract(permission: Permission, denials: Iterable[Denial]) -> list[Permission]:
    """What is left of a permission after these."""
    return _after([permission], denials)


def without(permission: Permission, statement: Statement) -> list[Permission]:
    """What is left of a permission after one deny, taken to hold for every call."""
    return _after([permission], _denial(statement))


def _after(permissions: list[Permission], denials: Iterable[Denial]) -> list[Permission]:
    for denial in denials:
        permissions = [left for permission in permissions for left in _without(permission, denial)]
    return permissions


def _without(permission: Permission, denial: Denial) -> Iterator[Permission]:
    touched = permission.actions & denial.actions
    if not touched:
        # Actions that are newer than the list have no bit: only a deny of every action is sure to name them.
        if permission.actions or denial.actions != actions.every_action() or not _covered(permission.resources, denial):
            yield permission
        return
    rest = permission.actions & ~touched
    if rest:
        yield replace(permission, actions=rest)
    if denial.negated:
        yield from _narrowed(permission, touched, _both(permission.resources, denial.resources), permission.except_)
    else:
        kept = tuple(resource for resource in permission.resources if not _covered((resource,), denial))
        yield from _narrowed(permission, touched, kept, (*permission.except_, *denial.resources))


def _narrowed(
    permission: Permission, some: int, resources: tuple[str, ...], except_: tuple[str, ...]
) -> Iterator[Permission]:
    """``some`` of the actions of a permission, on fewer resources; nothing when they can act on none of them."""
    for acting, reached, left_out in _left(some, resources, except_):
        yield replace(permission, actions=acting, resources=reached, except_=left_out)


@lru_cache(maxsize=4096)
def _left(
    some: int, resources: tuple[str, ...], except_: tuple[str, ...]
) -> list[tuple[int, tuple[str, ...], tuple[str, ...]]]:
    """The same for all permissions with these resources; of the exceptions those that may leave out something."""
    found = []
    for acting, reached in _pieces(some, resources):
        left_out = set().union(*(overlapping(except_, resource) for resource in reached)) if except_ else set()
        found.append((acting, reached, tuple(e for e in dict.fromkeys(except_) if e in left_out)))
    return found


def _covered(resources: tuple[str, ...], denial: Denial) -> bool:
    """Whether a deny with ``Resource`` covers all of ``resources`` for certain."""
    return not denial.negated and all(covered(denial.resources, resource) for resource in resources)


@lru_cache(maxsize=16384)
def _both(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    found = dict.fromkeys(p for one in some for other in others for p in intersection(one, other))
    # Intersections of intersections grow without end; what is cut from is a bound that loses no access.
    return tuple(found) if len(found) <= max(_MOST_PATTERNS, len(some) + len(others)) else some


def inside_boundary(permission: Permission, boundary: Iterable[Permission]) -> Iterator[Permission]:
    """What the allows of a boundary leave of a permission, a permission for each of them."""
    for allowed in boundary:
        common = permission.actions & allowed.actions
        if common:
            conditions = tuple(dict.fromkeys((*permission.conditions, *allowed.conditions)))
            resources = _both(permission.resources, allowed.resources)
            inside = replace(permission, conditions=conditions)
            yield from _narrowed(inside, common, resources, (*permission.except_, *allowed.except_))
