"""What every adapter says to the graph about one side, and what follows from two platforms together."""

from __future__ import annotations

from gate.extract.bridge.reached_data import Things
from gate.model.access import AccessModel


def add_openings(model: AccessModel) -> None:
    """Complete ``model.openings`` of one side, after all adapters and the bridge."""
    _entries(model)
    stores: dict[str, dict[str, str]] = {}
    parts: dict[str, int] = {}
    platforms = {identity.platform for identity in model.identities.values()}
    if "aws" in platforms:
        from gate.extract.aws.language.techniques import knowledge

        stores.update(knowledge().stores)
        parts.update(knowledge().store_parts)
    if "kubernetes" in platforms:
        from gate.extract.kubernetes.access.escalation.leads import add_openings as add_ways
        from gate.extract.kubernetes.access.escalation.way_definitions import secret_reads

        stores.update({action: {"secret": "kubernetes"} for action in secret_reads()})
        add_ways(model)
    model.openings.things = Things(model.grants, stores, parts).through


def _entries(model: AccessModel) -> None:
    """Who is let in by name: within an account no permission of its own is needed for that."""
    for edge in model.trust:
        caller = edge.principal.identity
        if caller is None or edge.negated or edge.usable is False or caller == edge.identity:
            continue
        platform = model.identities[caller].platform if caller in model.identities else None
        technique = "sts-assume-role" if platform == "aws" else "federation"
        model.openings.entries.setdefault(caller, {})[edge.identity] = technique
