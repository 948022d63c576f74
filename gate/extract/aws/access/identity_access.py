"""Drafts to identities of the model: names, tags, lifecycle, effective access."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gate.extract.aws.access.applicable_policies import ApplicablePolicies
from gate.extract.aws.access.effective_access import effective_access
from gate.extract.aws.access.grant_table import GrantTable
from gate.extract.aws.documents.attached_policies import AttachedPolicy
from gate.extract.aws.documents.unknown_policy_elements import may_widen, unknown_part
from gate.extract.aws.identities.identity_index import Draft, IdentityIndex
from gate.extract.aws.plan.plan_index import Item
from gate.model.access import Identity, Lifecycle, Source, Unknown

_ENVIRONMENT = ("environment", "env", "stage")
_OWNER = ("owner", "team", "contact")
_PURPOSE = ("purpose", "description")
_EXPIRES = ("expires", "expiry", "ttl")


@dataclass(slots=True)
class Identities:
    """Builds the identities of one side; what is unknown in a policy is told for each identity that holds it."""

    registry: IdentityIndex
    table: GrantTable
    surroundings: ApplicablePolicies
    unknown: list[Unknown]

    def build(self) -> Iterator[Identity]:
        """One identity for each draft."""
        for draft in self.registry.drafts.values():
            yield self._identity(draft)

    def _identity(self, draft: Draft) -> Identity:
        policies = draft.policies()
        around = self.surroundings.of(draft)
        access = effective_access(draft.id, policies, draft.boundary, self.table, around)
        for policy in [*draft.inline.values(), *draft.managed.values()]:
            self._unknown(policy, draft)
        item = draft.item
        tags = _tags(item) if item else {}
        return Identity(
            id=draft.id,
            kind=draft.kind,
            platform="aws",
            name=draft.name,
            grants=access.grants,
            external=item is None,
            family="aws-service-role" if ":role/aws-service-role/" in draft.id else None,
            environment=_first(tags, _ENVIRONMENT),
            account=self.registry.account(draft),
            change=item.change if item else "none",
            lifecycle=_lifecycle(item, tags),
            all_access=access.all_access,
            actions=access.actions,
            services=access.services,
            service_names=access.service_names,
            boundary=draft.boundary_name,
            members=tuple(sorted(draft.members)),
            attached={p.source.address: p.attached_by for p in policies if p.attached_by},
            source=item.source() if item else None,
        )

    def _unknown(self, policy: AttachedPolicy, draft: Draft) -> None:
        for statement in policy.document.statements:
            for part in (part for part in statement.unknown if may_widen(statement, part)):
                source = Source(policy.source.address, statement.label, policy.source.location)
                self.unknown.append(unknown_part(part, source, "policy document", draft.id, draft.item))


def _tags(item: Item) -> dict[str, str]:
    """Tags by lower-case key; ``tags_all`` adds the provider's default tags."""
    found: dict[str, str] = {}
    for name in ("tags_all", "tags"):
        tags = item.values.get(name)
        if isinstance(tags, Mapping):
            found.update({k.lower(): v for k, v in tags.items() if isinstance(v, str) and v})
    return found


def _first(tags: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((tags[name] for name in names if name in tags), None)


def _lifecycle(item: Item | None, tags: Mapping[str, Any]) -> Lifecycle:
    if item is None:
        return Lifecycle()
    purpose = _first(tags, _PURPOSE) or item.text("description")
    return Lifecycle(_first(tags, _OWNER), purpose, _first(tags, _EXPIRES))
