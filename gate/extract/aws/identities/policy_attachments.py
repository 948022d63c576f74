"""Which policies hang on which identity: inline, managed, through every kind of attachment, and memberships.

Resources: https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs (IAM). ``…_exclusive`` resources take away
what they do not list, once: what the same plan grants stays, because the author chooses which of the two comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gate.extract.aws.documents.attached_policies import AttachedPolicy
from gate.extract.aws.documents.managed_policy_lookup import ManagedPolicyLookup
from gate.extract.aws.documents.policy_documents import PolicySources
from gate.extract.aws.identities.identity_index import EACH, Draft, IdentityIndex, Kind
from gate.extract.aws.plan.plan_index import Item, PlanIndex
from gate.extract.aws.plan.read_back import ReadBack
from gate.model.access import Unknown

HOLDERS = "whoever holds "
"""Begins the id of those outside of the change who hold one of its policies."""


@dataclass(frozen=True, slots=True)
class Attachments:
    """What attaching needs to look at."""

    side: PlanIndex
    registry: IdentityIndex
    sources: PolicySources
    managed: ManagedPolicyLookup
    read_back: ReadBack
    _removable: set[tuple[str, str]] = field(default_factory=set)
    """Identity and key of policies that only a role's own attributes tell, of a role that stays as it is."""

    def attach(self) -> None:
        """Hang every policy of the side on its identities."""
        for kind in EACH:
            for item in self.side.of(f"aws_iam_{kind}_policy"):
                for draft in self.holders(kind, item, kind):
                    self._inline(draft, item)
            for item in self.side.of(f"aws_iam_{kind}_policy_attachment"):
                for draft in self.holders(kind, item, kind):
                    self._managed(draft, item, "policy_arn")
        for item in self.side.of("aws_iam_policy_attachment"):
            for kind in EACH:
                for draft in self.holders(kind, item, f"{kind}s"):
                    self._managed(draft, item, "policy_arn")
        for item in self.side.of("aws_iam_role"):
            self._of_role(self.registry.drafts[item.id], item)
        for item in self.side.of("aws_iam_user", "aws_iam_role"):
            self._boundary(self.registry.drafts[item.id], item)
        self._memberships()
        for kind in EACH:
            self._exclusive(kind)
        self._held_elsewhere()

    def _held_elsewhere(self) -> None:
        """Those who hold a policy that the change rewrites, beside those in view: AWS counts what it is attached to."""
        for item in self.side.of("aws_iam_policy"):
            count = item.values.get("attachment_count")
            shown = sum(1 for draft in self.registry.drafts.values() if item.id in draft.managed)
            if item.change == "update" and isinstance(count, int) and count > shown:
                holders = self.registry.external(
                    "group", item.text("name") or item.resource.name, f"{HOLDERS}{item.id}"
                )
                document = self.sources.document(item, "policy", "policy document", holders.id)
                if document is not None:
                    holders.managed[item.id] = AttachedPolicy(item.source(), document)

    def holders(self, kind: Kind, item: Item, attribute: str) -> list[Draft]:
        """The identities an attribute names: one name or a list of names, known or through references."""
        found: dict[str, Draft] = {}
        single = item.text(attribute)
        for name in [single] if single else item.texts(attribute):
            found.update((d.id, d) for d in self.registry.by_name(kind, name, item, attribute))
        if item.has_unknown(attribute):
            referred = self.registry.referenced(kind, item, attribute)
            if not referred or _hidden(item, attribute):
                self.sources.report(item, (attribute,), "attachment", None)
            found.update((d.id, d) for d in referred)
        return list(found.values())

    def _inline(self, draft: Draft, item: Item) -> None:
        document = self.sources.document(item, "policy", "policy document", draft.id)
        draft.names[item.id] = item.text("name")
        if document is not None:
            draft.inline[item.id] = AttachedPolicy(item.source(), document)

    def _managed(self, draft: Draft, item: Item, attribute: str) -> None:
        draft.managed.update(self._policies(item, attribute, draft.id))

    def _policies(
        self, item: Item, attribute: str, identity: str, leave: Sequence[str] = ()
    ) -> dict[str, AttachedPolicy]:
        """The managed policies that one ARN, or a list of ARNs, means; those of ``leave`` are told by others."""
        found: dict[str, AttachedPolicy] = {}
        single = item.text(attribute)
        for arn in [single] if single else item.texts(attribute):
            if arn in leave:
                continue
            policy = self.managed.by_arn(arn, item, identity)
            if policy:
                found[policy[0]] = policy[1]
            elif arn.startswith("arn:") and (draft := self.registry.drafts.get(identity)):
                draft.outside.add(arn)
        if item.has_unknown(attribute):
            referred = self.managed.referenced(item, (attribute,), identity)
            found.update(referred)
            if referred and _hidden(item, attribute):
                self.sources.report(item, (attribute,), "list of managed policies", identity)
        return found

    def _of_role(self, draft: Draft, item: Item) -> None:
        shown = [arn for arn in item.texts("managed_policy_arns") if self.read_back.attached(item, arn)]
        attached = self._policies(item, "managed_policy_arns", draft.id, leave=shown)
        if item.change == "none":
            self._removable.update((draft.id, key) for key in attached.keys() - draft.managed.keys())
        draft.managed.update(attached)
        unknown = item.unknown.get("inline_policy")
        for index, block in enumerate(item.blocks("inline_policy")):
            if self.read_back.inline(item, block.get("name")):
                continue
            text = block.get("policy")
            mark = unknown[index] if isinstance(unknown, list) and index < len(unknown) else {}
            key = f"{item.id}.inline_policy[{index}]"
            document = None
            if isinstance(text, str) and text:
                document = self.sources.checked(item, self.sources.parse(item, text), "policy document", draft.id)
            elif isinstance(mark, dict) and mark.get("policy") is True:
                path = ("inline_policy", index, "policy")
                document = self.sources.referenced(item, path, "policy document", draft.id)
            if document is not None:
                draft.inline[key] = AttachedPolicy(item.source(), document)
                draft.names[key] = block.get("name")
                if item.change == "none":
                    self._removable.add((draft.id, key))
        if item.is_unknown("inline_policy"):
            self.sources.report(item, ("inline_policy",), "policy document", draft.id)

    def _boundary(self, draft: Draft, item: Item) -> None:
        arn = item.text("permissions_boundary")
        found = None
        if arn:
            draft.boundary_name = arn
            found = self.managed.by_arn(arn, item, draft.id, "permissions boundary")
        elif item.is_unknown("permissions_boundary"):
            policies = self.managed.referenced(item, ("permissions_boundary",), draft.id, "permissions boundary")
            found = policies[0] if len(policies) == 1 else None
        if found:
            draft.boundary_name, draft.boundary = found

    def _memberships(self) -> None:
        for item in self.side.of("aws_iam_user_group_membership"):
            self._join(item, self.holders("user", item, "user"), self.holders("group", item, "groups"))
        for item in self.side.of("aws_iam_group_membership"):
            self._join(item, self.holders("user", item, "users"), self.holders("group", item, "group"))

    def _join(self, item: Item, users: list[Draft], groups: list[Draft]) -> None:
        for group in groups:
            if group.item is None and not group.managed and not group.inline and users:
                reason = f"{item.id} adds users to the group {group.name}, whose permissions are not part of the input."
                remedy = "Create the group in this change, or review its permissions and waive the finding."
                unknown = Unknown("group", reason, item.source(), users[0].id, group.id, remedy, item.change)
                self.sources.unknown.append(unknown)
            for user in users:
                user.groups[group.id] = group
                group.members[user.id] = user

    def _exclusive(self, kind: Kind) -> None:
        for item in self.side.of(f"aws_iam_{kind}_policy_attachments_exclusive"):
            for draft in self.holders(kind, item, f"{kind}_name"):
                listed = self._policies(item, "policy_arns", draft.id)
                if not item.has_unknown("policy_arns"):  # else which of them stay is not certain
                    draft.managed = {k: p for k, p in draft.managed.items() if (draft.id, k) not in self._removable}
                draft.managed.update(listed)
        for item in self.side.of(f"aws_iam_{kind}_policies_exclusive"):
            names = set(item.texts("policy_names"))
            for draft in self.holders(kind, item, f"{kind}_name"):
                if item.has_unknown("policy_names"):
                    continue
                kept = {key for key, name in draft.names.items() if name is None or name in names}
                gone = {key for key in draft.inline if key not in kept and (draft.id, key) in self._removable}
                draft.inline = {key: policy for key, policy in draft.inline.items() if key not in gone}
                missing = names - {name for name in draft.names.values() if name}
                # A policy of a role that exists already may be one this change does not show.
                if missing and (
                    draft.item is None or (draft.item.change != "create" and None not in draft.names.values())
                ):
                    self.sources.unknown.append(_kept(item, draft, missing))


_LISTS = {"managed_policy_arns", "policy_arns", "roles", "users", "groups"}


def _hidden(item: Item, attribute: str) -> bool:
    """Whether a list is unknown as a whole: then the plan shows the references in it, but not the texts beside them."""
    return attribute in _LISTS and item.is_unknown(attribute)


def _kept(item: Item, draft: Draft, names: set[str]) -> Unknown:
    reason = f"{item.id} keeps the inline policies {', '.join(sorted(names))}: their content is not part of the input."
    remedy = "Write each inline policy in this change, beside its name."
    return Unknown("policy document", reason, item.source(), draft.id, remedy=remedy, change=item.change)
