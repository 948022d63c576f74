"""Parts of a statement that are not known before apply, as unknowns of the model."""

from __future__ import annotations

from collections.abc import Iterator

from gate.extract.aws.plan_side import Item
from gate.extract.aws.statements import Statement
from gate.extract.remedies import not_known
from gate.model.access import Source, Unknown


def unknown_parts(statement: Statement, item: Item, what: str, identity: str | None) -> Iterator[Unknown]:
    """One unknown for each part of ``statement`` nobody knows before apply."""
    for part in statement.unknown:
        because = f" because it mentions {part.reference}" if part.reference else ""
        reason = f"{part.where} of statement {statement.label} in {item.id} is not known before apply{because}."
        source = Source(item.id, statement.label, item.resource.location)
        yield Unknown(what, reason, source, identity, part.reference, not_known(item.plan), item.change)
