"""Parts of access: a set of actions on a set of resources under one set of conditions, and what denies and boundaries leave.

An allow statement is one part at first. A deny that covers some of its actions on some of its resources splits it: the
actions it does not name keep all resources, the others lose what the deny covers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from gate.extract.aws import actions, patterns
from gate.extract.aws.conditions import limiting
from gate.extract.aws.statements import PolicyDocument, Statement
from gate.model.access import Condition

NOT_KNOWN = "${gate:not-known}"
"""Stands among a part's resources for those that are not known before apply: like a policy variable it may be anything."""


@dataclass(frozen=True, slots=True)
class Part:
    """``actions`` on what ``resources`` cover without ``except_``; ``statement`` is the allow it comes from.

    ``full``: the actions the statement allows before denies and boundary.
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
class _Denial:
    """A deny that always holds. ``only``: the resources are those that ``resources`` do *not* cover (``NotResource``)."""

    actions: int
    resources: tuple[str, ...]
    negated: bool


@lru_cache(maxsize=16384)
def allowed_parts(document: PolicyDocument) -> tuple[Part, ...]:
    """A part for each allow statement of a document that allows anything."""
    found = []
    for statement in document.statements:
        if statement.effect != "Allow":
            continue
        resources, except_ = _resources(statement)
        allowed = _actions(statement) & _acting_on(resources)
        if allowed or _unlisted(statement):
            found.append(Part(statement, allowed, allowed, resources, except_, limiting(statement.conditions)))
    return tuple(found)


def _unlisted(statement: Statement) -> bool:
    return any(actions.expand(pattern) == 0 for pattern in statement.actions)


def _actions(statement: Statement) -> int:
    if statement.actions:
        return actions.expand_all(statement.actions)
    if statement.not_actions or any(part.where.startswith("NotAction") for part in statement.unknown):
        return actions.every_action() & ~actions.expand_all(statement.not_actions)
    return 0


def _resources(statement: Statement) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The resources of an allow and those it leaves out."""
    if statement.not_resources or any(part.where.startswith("NotResource") for part in statement.unknown):
        return ("*",), statement.not_resources
    if any(part.where.startswith("Resource") for part in statement.unknown):
        return (*statement.resources, NOT_KNOWN), ()
    # An identity policy without Resource is refused by AWS; were it accepted, nothing would limit it.
    return statement.resources or ("*",), ()


@lru_cache(maxsize=16384)
def _acting_on(resources: tuple[str, ...]) -> int:
    found = 0
    for resource in resources:
        found |= actions.acting_on(resource)
    return found


@lru_cache(maxsize=16384)
def _denials(document: PolicyDocument) -> tuple[_Denial, ...]:
    return tuple(denial for s in document.statements if s.effect == "Deny" for denial in _denial(s))


def _denial(statement: Statement) -> Iterator[_Denial]:
    """What a deny removes for certain, split by the services that its resources belong to."""
    where = {part.where.partition("[")[0].partition(".")[0] for part in statement.unknown}
    if limiting(statement.conditions) or where & {"Condition", "NotAction", "NotResource"}:
        return
    denied = _actions(statement)
    if statement.not_resources:
        yield _Denial(denied, statement.not_resources, negated=True)
        return
    by_actions: dict[int, list[str]] = {}
    for resource in statement.resources:
        by_actions.setdefault(denied & actions.acting_on(resource), []).append(resource)
    for some, resources in by_actions.items():
        if some:
            yield _Denial(some, tuple(resources), negated=False)


def subtract(part: Part, document: PolicyDocument) -> Iterable[Part]:
    """What is left of a part after the denies of a document."""
    left = [part]
    for denial in _denials(document):
        left = [piece for before in left for piece in _without(before, denial)]
    return left


def _without(part: Part, denial: _Denial) -> Iterator[Part]:
    touched = part.actions & denial.actions
    if not touched:
        yield part
        return
    rest = part.actions & ~touched
    if rest:
        yield replace(part, actions=rest)
    if denial.negated:
        resources = _both(part.resources, denial.resources)
        if resources:
            touched &= _acting_on(resources)
            if touched:
                yield replace(part, actions=touched, resources=resources)
        return
    resources = tuple(
        kept for kept in part.resources if not any(patterns.contains(denied, kept) for denied in denial.resources)
    )
    if resources:
        removed = tuple(d for d in denial.resources if any(patterns.overlaps(d, kept) for kept in resources))
        except_ = tuple(dict.fromkeys((*part.except_, *removed)))
        touched &= _acting_on(resources)
        if touched:
            yield replace(part, actions=touched, resources=resources, except_=except_)


def _both(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p for one in some for other in others for p in patterns.intersection(one, other)))


def limit(part: Part, boundary: PolicyDocument) -> Iterator[Part]:
    """What a boundary's allows leave of a part, a part for each of them."""
    for allowed in allowed_parts(boundary):
        resources = _both(part.resources, allowed.resources)
        common = part.actions & allowed.actions & _acting_on(resources)
        if resources and common:
            yield replace(
                part,
                actions=common,
                resources=resources,
                except_=tuple(dict.fromkeys((*part.except_, *allowed.except_))),
                conditions=tuple(dict.fromkeys((*part.conditions, *allowed.conditions))),
            )
