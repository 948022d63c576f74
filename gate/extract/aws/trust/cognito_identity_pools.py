"""Cognito identity pools: whom they let in, which roles they give, and who decides which.

A pool is told as a workload that runs as the roles it gives; what it leaves open are settings of that workload.
https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html
https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gate.extract.aws.documents.policy_documents import PolicySources
from gate.extract.aws.identities.identity_index import Draft, IdentityIndex
from gate.extract.aws.plan.plan_index import Item, PlanIndex
from gate.extract.aws.plan.referenced_resources import ReferencedResources
from gate.model.access import Setting, Trust, Workload

_POOL = "aws_cognito_identity_pool"
_USERS = "aws_cognito_user_pool"
_CLIENT = "aws_cognito_user_pool_client"
# Whoever wants an account there makes one.
_SOCIAL = frozenset(
    ["accounts.google.com", "graph.facebook.com", "www.amazon.com", "api.twitter.com", "appleid.apple.com"]
)
# Standard attributes that a client may write unless it is told which:
# https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
_STANDARD = frozenset(
    ["address", "birthdate", "email", "family_name", "gender", "given_name", "locale", "middle_name", "name",
     "nickname", "phone_number", "picture", "preferred_username", "profile", "website", "zoneinfo"]
)  # fmt: skip


@dataclass(slots=True)
class IdentityPools:
    """Reads the pools of one side with their role attachments, user pools and clients."""

    side: PlanIndex
    registry: IdentityIndex
    links: ReferencedResources
    sources: PolicySources
    edges: Sequence[Trust]

    def build(self) -> Iterator[Workload]:
        """A workload for each pool that gives roles, and for each attachment to one that is not in view."""
        attached: dict[str, list[Item]] = {}
        for attachment in self.side.of("aws_cognito_identity_pool_roles_attachment"):
            pools = self.links.linked(attachment, ("identity_pool_id",), _POOL)
            for pool in pools or [attachment]:
                attached.setdefault(pool.id, []).append(attachment)
                if pool is attachment:
                    yield from self._workload(pool, [attachment], lets_guests_in=True)
        for pool in self.side.of(_POOL):
            guests = pool.values.get("allow_unauthenticated_identities") is True
            unknown = pool.is_unknown("allow_unauthenticated_identities")
            yield from self._workload(pool, attached.get(pool.id, []), lets_guests_in=guests or unknown)

    def _workload(self, pool: Item, attachments: list[Item], *, lets_guests_in: bool) -> Iterator[Workload]:
        users = list(dict.fromkeys(role for a in attachments for role in self._roles(a, "authenticated")))
        guests = list(dict.fromkeys(role for a in attachments for role in self._roles(a, "unauthenticated")))
        mapped = list(dict.fromkeys(role for a in attachments for role in self._mapped(a)))
        if not users and not guests and not mapped:
            return
        guests = guests if lets_guests_in else []
        settings = [Setting("guests", "allow_unauthenticated_identities", role, pool.source()) for role in guests]
        settings += self._signing_up(pool, dict.fromkeys([*users, *mapped]))
        if pool.values.get("allow_classic_flow") is True:
            whom = "guests and users" if lets_guests_in else "users"
            settings.append(Setting("classic-flow", "allow_classic_flow", whom, pool.source()))
        for attachment in attachments:
            settings += self._mappings(attachment)
        settings += self._written(pool, attachments)
        anybody = any(setting.name in ("guests", "self-sign-up") for setting in settings)
        yield Workload(
            id=pool.id,
            kind=_POOL,
            platform="aws",
            runs_as=tuple(dict.fromkeys([*guests, *users, *mapped])),
            source=pool.source(),
            exposure="internet" if anybody else "unknown",
            settings=tuple(settings),
            change=pool.change,
        )

    def _roles(self, attachment: Item, whose: str) -> Iterator[str]:
        roles = attachment.values.get("roles")
        text = roles.get(whose) if isinstance(roles, dict) else None
        if isinstance(text, str) and text:
            yield from _ids([self.registry.by_arn(text, attachment)])
            return
        marks = attachment.unknown.get("roles")
        if marks is not True and not (isinstance(marks, dict) and marks.get(whose)):
            return
        # The plan does not say which of the roles is whose; their trust policies do.
        found = list(_ids(self.registry.referenced("role", attachment, "roles")))
        if not found:
            self.sources.report(attachment, ("roles",), "role of an identity pool", None)
        for_guests = {e.identity for e in self.edges if any(_of_guests(c.key, c.values) for c in e.conditions)}
        mine = [role for role in found if (role in for_guests) == (whose == "unauthenticated")]
        yield from mine if len(found) > 1 and mine else found

    def _mapped(self, attachment: Item) -> Iterator[str]:
        for index, mapping in enumerate(attachment.blocks("role_mapping")):
            for at, rule in enumerate(_blocks(mapping, "mapping_rule")):
                text = rule.get("role_arn")
                path = ("role_mapping", index, "mapping_rule", at, "role_arn")
                known = isinstance(text, str) and text
                drafts: Iterable[Draft | None] = (
                    [self.registry.by_arn(str(text), attachment)]
                    if known
                    else self.registry.referenced("role", attachment, *path)
                )
                yield from _ids(drafts)

    def _signing_up(self, pool: Item, roles: Iterable[str]) -> Iterator[Setting]:
        social = pool.values.get("supported_login_providers")
        if isinstance(social, dict) and _SOCIAL & social.keys():
            where = "supported_login_providers"
            yield from (Setting("self-sign-up", where, role, pool.source()) for role in roles)
        for users, index in self._user_pools(pool):
            blocks = users.blocks("admin_create_user_config")
            # What is not known before apply does not keep anybody out.
            if any(block.get("allow_admin_create_user_only") is True for block in blocks):
                continue
            where = f"cognito_identity_providers[{index}]"
            yield from (Setting("self-sign-up", where, role, users.source()) for role in roles)

    def _user_pools(self, pool: Item) -> Iterator[tuple[Item, int]]:
        for index, block in enumerate(pool.blocks("cognito_identity_providers")):
            name = block.get("provider_name")
            if isinstance(name, str) and name:
                found = self.links.called(name, pool, (_USERS,))
                found = found or self.links.called(name.rpartition("/")[2], pool, (_USERS,))
            else:
                found = self._referred(pool, index, "provider_name", _USERS)
            yield from ((users, index) for users in found)

    def _referred(self, pool: Item, index: int, attribute: str, type_: str) -> list[Item]:
        targets = self.side.targets(pool, "cognito_identity_providers", index, attribute)
        return list({t.id: t for t, _ in targets if t.type == type_ and t.resource.mode == "managed"}.values())

    def _clients(self, pool: Item) -> Iterator[Item]:
        for index, block in enumerate(pool.blocks("cognito_identity_providers")):
            id_ = block.get("client_id")
            if isinstance(id_, str) and id_:
                yield from self.links.called(id_, pool, (_CLIENT,))
            else:
                yield from self._referred(pool, index, "client_id", _CLIENT)

    def _mappings(self, attachment: Item) -> Iterator[Setting]:
        for index, mapping in enumerate(attachment.blocks("role_mapping")):
            unclear = mapping.get("ambiguous_role_resolution") or "AuthenticatedRole"
            if mapping.get("type") == "Token" and unclear != "Deny":
                where = f"role_mapping[{index}].type"
                yield Setting("role-by-token", where, "the authenticated role", attachment.source())

    def _written(self, pool: Item, attachments: list[Item]) -> Iterator[Setting]:
        """Claims that decide over access and that a client lets its users write."""
        deciding: dict[str, str] = {}
        for attachment in attachments:
            for mapping in attachment.blocks("role_mapping"):
                for rule in _blocks(mapping, "mapping_rule"):
                    deciding.setdefault(str(rule.get("claim")), "role_mapping")
        for tags in self.side.of("aws_cognito_identity_pool_provider_principal_tag"):
            named = tags.values.get("principal_tags")
            if isinstance(named, dict) and pool in self.links.linked(tags, ("identity_pool_id",), _POOL):
                for claim in named.values():
                    deciding.setdefault(str(claim), "principal_tags")
        for client in {c.id: c for c in self._clients(pool)}.values():
            writable = client.texts("write_attributes")
            if client.has_unknown("write_attributes"):
                continue
            for claim, where in deciding.items():
                if claim in writable or (not writable and (claim.startswith("custom:") or claim in _STANDARD)):
                    yield Setting("user-written-claim", where, claim, client.source())


def _of_guests(key: str, values: tuple[str, ...]) -> bool:
    return key.lower() == "cognito-identity.amazonaws.com:amr" and "unauthenticated" in values


def _ids(drafts: Iterable[Draft | None]) -> Iterator[str]:
    return (draft.id for draft in drafts if draft is not None and draft.kind == "role")


def _blocks(block: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = block.get(name)
    return [b for b in value if isinstance(b, dict)] if isinstance(value, list) else []
