"""What the provider reads back into a resource although another resource manages it.

A role that exists shows its inline policies and attachments, a bucket its policy, as they were before the change, when
the configuration does not set them (the attributes are computed). Where a resource of the plan manages the same thing,
that resource tells what becomes of it; what nothing in the plan manages stays as it is, and counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gate.extract.aws.plan.plan_index import Item
from gate.inputs.documents import TerraformPlan

_POLICIES = {
    # the resource that manages the policy → (the resource that shows it, how the former names the latter)
    "aws_s3_bucket_policy": ("aws_s3_bucket", "bucket"),
    "aws_s3_bucket_acl": ("aws_s3_bucket", "bucket"),
    "aws_sqs_queue_policy": ("aws_sqs_queue", "queue_url"),
    "aws_sns_topic_policy": ("aws_sns_topic", "arn"),
    "aws_kms_key_policy": ("aws_kms_key", "key_id"),
    "aws_secretsmanager_secret_policy": ("aws_secretsmanager_secret", "secret_arn"),
    "aws_api_gateway_rest_api_policy": ("aws_api_gateway_rest_api", "rest_api_id"),
    "aws_opensearch_domain_policy": ("aws_opensearch_domain", "domain_name"),
    "aws_elasticsearch_domain_policy": ("aws_elasticsearch_domain", "domain_name"),
}
_CALLED = ("id", "arn", "bucket", "url", "key_id", "domain_name")


@dataclass(slots=True)
class ReadBack:
    """What resources of the plans manage, on either side: inline policies, attachments, resource policies."""

    plans: Iterable[TerraformPlan]
    _inline: set[tuple[str, str]] = field(default_factory=set)
    _attached: set[tuple[str, str]] = field(default_factory=set)
    _protected: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        for plan in self.plans:
            for resource in plan.resources.values():
                if resource.type.startswith(("aws_iam_role_polic", "aws_iam_policy_attachment")):
                    for values in (resource.before, resource.after):
                        self._role(resource.type, values or {})
                elif resource.type in _POLICIES:
                    shown, attribute = _POLICIES[resource.type]
                    for values in (resource.before, resource.after):
                        self._protected.update((shown, name) for name in _texts((values or {}).get(attribute)))

    def _role(self, type_: str, values: dict[str, Any]) -> None:
        roles = [*_texts(values.get("role")), *_texts(values.get("roles"))]
        names = _texts(values.get("name")) if type_ == "aws_iam_role_policy" else []
        arns = _texts(values.get("policy_arn"))
        self._inline.update((role, name) for role in roles for name in names)
        self._attached.update((role, arn) for role in roles for arn in arns)

    def inline(self, role: Item, policy_name: object) -> bool:
        """Whether an inline policy that ``role`` shows is managed by another resource."""
        return not configured(role, "inline_policy") and (role.text("name"), policy_name) in self._inline

    def attached(self, role: Item, arn: str) -> bool:
        """Whether an attachment that ``role`` shows is managed by another resource."""
        return not configured(role, "managed_policy_arns") and (role.text("name"), arn) in self._attached

    def protected(self, item: Item, attribute: str) -> bool:
        """Whether the policy (or ACL) that ``item`` shows is managed by another resource."""
        if configured(item, attribute):
            return False
        return any((item.type, item.text(name)) in self._protected for name in _CALLED)


def configured(item: Item, attribute: str) -> bool:
    """Whether the configuration sets ``attribute`` itself; dynamic blocks do not stand in a plan's configuration."""
    return attribute in item.resource.expressions


def _texts(value: object) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, str)]
