"""Trust policies to edges: who may become which role."""

from __future__ import annotations

from collections.abc import Iterator

from gate.extract.aws.plan_side import Item, PlanSide
from gate.extract.aws.policy_sources import PolicySources
from gate.extract.aws.principals import principal
from gate.extract.aws.registry import Draft, Registry
from gate.extract.aws.statements import PolicyDocument, Statement
from gate.extract.aws.unknown_parts import unknown_parts
from gate.model.access import Principal, Trust

WHAT = "trust policy"


def trusts(side: PlanSide, registry: Registry, sources: PolicySources) -> Iterator[Trust]:
    """An edge for each principal of each Allow statement of every role's trust policy."""
    for item in side.of("aws_iam_role"):
        draft = registry.drafts[item.id]
        document = sources.document(item, "assume_role_policy", WHAT, draft.id)
        if document is not None:
            yield from _edges(draft, item, document, registry, sources)


def _edges(
    draft: Draft, item: Item, document: PolicyDocument, registry: Registry, sources: PolicySources
) -> Iterator[Trust]:
    for statement in document.statements:
        sources.unknown.extend(unknown_parts(statement, item, WHAT, draft.id))
        if statement.effect != "Allow":
            continue
        for negated, named in principals_of(statement, registry, item):
            actions = statement.actions or statement.not_actions
            yield Trust(draft.id, named, actions, statement.conditions, item.source(statement.label), negated)


def principals_of(statement: Statement, registry: Registry, item: Item) -> Iterator[tuple[bool, Principal]]:
    """Each principal of a statement, and whether it stands under ``NotPrincipal``."""
    for type_, value in statement.principals:
        yield False, principal(type_, value, registry, item)
    for type_, value in statement.not_principals:
        yield True, principal(type_, value, registry, item)
