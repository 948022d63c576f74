"""The identities of one side: those the plan manages and those it only names, with what is attached to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from gate.extract.aws.documents.attached_policies import AttachedPolicy
from gate.extract.aws.plan.plan_index import Item, PlanIndex, account_of
from gate.extract.aws.plan.resource_arns import ResourceArns
from gate.inputs.terraform.evaluation.symbols import OWN_ACCOUNT

Kind = Literal["role", "user", "group"]
EACH: tuple[Kind, ...] = ("role", "user", "group")
KINDS: dict[str, Kind] = {"aws_iam_user": "user", "aws_iam_group": "group", "aws_iam_role": "role"}


@dataclass(slots=True, eq=False)
class Draft:
    """An identity while its policies are gathered.

    ``managed``: by ARN or address of the policy; ``inline``: by address of what holds it. ``names``: inline policy
    names by that address, when known. ``outside``: ARNs of managed policies whose content is not in view.
    """

    id: str
    kind: Kind
    name: str
    arn: str | None
    item: Item | None
    managed: dict[str, AttachedPolicy] = field(default_factory=dict)
    inline: dict[str, AttachedPolicy] = field(default_factory=dict)
    names: dict[str, str | None] = field(default_factory=dict)
    outside: set[str] = field(default_factory=set)
    boundary: AttachedPolicy | None = None
    boundary_name: str | None = None
    groups: dict[str, Draft] = field(default_factory=dict)
    members: dict[str, Draft] = field(default_factory=dict)

    def policies(self) -> list[AttachedPolicy]:
        """Every policy that counts for this identity, those of its groups included."""
        own = [*self.inline.values(), *self.managed.values()]
        for group in self.groups.values():
            own.extend(group.inline.values())
            own.extend(group.managed.values())
        return own


@dataclass(slots=True)
class IdentityIndex:
    """Finds the identity behind a name, an ARN, a placeholder or a reference."""

    side: PlanIndex
    names: ResourceArns
    drafts: dict[str, Draft] = field(default_factory=dict)
    _by_name: dict[tuple[Kind, str], list[Draft]] = field(default_factory=dict)
    _data: dict[str, Item] = field(default_factory=dict)

    def own_account(self, account: str | None, referrer: Item) -> bool | None:
        """Whether an account is the one that ``referrer`` stands in; ``None`` when the change does not tell."""
        if account == OWN_ACCOUNT:
            return True
        own = self.side.accounts_of(referrer)
        return account in own if account is not None and own else None

    def by_arn(self, arn: str, referrer: Item | None = None) -> Draft | None:
        """The identity an ARN or a placeholder names; a role or user outside of the plan becomes an external one."""
        item = self.names.item(arn, referrer)
        if item is not None and item.id in self.drafts:
            return self.drafts[item.id]
        return self._external(arn)

    def _external(self, arn: str) -> Draft | None:
        found = self.drafts.get(arn)
        if found is not None:
            return found
        parts = arn.split(":", 5)
        if len(parts) != 6 or parts[2] != "iam":
            return None
        named, _, path = parts[5].partition("/")
        kind = next((kind for kind in EACH if kind == named), None)
        if kind is None or not path or "*" in path:
            return None
        return self.external(kind, path.rsplit("/", 1)[-1], arn)

    def external(self, kind: Kind, name: str, arn: str) -> Draft:
        """The identity outside of the plan with this ARN."""
        return self.drafts.get(arn) or self._add(Draft(arn, kind, name, arn, None))

    def by_name(self, kind: Kind, name: str, item: Item, *path: str | int) -> list[Draft]:
        """The identities of that name; where two roles share it, those the expression at ``path`` refers to."""
        symbol = self.side.symbol(item, name)
        if symbol is not None:
            return self._of_items(self.side.resolve(symbol.address, item), kind)
        if name.startswith("arn:"):
            found = self.by_arn(name, item)
            return [found] if found else []
        drafts = self._by_name.get((kind, name), [])
        if len(drafts) > 1:
            referred = self.referenced(kind, item, *path)
            drafts = [d for d in referred if d.name == name] or drafts
        if drafts:
            return drafts
        return [self.external(kind, name, self._known_arn(kind, name))]

    def unseen_profile(self, profile: str) -> Draft:
        """The role in an instance profile (its name or ARN) outside of the plan: which one it is, nobody here knows."""
        named = f"instance-profile/{profile}"
        arn = profile if profile.startswith("arn:") else f"arn:aws:iam::{self._account()}:{named}"
        return self.external("role", named, arn)

    def _account(self) -> str:
        own = self.side.own_accounts
        return next(iter(own)) if len(own) == 1 else "{account?}"

    def _known_arn(self, kind: Kind, name: str) -> str:
        if not self._data:
            for data in ("aws_iam_role", "aws_iam_user", "aws_iam_group"):
                for found in self.side.data(data):
                    known = found.text("name") or found.text("user_name") or found.text("group_name")
                    self._data[f"{KINDS[data]}/{known}"] = found
        data_source = self._data.get(f"{kind}/{name}")
        arn = data_source.text("arn") if data_source else None
        return arn or f"arn:aws:iam::{self._account()}:{kind}/{name}"

    def referenced(self, kind: Kind, item: Item, *path: str | int) -> list[Draft]:
        """The identities an expression refers to, through the resource or a data source that looks one up."""
        return self._of_items((target for target, _ in self.side.targets(item, *path)), kind)

    def _of_items(self, items: Iterable[Item], kind: Kind) -> list[Draft]:
        found: dict[str, Draft] = {}
        for target in items:
            draft = self.drafts.get(target.id)
            if draft is None and target.resource.mode == "data" and (arn := target.text("arn")):
                draft = self._external(arn)
            if draft is not None and draft.kind == kind:
                found[draft.id] = draft
        return list(found.values())

    def _add(self, draft: Draft) -> Draft:
        self.drafts[draft.id] = draft
        self._by_name.setdefault((draft.kind, draft.name), []).append(draft)
        return draft

    def account(self, draft: Draft) -> str | None:
        """The identity's account: from its ARN, or the one of its provider."""
        if draft.arn and (account := account_of(draft.arn)):
            return account
        return self.side.account_of(draft.item) if draft.item is not None else None


def registry(side: PlanIndex, names: ResourceArns) -> IdentityIndex:
    """Every user, group and role that exists on ``side``."""
    built = IdentityIndex(side, names)
    for type_, kind in KINDS.items():
        for item in side.of(type_):
            name = item.text("name")
            if name is None or side.symbol(item, name):
                name = _prefixed(item.values)
            built._add(Draft(item.id, kind, name or item.resource.name, item.text("arn"), item))
    for item in side.of("aws_ssoadmin_permission_set"):
        built._add(Draft(item.id, "role", item.text("name") or item.resource.name, item.text("arn"), item))
    return built


def _prefixed(values: dict[str, Any]) -> str | None:
    prefix = values.get("name_prefix")
    return f"{prefix}*" if isinstance(prefix, str) and prefix else None
