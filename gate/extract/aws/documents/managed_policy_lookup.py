"""Managed policies: of the plan, of AWS, found by a data source, or out of view."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gate.extract.aws.documents.attached_policies import AttachedPolicy
from gate.extract.aws.documents.aws_managed_policies import managed_policy
from gate.extract.aws.documents.policy_documents import PolicySources, unknown_about
from gate.extract.aws.plan.plan_index import Item, PlanIndex, Step
from gate.extract.aws.plan.resource_arns import ResourceArns
from gate.model.access import Source, UnknownWhat

_AWS_MANAGED = re.compile(r"^arn:aws[a-z-]*:iam::aws:policy/")


@dataclass(slots=True)
class ManagedPolicyLookup:
    """Finds the managed policy behind an ARN or a reference; each is read once."""

    side: PlanIndex
    names: ResourceArns
    sources: PolicySources
    _by_arn: dict[str, Item] = field(default_factory=dict)
    _read: dict[str, AttachedPolicy | None] = field(default_factory=dict)

    def by_arn(
        self, arn: str, item: Item, identity: str, what: UnknownWhat = "managed policy"
    ) -> tuple[str, AttachedPolicy] | None:
        """The policy and its key; ``None`` when its content is not in view, which is reported for ``identity``."""
        target = self.names.item(arn, item)
        if target is not None and target.type == "aws_iam_policy":
            return self.of_item(target, identity)
        if _AWS_MANAGED.match(arn):
            document = managed_policy(arn)
            if document is not None:
                return arn, AttachedPolicy(Source(arn), document, item.source())
        reason = f"The content of {arn}, which {item.id} names as {what}, is not part of this change."
        self.sources.unknown.append(unknown_about(item, what, reason, identity, arn))
        return None

    def of_item(self, policy: Item, identity: str | None) -> tuple[str, AttachedPolicy] | None:
        """The policy of an ``aws_iam_policy`` resource or data source."""
        if policy.id in self._read:
            found = self._read[policy.id]
            if found is None:
                self.sources.document(policy, "policy", "policy document", identity)
            return (policy.id, found) if found else None
        document = self.sources.document(policy, "policy", "policy document", identity)
        found = self._read[policy.id] = AttachedPolicy(policy.source(), document) if document else None
        return (policy.id, found) if found else None

    def referenced(
        self, item: Item, path: tuple[Step, ...], identity: str, what: UnknownWhat = "managed policy"
    ) -> list[tuple[str, AttachedPolicy]]:
        """The policies an expression that is not known before apply refers to."""
        targets = {t.id: t for t, _ in self.side.targets(item, *path) if t.type == "aws_iam_policy"}
        if not targets:
            self.sources.report(item, path, what, identity)
        found = [self.of_item(target, identity) for target in targets.values()]
        return [policy for policy in found if policy]
