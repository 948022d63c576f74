"""Parts of a statement that are not known before apply, as unknowns of the model."""

from __future__ import annotations

from collections.abc import Iterator

from gate.extract.aws.language import actions, patterns
from gate.extract.aws.language.statements import Statement, UnknownPart
from gate.extract.aws.plan.plan_index import Item
from gate.extract.remedies import not_known
from gate.model.access import Source, Unknown, UnknownWhat


def may_widen(statement: Statement, part: UnknownPart) -> bool:
    """Whether knowing ``part`` could show that an identity's statement allows more than it shows now, of what counts.

    A deny only takes away, and a statement on every resource cannot reach further. Where no action is one that rules
    look at, nothing follows from the resources and conditions.
    """
    where = part.where.partition("[")[0].partition(".")[0]
    if statement.effect == "Deny" or where == "Sid":
        return False
    if where == "Action":
        return "*" not in statement.actions
    if where not in ("Resource", "NotResource", "Condition"):
        return True
    if where == "Resource" and any(patterns.is_everything(resource) for resource in statement.resources):
        return False
    actions_known = not any(other.where.startswith(("Action", "NotAction")) for other in statement.unknown)
    harmless = not actions.expand_all(statement.actions) & actions.sensitive_actions()
    return bool(statement.not_actions) or not (actions_known and harmless)


def unknown_parts(statement: Statement, item: Item, what: UnknownWhat, identity: str | None) -> Iterator[Unknown]:
    """One unknown for each part of ``statement`` nobody knows before apply."""
    for part in statement.unknown:
        yield unknown_part(part, item.source(statement.label), what, identity, item)


def unknown_part(
    part: UnknownPart, source: Source, what: UnknownWhat, identity: str | None, item: Item | None
) -> Unknown:
    """The unknown for one part of the statement at ``source``; ``item``: what changes with it, when that is in view."""
    because = f" because it mentions {part.reference}" if part.reference else ""
    reason = f"{part.where} of statement {source.statement} in {source.address} is not known before apply{because}."
    remedy, change = not_known(item.plan if item else None), item.change if item else "none"
    return Unknown(what, reason, source, identity, part.reference, remedy, change)
