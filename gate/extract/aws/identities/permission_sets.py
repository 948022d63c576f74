"""IAM Identity Center permission sets: each becomes a role in every account it is assigned to.

https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
"""

from __future__ import annotations

from dataclasses import dataclass

from gate.extract.aws.documents.attached_policies import AttachedPolicy
from gate.extract.aws.documents.managed_policy_lookup import ManagedPolicyLookup
from gate.extract.aws.documents.policy_documents import PolicySources, unknown_about
from gate.extract.aws.identities.identity_index import Draft, IdentityIndex
from gate.extract.aws.plan.plan_index import Item, PlanIndex, Step
from gate.extract.aws.plan.referenced_resources import ReferencedResources
from gate.model.access import UnknownWhat

_SET = "aws_ssoadmin_permission_set"


@dataclass(frozen=True, slots=True)
class PermissionSets:
    """Hangs the policies of permission sets on the roles they stand for."""

    side: PlanIndex
    registry: IdentityIndex
    links: ReferencedResources
    sources: PolicySources
    managed: ManagedPolicyLookup

    def attach(self) -> None:
        """Inline, AWS-managed and customer-managed policies, and boundaries."""
        for item in self.side.of(f"{_SET}_inline_policy"):
            for draft in self._sets(item):
                document = self.sources.document(item, "inline_policy", "policy document", draft.id)
                if document is not None:
                    draft.inline[item.id] = AttachedPolicy(item.source(), document)
        for item in self.side.of("aws_ssoadmin_managed_policy_attachment"):
            for draft in self._sets(item):
                arn = item.text("managed_policy_arn")
                found = self.managed.by_arn(arn, item, draft.id) if arn else None
                if found:
                    draft.managed[found[0]] = found[1]
                elif arn is None:
                    self.sources.report(item, ("managed_policy_arn",), "managed policy", draft.id)
        for item in self.side.of("aws_ssoadmin_customer_managed_policy_attachment"):
            for draft in self._sets(item):
                self._customer_managed(item, draft)
        for item in self.side.of("aws_ssoadmin_permissions_boundary_attachment"):
            for draft in self._sets(item):
                self._boundary(item, draft)

    def _sets(self, item: Item) -> list[Draft]:
        found = [self.registry.drafts[s.id] for s in self.links.linked(item, ("permission_set_arn",), _SET)]
        arn = item.text("permission_set_arn")
        if not found and arn:
            return [self.registry.external("role", arn.rsplit("/", 1)[-1], arn)]
        if not found:
            self.sources.report(item, ("permission_set_arn",), "attachment", None)
        return found

    def _customer_managed(self, item: Item, draft: Draft) -> None:
        """The policy is named, not by ARN, and must exist in every account: one of this plan by that name counts."""
        for index, block in enumerate(item.blocks("customer_managed_policy_reference")):
            path = ("customer_managed_policy_reference", index, "name")
            found = self._by_name(item, path, block.get("name"), draft, "managed policy")
            if found:
                draft.managed[found[0]] = found[1]

    def _boundary(self, item: Item, draft: Draft) -> None:
        for index, block in enumerate(item.blocks("permissions_boundary")):
            arn = block.get("managed_policy_arn")
            found = None
            if isinstance(arn, str) and arn:
                draft.boundary_name = arn
                found = self.managed.by_arn(arn, item, draft.id, "permissions boundary")
            named = block.get("customer_managed_policy_reference")
            for at, reference in enumerate(named if isinstance(named, list) else []):
                name = reference.get("name") if isinstance(reference, dict) else None
                draft.boundary_name = name or draft.boundary_name
                path = ("permissions_boundary", index, "customer_managed_policy_reference", at, "name")
                found = self._by_name(item, path, name, draft, "permissions boundary")
            if found:
                draft.boundary_name, draft.boundary = found

    def _by_name(
        self, item: Item, path: tuple[Step, ...], name: str | None, draft: Draft, what: UnknownWhat
    ) -> tuple[str, AttachedPolicy] | None:
        for policy in self.links.linked(item, path, "aws_iam_policy"):
            return self.managed.of_item(policy, draft.id)
        reason = f"The content of the policy {name}, which {item.id} attaches by name, is not part of this change."
        self.sources.unknown.append(unknown_about(item, what, reason, draft.id, name))
        return None
