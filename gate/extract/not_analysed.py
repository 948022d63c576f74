"""Identity-bearing Terraform resources of platforms without an adapter: stated, so that the rules can refuse them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal

from gate.extract.bearing import carries_policy, names_role, role_of
from gate.extract.partial_objects import UNKNOWN_TYPE, is_harmless, is_part, role_of_part
from gate.extract.templates import is_harmless_stack
from gate.extract.terraform_objects import is_object
from gate.inputs.documents import TerraformPlan, TerraformResource
from gate.model.access import AccessModel, NotAnalysed, Source

# What bears identity only where this attribute is set.
_ONLY_WITH = {
    "runs as its identity block": "identity",
    "credential, where it has a secret": "generate_secret",
}
# A policy of these is read, or narrows what others give (a session of Transfer or Roles Anywhere, an update of a
# stack).
_READ_POLICIES = (
    "aws_iam_",
    "aws_organizations_",
    "aws_ssoadmin_",
    "aws_transfer_",
    "aws_rolesanywhere_profile",
    "aws_cloudformation_stack",
)
# Types of provider 5.100 that have such an argument and are not in the table of what runs as a role: what they name is
# read elsewhere, or they hand it to a service that acts for them.
_ROLE_IS_NO_RUNNER = (
    "aws_appflow_connector_profile", "aws_autoscaling_group", "aws_cognito_", "aws_db_proxy_endpoint",
    "aws_elasticsearch_domain", "aws_grafana_workspace_service_account", "aws_iam_", "aws_opensearch_domain",
    "aws_opsworks_stack", "aws_quicksight_", "aws_s3_bucket",
)  # fmt: skip
# Platforms whose types were gone through one by one; a newer type of theirs is told by what these names always mean.
_LISTED = frozenset(("azuread", "azurerm", "github", "google", "kubernetes", "okta", "vault"))
_GRANTING = ("_iam_member", "_iam_binding", "_iam_policy", "_role_assignment", "_role_binding", "_access_policy")


def extract(
    plans: Sequence[TerraformPlan], side: Literal["before", "after"], model: AccessModel, read: Collection[str] = ()
) -> None:
    """Add every managed resource that bears identity and that nobody reads, on ``side``, to ``model.not_analysed``.

    ``read``: addresses of resources that are understood as something else (objects of a cluster). One that is updated
    stands only in ``after``: nobody here can tell what it allowed from what it will allow.
    """
    for plan in plans:
        for resource in plan.resources.values():
            values = resource.before if side == "before" else resource.after
            if resource.mode != "managed" or values is None or (side == "before" and resource.change == "update"):
                continue
            if resource.address in read or is_harmless_stack(resource, values):
                continue
            if (known := _said(resource, values)) is not None:
                platform, role = known
                source = Source(resource.address, None, resource.location)
                model.not_analysed.append(NotAnalysed(resource.type, platform, role, source, resource.change))


def _said(resource: TerraformResource, values: dict[str, Any]) -> tuple[str, str] | None:
    """``(platform, why it bears identity)``: of the table, else of its shape."""
    known = _types().get(resource.type)
    if known is not None:
        needed = _ONLY_WITH.get(known[1])
        return known if needed is None or values.get(needed) or _unknown(resource, needed) else None
    platform = resource.type.partition("_")[0]
    if platform == "aws":
        unread = resource.type not in _resource_policies() and not resource.type.startswith(_READ_POLICIES)
        if unread and carries_policy(values):
            return platform, "grant, by the policy that it carries"
        runs = resource.type not in _runs_as() and not resource.type.startswith(_ROLE_IS_NO_RUNNER)
        return (platform, "runs as a role, by its arguments") if runs and names_role(values, resource.unknown) else None
    if platform == "kubernetes" and (role := _in_a_cluster(resource, values)):
        return platform, role
    if platform in _LISTED:
        if resource.type.endswith(_GRANTING):
            return platform, "grant, by its name"
        return (platform, "grant, by the policy that it carries") if carries_policy(values) else None
    role = role_of(resource, values)
    return (platform, role) if role else None


def _in_a_cluster(resource: TerraformResource, values: dict[str, Any]) -> str | None:
    """Why a type of the provider for clusters that stands in no table bears on identity."""
    if is_part(resource):
        return role_of_part(resource, values)
    return None if is_harmless(resource.type) or is_object(resource.type) else UNKNOWN_TYPE


def _unknown(resource: TerraformResource, attribute: str) -> bool:
    return isinstance(resource.unknown, dict) and bool(resource.unknown.get(attribute))


@cache
def _runs_as() -> frozenset[str]:
    text = resources.files("gate.extract.aws.compute").joinpath("data/runs_as.json").read_text("utf-8")
    return frozenset(json.loads(text))


@cache
def _resource_policies() -> frozenset[str]:
    text = resources.files("gate.extract.aws.resources").joinpath("data/resource_policies.json").read_text("utf-8")
    return frozenset(json.loads(text))


@cache
def _types() -> dict[str, tuple[str, str]]:
    """Terraform type → (platform, why it bears identity); see ``data/not_analysed.json``."""
    text = resources.files("gate.extract").joinpath("data/not_analysed.json").read_text("utf-8")
    table: dict[str, dict[str, list[str]]] = json.loads(text)
    return {
        type_: (platform, role) for platform, roles in table.items() for role, types in roles.items() for type_ in types
    }
