"""Managed clusters of Google Cloud and Azure, as far as they bear on identity: whose credentials their nodes hand to
pods, and who gets in past the cloud's own identities. EKS is read by the AWS adapter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from gate.inputs.documents import TerraformPlan, TerraformResource
from gate.inputs.terraform.expression_references import references
from gate.model.access import AccessModel, Setting, Source, Workload

_GKE = ("google_container_cluster", "google_container_node_pool")
_AKS = "azurerm_kubernetes_cluster"
_PULL = "AcrPull"


def extract(plans: Sequence[TerraformPlan], side: Literal["before", "after"], model: AccessModel) -> None:
    """Add each cluster and node pool with such a setting as a workload that runs as nobody in view."""
    for plan in plans:
        for resource in plan.resources.values():
            if resource.type not in (*_GKE, _AKS) or resource.mode != "managed":
                continue
            values = resource.before if side == "before" else resource.after
            if values is None:
                continue
            source = Source(resource.address, None, resource.location)
            found = [Setting(*fact, source) for fact in _settings(plan, side, resource, values)]
            if found:
                model.workloads[resource.address] = Workload(
                    id=resource.address,
                    kind=resource.type,
                    platform="azure" if resource.type == _AKS else "gcp",
                    runs_as=(),
                    source=source,
                    settings=tuple(found),
                    change=resource.change,
                )


def _settings(
    plan: TerraformPlan, side: str, resource: TerraformResource, values: dict[str, Any]
) -> Iterator[tuple[str, str, str]]:
    if resource.type == _AKS:
        if values.get("local_account_disabled") is not True:
            said = "not set" if values.get("local_account_disabled") is None else "false"
            yield "aks-local-accounts", "local_account_disabled", said
        if values.get("role_based_access_control_enabled") is False:
            yield "aks-no-rbac", "role_based_access_control_enabled", "false"
        yield from _kubelet(plan, side, resource)
        return
    for index, node in enumerate(_blocks(values, "node_config")):
        where = f"node_config[{index}]"
        scopes = node.get("oauth_scopes")
        wide = not isinstance(scopes, list) or any(str(scope).endswith("/cloud-platform") for scope in scopes)
        hidden = any(block.get("mode") == "GKE_METADATA" for block in _blocks(node, "workload_metadata_config"))
        if wide and not hidden and _default_account(resource, index, node):
            yield "gke-node-default-sa", f"{where}.service_account", str(node.get("service_account") or "default")


def _default_account(resource: TerraformResource, index: int, node: dict[str, Any]) -> bool:
    """Whether the nodes run as the compute default account: nobody named another."""
    name = node.get("service_account")
    if isinstance(name, str) and name:
        return name == "default" or name.endswith("-compute@developer.gserviceaccount.com")
    written: Any = resource.expressions.get("node_config")
    block = written[index] if isinstance(written, list) and index < len(written) else {}
    return not (isinstance(block, dict) and "service_account" in block)


def _kubelet(plan: TerraformPlan, side: str, cluster: TerraformResource) -> Iterator[tuple[str, str, str]]:
    """Roles, beside pulling images, of the identity that the nodes hand out by their metadata service."""
    kubelets = {
        r.address for r in references(plan, cluster.address, ("kubelet_identity", 0, "user_assigned_identity_id"))
    }
    for resource in plan.resources.values():
        if resource.type != "azurerm_role_assignment":
            continue
        values = resource.before if side == "before" else resource.after
        role = str((values or {}).get("role_definition_name") or "a role that is not known")
        for reference in references(plan, resource.address, ("principal_id",)):
            own = reference.address == cluster.address and reference.attribute.startswith("kubelet_identity")
            if values is not None and role != _PULL and (own or reference.address in kubelets):
                yield "aks-kubelet-identity-imds", resource.address, role


def _blocks(values: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = values.get(name)
    return [block for block in found if isinstance(block, dict)] if isinstance(found, list) else []
