"""Policies that hang on resources, and structured grants: whom a resource itself lets in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any

from gate.extract.aws.documents.control_policies import Organization
from gate.extract.aws.documents.policy_document_data_sources import BELOW
from gate.extract.aws.documents.policy_documents import PolicySources
from gate.extract.aws.documents.unknown_policy_elements import unknown_parts
from gate.extract.aws.identities.identity_index import IdentityIndex
from gate.extract.aws.language.admitted_principals import ResourceStatement, admitted
from gate.extract.aws.language.statements import PolicyDocument, Statement
from gate.extract.aws.plan.plan_index import Item, PlanIndex
from gate.extract.aws.plan.read_back import ReadBack
from gate.extract.aws.plan.referenced_resources import ReferencedResources
from gate.extract.aws.plan.resource_arns import ResourceArns
from gate.extract.aws.trust.trust_policies import principals_of
from gate.model.access import ResourceGrant, UnknownWhat

WHAT: UnknownWhat = "resource policy"


@dataclass(frozen=True, slots=True)
class ProtectedPolicy:
    """A resource policy: ``item`` holds it, ``protected`` is the resource it protects, when that is in view.

    ``complete``: nothing in it was unreadable.
    """

    item: Item
    protected: Item | None
    rules: tuple[ResourceStatement, ...]
    complete: bool


@dataclass(slots=True)
class ResourcePolicies:
    """Reads every type of ``data/resource_policies.json``."""

    side: PlanIndex
    names: ResourceArns
    registry: IdentityIndex
    links: ReferencedResources
    sources: PolicySources
    read_back: ReadBack
    organization: Organization
    read: list[ProtectedPolicy] = field(default_factory=list)
    """Every policy read, after ``build``."""
    _blocks: dict[str, set[str]] | None = field(default=None)

    def build(self) -> Iterator[ResourceGrant]:
        """A grant for each principal of each Allow statement."""
        table = policy_types()
        for type_ in self.side.by_type:
            row = table.get(type_)
            if row is None:
                continue
            for item in self.side.of(type_):
                if self.read_back.protected(item, row["policy"]):
                    continue
                document = self._document(item, row["policy"])
                if document is not None:
                    yield from self._grants(item, document, row.get("protects"))

    def _document(self, item: Item, path: str) -> PolicyDocument | None:
        block, _, attribute = path.rpartition(".")
        if not block:
            return self.sources.document(item, attribute, WHAT, None)
        for index, values in enumerate(item.blocks(block)):
            text = values.get(attribute)
            if isinstance(text, str) and text:
                return self.sources.checked(item, self.sources.parse(item, text), WHAT, None)
            if item.has_unknown(block):
                return self.sources.referenced(item, (block, index, attribute), WHAT, None)
        return None

    def _grants(self, item: Item, document: PolicyDocument, attribute: str | None) -> Iterator[ResourceGrant]:
        protected = self.protected(item, attribute)
        resource, type_ = (protected.id, protected.type) if protected else (item.id, item.type)
        blocked = self.public_block(protected or item)
        rules = [self._rule(statement, item, protected) for statement in document.statements]
        self.read.append(ProtectedPolicy(item, protected, tuple(rules), complete=not document.problems))
        denies = [rule for rule in rules if rule.statement.effect == "Deny"]
        denies += self.organization.resource_denies(protected or item)
        for rule in rules:
            statement = rule.statement
            if statement.effect != "Allow":
                continue  # a deny only takes away
            self.sources.unknown.extend(unknown_parts(statement, item, WHAT, None))
            for one in admitted(rule, denies):
                yield ResourceGrant(
                    resource=resource,
                    resource_type=type_,
                    principal=one.principal,
                    actions=one.actions,
                    conditions=one.conditions,
                    source=item.source(statement.label),
                    negated=one.negated,
                    public_block=blocked,
                    change=item.change,
                )

    def _rule(self, statement: Statement, item: Item, protected: Item | None) -> ResourceStatement:
        principals = list(principals_of(statement, self.registry, item))
        own = _patterns(self.names, protected)
        unsaid = not (statement.resources or statement.not_resources or statement.unknown)
        known = tuple(part for part in statement.unknown if not part.where.startswith("Resource"))
        if statement.effect == "Allow" and known != statement.unknown and own:
            # Whatever part of the resource is meant, it is no more than all of it.
            statement = replace(statement, resources=own, unknown=known)
        elif unsaid or set(statement.resources) == {"*"}:
            statement = replace(statement, resources=own)
        return ResourceStatement(
            statement, tuple(p for n, p in principals if not n), tuple(p for n, p in principals if n)
        )

    def protected(self, item: Item, attribute: str | None) -> Item | None:
        """The resource an attribute names, when it is one of the plan."""
        if attribute is None:
            return item
        text = item.text(attribute)
        target = self.names.item(text, item) if text else None
        if target is not None:
            return target
        candidates = _PROTECTED.get(item.type, ())
        found = self.links.linked(item, (attribute,), *candidates) if candidates else []
        if not found and item.is_unknown(attribute):
            found = [t for t, _ in self.side.targets(item, attribute) if t.resource.mode == "managed"]
        return found[0] if len(found) == 1 else None

    def public_block(self, protected: Item) -> bool:
        """Whether a public policy of this resource does not reach the public.

        A public access block of a bucket: ``restrict_public_buckets`` ignores such policies for everyone outside,
        ``block_public_policy`` rejects them
        (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html). A search domain
        inside a VPC: who can reach its network is let in
        (https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html).
        """
        if protected.type in ("aws_opensearch_domain", "aws_elasticsearch_domain"):
            return bool(protected.blocks("vpc_options"))
        return protected.type == "aws_s3_bucket" and self._blocked("policy", protected)

    def public_acl_block(self, bucket: Item) -> bool:
        """Whether public ACLs of this bucket do not work."""
        return self._blocked("acl", bucket)

    def _blocked(self, kind: str, bucket: Item) -> bool:
        if self._blocks is None:
            self._blocks = {"policy": set(), "acl": set()}
            for item in self.side.of("aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"):
                on = {name for name, value in item.values.items() if value is True}
                account = item.type == "aws_s3_account_public_access_block"
                buckets = [None] if account else self.links.linked(item, ("bucket",), "aws_s3_bucket")
                ids = {b.id if b else "*" for b in buckets}
                if on & {"block_public_policy", "restrict_public_buckets"}:
                    self._blocks["policy"] |= ids
                if on & {"block_public_acls", "ignore_public_acls"}:
                    self._blocks["acl"] |= ids
        return bool({bucket.id, "*"} & self._blocks[kind])


_PROTECTED = {
    "aws_s3_bucket_policy": ("aws_s3_bucket",),
    "aws_s3_access_point": ("aws_s3_bucket",),
    "aws_sqs_queue_policy": ("aws_sqs_queue",),
    "aws_sns_topic_policy": ("aws_sns_topic",),
    "aws_kms_key_policy": ("aws_kms_key",),
    "aws_ecr_repository_policy": ("aws_ecr_repository",),
    "aws_secretsmanager_secret_policy": ("aws_secretsmanager_secret",),
    "aws_efs_file_system_policy": ("aws_efs_file_system",),
    "aws_opensearch_domain_policy": ("aws_opensearch_domain",),
    "aws_elasticsearch_domain_policy": ("aws_elasticsearch_domain",),
    "aws_cloudwatch_event_bus_policy": ("aws_cloudwatch_event_bus",),
    "aws_backup_vault_policy": ("aws_backup_vault",),
    "aws_api_gateway_rest_api_policy": ("aws_api_gateway_rest_api",),
    "aws_lambda_permission": ("aws_lambda_function",),
    "aws_lambda_function_url": ("aws_lambda_function",),
}


def _patterns(names: ResourceArns, protected: Item | None) -> tuple[str, ...]:
    """What ``*`` means in the policy of a resource: the resource, and what is in it."""
    if protected is None or not names.named(protected):
        return ("*",)
    arn = names.arn(protected)
    return (arn, *(arn + tail for tail in BELOW.get(protected.type, ())))


@cache
def policy_types() -> dict[str, dict[str, Any]]:
    """Terraform type → ``{"policy": attribute, "protects": attribute naming the protected resource}``."""
    table: dict[str, dict[str, Any]] = json.loads(
        resources.files("gate.extract.aws.resources").joinpath("data/resource_policies.json").read_text("utf-8")
    )
    return table
