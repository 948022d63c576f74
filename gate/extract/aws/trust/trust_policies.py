"""Trust policies to edges: who may become which role."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from gate.extract.aws.documents.control_policies import Organization
from gate.extract.aws.documents.policy_documents import PolicySources
from gate.extract.aws.documents.unknown_policy_elements import unknown_parts
from gate.extract.aws.identities.identity_index import Draft, IdentityIndex
from gate.extract.aws.identities.named_principals import principal
from gate.extract.aws.language import actions
from gate.extract.aws.language.admitted_principals import Admitted, ResourceStatement, admitted
from gate.extract.aws.language.statements import PolicyDocument, Statement
from gate.extract.aws.plan.plan_index import Item, PlanIndex
from gate.extract.aws.trust.unsatisfiable_trust import never_met
from gate.model.access import Principal, Trust, UnknownWhat

WHAT: UnknownWhat = "trust policy"
_ASSUME = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
_ON_TAGS = ("aws:requesttag/", "aws:tagkeys")
_ON_SOURCE_IDENTITY = ("sts:sourceidentity", "aws:sourceidentity")


def trusts(
    side: PlanIndex, registry: IdentityIndex, sources: PolicySources, organization: Organization
) -> Iterator[Trust]:
    """An edge for each principal that a role's trust policy lets in, after its own denies.

    ``sts:TagSession`` and ``sts:SetSourceIdentity`` alone let nobody in
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html).
    """
    for item in side.of("aws_iam_role"):
        draft = registry.drafts[item.id]
        document = sources.document(item, "assume_role_policy", WHAT, draft.id)
        if document is None:
            continue
        for statement in document.statements:
            sources.unknown.extend(unknown_parts(statement, item, WHAT, draft.id))
        yield from _edges(draft, item, document, registry, organization)


def _edges(
    draft: Draft, item: Item, document: PolicyDocument, registry: IdentityIndex, organization: Organization
) -> Iterator[Trust]:
    rules = [_rule(statement, registry, item) for statement in document.statements]
    denies = [rule for rule in rules if rule.statement.effect == "Deny"] + organization.resource_denies(item)
    allows = [rule for rule in rules if rule.statement.effect == "Allow"]
    named = [(rule.statement, frozenset((*rule.principals, *rule.not_principals))) for rule in allows]
    for rule in allows:
        if not _lets_in(rule.statement):
            continue
        for one in admitted(rule, denies):
            yield Trust(
                draft.id,
                one.principal,
                one.actions,
                one.conditions,
                item.source(rule.statement.label),
                one.negated,
                delegates=not one.negated and _delegates(one.principal, registry.account(draft)),
                tags=_chooses(one, named, "sts:TagSession", _ON_TAGS),
                source_identity=_chooses(one, named, "sts:SetSourceIdentity", _ON_SOURCE_IDENTITY),
                tagging=tuple(filter(_stands_for_tagging, one.actions)),
                never=never_met(one.principal, one.conditions),
            )


def _rule(statement: Statement, registry: IdentityIndex, item: Item) -> ResourceStatement:
    named = list(principals_of(statement, registry, item))
    # A trust policy has no Resource: it is about its role.
    about = replace(statement, resources=("*",))
    return ResourceStatement(about, tuple(p for n, p in named if not n), tuple(p for n, p in named if n))


def _stands_for_tagging(pattern: str) -> bool:
    return ("*" in pattern or "?" in pattern) and bool(actions.expand(pattern) & actions.expand("sts:TagSession"))


def _lets_in(statement: Statement) -> bool:
    if statement.not_actions or any(part.where.startswith(("Action", "NotAction")) for part in statement.unknown):
        return True
    assume = actions.expand_all(_ASSUME)
    return any(actions.expand(a) & assume or not actions.expand(a) for a in statement.actions)


def _delegates(who: Principal, account: str | None) -> bool:
    elsewhere = who.own_account is False or (None not in (account, who.account) and account != who.account)
    return who.kind == "account" or (who.kind in ("role", "user", "session") and elsewhere)


def _chooses(
    one: Admitted, named: Sequence[tuple[Statement, frozenset[Principal]]], action: str, limiting_keys: tuple[str, ...]
) -> Literal["none", "limited", "any"]:
    """Whether the principal may do ``action`` with its session, through any statement that names it."""
    found: Literal["none", "limited", "any"] = "none"
    for statement, principals in named:
        if one.principal not in principals or not actions.expand_all(statement.actions) & actions.expand(action):
            continue
        if not any(condition.key.lower().startswith(limiting_keys) for condition in statement.conditions):
            return "any"
        found = "limited"
    return found


def principals_of(statement: Statement, registry: IdentityIndex, item: Item) -> Iterator[tuple[bool, Principal]]:
    """Each principal of a statement, and whether it stands under ``NotPrincipal``."""
    for type_, value in statement.principals:
        yield False, principal(type_, value, registry, item)
    for type_, value in statement.not_principals:
        yield True, principal(type_, value, registry, item)
