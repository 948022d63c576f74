"""Grants on resources that are arguments, not policies: Lambda permissions and URLs, KMS grants, ACLs and shares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gate.extract.aws.documents.policy_documents import unknown_about
from gate.extract.aws.identities.named_principals import EVERYBODY, canonical, grantee
from gate.extract.aws.language.condition_facts import read_condition
from gate.extract.aws.plan.plan_index import Item
from gate.extract.aws.plan.resource_arns import readable
from gate.extract.aws.resources.resource_policies import ResourcePolicies
from gate.extract.aws.resources.sharing_arguments import shared
from gate.model.access import Condition, Principal, ResourceGrant

_PUBLIC_ACLS = {"public-read": ("s3:GetObject", "s3:ListBucket"),
                "public-read-write": ("s3:GetObject", "s3:ListBucket", "s3:PutObject"),
                "authenticated-read": ("s3:GetObject", "s3:ListBucket")}  # fmt: skip
_LAMBDA_CONDITIONS = (
    ("source_account", "StringEquals", "aws:SourceAccount"),
    ("source_arn", "ArnLike", "aws:SourceArn"),
    ("principal_org_id", "StringEquals", "aws:PrincipalOrgID"),
    ("function_url_auth_type", "StringEquals", "lambda:FunctionUrlAuthType"),
    ("event_source_token", "StringEquals", "lambda:EventSourceToken"),
)
_SHARES = {
    # type: (attribute that names the grantee, attribute that names what is shared, action)
    "aws_ami_launch_permission": ("account_id", "image_id", "ec2:RunInstances"),
    "aws_snapshot_create_volume_permission": ("account_id", "snapshot_id", "ec2:CreateVolume"),
    "aws_vpc_endpoint_service_allowed_principal": ("principal_arn", "vpc_endpoint_service_id", "ec2:CreateVpcEndpoint"),
    "aws_ram_principal_association": ("principal", "resource_share_arn", "ram:GetResourceShares"),
    "aws_cloudwatch_event_permission": ("principal", "event_bus_name", "events:PutEvents"),
    "aws_lambda_layer_version_permission": ("principal", "layer_name", "lambda:GetLayerVersion"),
}


def structured_grants(policies: ResourcePolicies) -> Iterator[ResourceGrant]:
    """Every structured grant of the side."""
    for item in policies.side.of("aws_lambda_permission"):
        yield from _lambda(item, policies)
    yield from _function_urls(policies)
    for item in policies.side.of("aws_kms_grant"):
        for attribute in ("grantee_principal", "retiring_principal"):
            yield from _kms(item, attribute, policies)
    for item in policies.side.of("aws_s3_bucket_acl", "aws_s3_bucket"):
        yield from _acl(item, policies)
    for type_, (given_to, given, action) in _SHARES.items():
        for item in policies.side.of(type_):
            yield from _share(item, given_to, given, action, policies)
    yield from shared(policies)


def _grant(
    item: Item, resource: Item, who: Principal, actions: tuple[str, ...], conditions: tuple[Condition, ...] = (),
    *, blocked: bool = False,
) -> ResourceGrant:  # fmt: skip
    return ResourceGrant(
        resource.id, resource.type, who, actions, conditions, item.source(), public_block=blocked, change=item.change
    )


def _grantee(value: str, item: Item, policies: ResourcePolicies) -> Principal:
    return grantee(value, policies.registry, item)


def _lambda(item: Item, policies: ResourcePolicies) -> Iterator[ResourceGrant]:
    function = policies.protected(item, "function_name") or item
    value, action = item.text("principal"), item.text("action")
    if value is None:
        policies.sources.report(item, ("principal",), "resource policy", None)
        return
    conditions = []
    for attribute, operator, key in _LAMBDA_CONDITIONS:
        text = item.text(attribute)
        if text is None and item.is_unknown(attribute):
            # Not known yet, but it limits to one resource of this change: its address says which.
            targets = {t.id: t for t, _ in policies.side.targets(item, attribute) if policies.names.named(t)}
            text = policies.names.arn(next(iter(targets.values()))) if len(targets) == 1 else None
            if text is None:
                policies.sources.report(item, (attribute,), "resource policy", None)
        if text:
            # The token is what its holder is known by: that there is one is all that matters.
            shown = "(not shown)" if attribute == "event_source_token" else readable(policies.names, item, text)
            conditions.append(read_condition(operator, key, (shown,)))
    who = _grantee(value, item, policies)
    yield _grant(item, function, who, (action or "lambda:InvokeFunction",), tuple(conditions))


def _function_urls(policies: ResourcePolicies) -> Iterator[ResourceGrant]:
    """With ``NONE`` the provider adds a permission for everyone by itself; told once if the change writes it too."""
    written = {
        function.id
        for item in policies.side.of("aws_lambda_permission")
        if item.text("principal") == "*" and (function := policies.protected(item, "function_name"))
    }
    for item in policies.side.of("aws_lambda_function_url"):
        function = policies.protected(item, "function_name") or item
        if item.text("authorization_type") == "NONE" and function.id not in written:
            when = read_condition("StringEquals", "lambda:FunctionUrlAuthType", ("NONE",))
            yield _grant(item, function, Principal("anyone", "*"), ("lambda:InvokeFunctionUrl",), (when,))


def _kms(item: Item, attribute: str, policies: ResourcePolicies) -> Iterator[ResourceGrant]:
    key = policies.links.linked(item, ("key_id",), "aws_kms_key")
    resource = key[0] if len(key) == 1 else item
    actions = tuple(f"kms:{operation}" for operation in item.texts("operations"))
    if attribute == "retiring_principal":
        actions = ("kms:RetireGrant",)
    value = item.text(attribute)
    if value:
        yield _grant(item, resource, _grantee(value, item, policies), actions)
    elif item.is_unknown(attribute):
        drafts = [draft for kind in ("role", "user") for draft in policies.registry.referenced(kind, item, attribute)]
        for draft in drafts:
            shown = policies.names.arn(draft.item) if draft.item else draft.id
            yield _grant(item, resource, Principal(draft.kind, shown, draft.id, own_account=True), actions)
        if not drafts:
            policies.sources.report(item, (attribute,), "resource policy", None)


def _acl(item: Item, policies: ResourcePolicies) -> Iterator[ResourceGrant]:
    if policies.read_back.protected(item, "acl"):
        return
    found = [item] if item.type == "aws_s3_bucket" else policies.links.linked(item, ("bucket",), "aws_s3_bucket")
    bucket = found[0] if len(found) == 1 else item
    blocked = policies.public_acl_block(bucket)
    acl = item.text("acl")
    if acl in _PUBLIC_ACLS:
        yield _grant(item, bucket, Principal("anyone", "*"), _PUBLIC_ACLS[acl], blocked=blocked)
    for policy in item.blocks("access_control_policy"):
        owners = [owner.get("id") for owner in _blocks(policy, "owner")]
        for grant in _blocks(policy, "grant"):
            actions = (f"s3:{grant.get('permission')}",)
            for given in _blocks(grant, "grantee"):
                if isinstance(given.get("uri"), str) and given["uri"] in EVERYBODY:
                    yield _grant(item, bucket, Principal("anyone", given["uri"]), actions, blocked=blocked)
                id_ = given.get("id")
                if isinstance(id_, str) and id_ and id_ not in owners:
                    yield _grant(item, bucket, canonical(id_, policies.registry), actions)


def _blocks(block: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = block.get(name)
    return [inner for inner in value if isinstance(inner, dict)] if isinstance(value, list) else []


def _share(item: Item, given_to: str, given: str, action: str, policies: ResourcePolicies) -> Iterator[ResourceGrant]:
    resource = policies.protected(item, given) or item
    named = [item.text(name) for name in (given_to, "group", "organization_arn", "organizational_unit_arn")]
    values = [value for value in named if value]
    for value in values:
        yield _grant(item, resource, _grantee(value, item, policies), (action,))
    if not values and item.is_unknown(given_to):
        reason = f"The principals that {item.id} shares with are not known before apply."
        policies.sources.unknown.append(unknown_about(item, "resource policy", reason, None, None))
