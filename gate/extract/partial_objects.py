"""Terraform resources that change a part of an object of a cluster: its labels, its annotations, its environment.

https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs/resources/annotations. The object itself stands
elsewhere, so what it comes to is not in view. What the keys say decides: some are read by nobody who gives access, all
others may be, by an agent or a controller that nobody here knows.
"""

from __future__ import annotations

from typing import Any

from gate.extract.kubernetes.guards.own import is_own_settings
from gate.extract.kubernetes.trust.aws_auth import is_aws_auth
from gate.inputs.documents import Manifest, SourceFile, TerraformPlan, TerraformResource

IDENTITY = "changes part of an identity, or of a workload that runs as one"
OBJECT = "changes part of an object that is defined elsewhere"
UNKNOWN_TYPE = "of a type that is not known"

_NO_FILE = SourceFile("", "terraform-plan", "")  # what is asked of the object does not say where it is written
_ENTRIES = "kubernetes_config_map_v1_data"
_METADATA = {"kubernetes_labels": "labels", "kubernetes_annotations": "annotations"}
# Keys of these domains are for people, deployers and monitoring; so are keys without a domain.
_FOR_PEOPLE = frozenset(
    ("app.kubernetes.io", "helm.sh", "meta.helm.sh", "prometheus.io", "backstage.io", "kubectl.kubernetes.io")
)
_IDENTITIES = frozenset(("ServiceAccount", "ClusterRole", "Role", "Secret", "Node", "Pod"))
# Types of the provider (3.0) that bear on no identity, without ``_v1`` and the like. What they make is no secret, runs
# nothing and lets nobody in.
_HARMLESS = frozenset(
    ("kubernetes_endpoint_slice", "kubernetes_endpoints", "kubernetes_horizontal_pod_autoscaler",
     "kubernetes_ingress_class", "kubernetes_limit_range", "kubernetes_node_taint",
     "kubernetes_pod_disruption_budget", "kubernetes_priority_class", "kubernetes_resource_quota",
     "kubernetes_storage_class")
)  # fmt: skip


def role_of_part(resource: TerraformResource, values: dict[str, Any]) -> str | None:
    """Why a resource that changes a part of an object bears on identity; ``None`` when nothing that it sets does."""
    if resource.type == "kubernetes_env":
        return IDENTITY
    if resource.type == _ENTRIES:
        return _role_of_entries(resource, values)
    part = _METADATA[resource.type]
    unknown = resource.unknown if isinstance(resource.unknown, dict) else {}
    template = _keys(values.get(f"template_{part}")) | _keys(unknown.get(f"template_{part}"))
    keys = _keys(values.get(part)) | _keys(unknown.get(part)) | template
    hidden = unknown.get(part) is True or resource.unknown is True
    if not hidden and all(_is_for_people(key) for key in keys):
        return None
    return IDENTITY if str(values.get("kind")) in _IDENTITIES or template else OBJECT


def _role_of_entries(resource: TerraformResource, values: dict[str, Any]) -> str | None:
    """Of a config map: one lets identities of AWS into a cluster, one is the gate's; no other is read for access."""
    metadata, data = values.get("metadata"), values.get("data")
    first = metadata[0] if isinstance(metadata, list) and len(metadata) == 1 else None
    name, namespace = (first.get("name"), first.get("namespace")) if isinstance(first, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(namespace, str) or not isinstance(data, dict):
        return OBJECT
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data}
    target = Manifest(_NO_FILE, "v1", "ConfigMap", namespace, name, body, resource.location)
    return IDENTITY if is_aws_auth(target) or is_own_settings(target) else None


def is_part(resource: TerraformResource) -> bool:
    """Whether a resource changes a part of an object."""
    return resource.type in _METADATA or resource.type in ("kubernetes_env", _ENTRIES)


def is_harmless(resource_type: str) -> bool:
    """Whether a type of the provider was gone through and bears on no identity."""
    return resource_type.partition("_v")[0] in _HARMLESS


def namespace_of_part(plan: TerraformPlan, resource: TerraformResource, values: dict[str, Any]) -> Manifest | None:
    """The namespace whose labels or annotations a resource sets: they are all that matters of it."""
    part = _METADATA.get(resource.type)
    if part is None:
        return None
    metadata = values.get("metadata")
    first = metadata[0] if isinstance(metadata, list) and metadata else None
    name = first.get("name") if isinstance(first, dict) else None
    written = values.get(part)
    if values.get("kind") != "Namespace" or not isinstance(name, str) or not isinstance(written, dict):
        return None
    unknown = resource.unknown.get(part) if isinstance(resource.unknown, dict) else resource.unknown
    if unknown is True or (isinstance(unknown, dict) and unknown):
        return None
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, part: dict(written)}}
    return Manifest(plan.file, "v1", "Namespace", None, name, body, resource.location)


def _keys(value: object) -> set[str]:
    return {str(key) for key in value} if isinstance(value, dict) else set()


def _is_for_people(key: str) -> bool:
    domain, slash, _ = key.partition("/")
    return not slash or domain in _FOR_PEOPLE
