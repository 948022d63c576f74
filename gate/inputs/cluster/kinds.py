"""Which kinds of objects are read from a cluster, and where its API server serves them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from gate.errors import ClusterError
from gate.inputs.cluster.connection import Cluster

KINDS: dict[str, frozenset[str]] = {
    "": frozenset(
        {
            "Namespace",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "Service",
            "ServiceAccount",
        }
    ),
    "apps": frozenset({"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"}),
    "apps.openshift.io": frozenset({"DeploymentConfig"}),
    "argoproj.io": frozenset({"Rollout"}),
    "batch": frozenset({"CronJob", "Job"}),
    "gateway.networking.k8s.io": frozenset({"GRPCRoute", "Gateway", "HTTPRoute", "TCPRoute", "TLSRoute"}),
    "networking.k8s.io": frozenset({"Ingress"}),
    "rbac.authorization.k8s.io": frozenset({"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}),
    "route.openshift.io": frozenset({"Route"}),
    "serving.knative.dev": frozenset({"Configuration", "Service"}),
}
"""API group → kinds that bear on what identities can do. Secrets and ConfigMaps are not among them: the gate itself
gets along without reading any."""

ALONE: dict[str, frozenset[str]] = {
    "admissionregistration.k8s.io": frozenset(
        {
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        }
    ),
    "apiextensions.k8s.io": frozenset({"CustomResourceDefinition"}),
    "apiregistration.k8s.io": frozenset({"APIService"}),
    "kyverno.io": frozenset({"ClusterPolicy", "Policy", "PolicyException"}),
    "policies.kyverno.io": frozenset({"MutatingPolicy", "NamespacedMutatingPolicy", "PolicyException"}),
    "mutations.gatekeeper.sh": frozenset({"Assign", "AssignImage", "AssignMetadata", "ModifySet"}),
    "kubevirt.io": frozenset({"VirtualMachine"}),
    "opentelemetry.io": frozenset({"OpenTelemetryCollector"}),
    "sparkoperator.k8s.io": frozenset({"SparkApplication"}),
}
"""Kinds that are judged by what they say themselves: a scan reads them, a watch has no need of them."""

Wanted = Callable[[str, str], bool]
"""Group and kind → whether to read it."""

_ACCEPT = ",".join(
    f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList" for version in ("v2", "v2beta1")
)


class KindName(NamedTuple):
    """A kind without its version; printed as in ``Deployment.apps`` (``Pod`` in the core group)."""

    group: str
    kind: str

    def __str__(self) -> str:
        return f"{self.kind}.{self.group}" if self.group else self.kind


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind as an API server serves it. ``plural``: its name in URLs."""

    name: KindName
    version: str
    plural: str
    namespaced: bool

    @property
    def api_version(self) -> str:
        """``apps/v1``."""
        return f"{self.name.group}/{self.version}" if self.name.group else self.version

    def path(self, namespace: str | None = None) -> str:
        """Of the list of all objects; of one namespace's when one is given and the kind lives in namespaces."""
        root = f"/apis/{self.api_version}" if self.name.group else f"/api/{self.version}"
        return (
            f"{root}/namespaces/{namespace}/{self.plural}" if namespace and self.namespaced else f"{root}/{self.plural}"
        )


@dataclass(frozen=True, slots=True)
class Served:
    """What an API server serves of the kinds wanted. ``stale``: groups it could not say everything about right now."""

    resources: tuple[Resource, ...]
    stale: tuple[str, ...]


def known(group: str, kind: str) -> bool:
    """Whether a kind is one of ``KINDS``."""
    return kind in KINDS.get(group, frozenset())


def scanned(group: str, kind: str) -> bool:
    """Whether a kind is one of ``KINDS`` or of ``ALONE``."""
    return known(group, kind) or kind in ALONE.get(group, frozenset())


async def served(cluster: Cluster, wanted: Wanted = known) -> Served:
    """Ask what is served, in two requests. Raises ``ClusterError``, also for API servers before Kubernetes 1.27."""
    groups: list[dict[str, Any]] = []
    for root in ("/api", "/apis"):
        answer = await cluster.get(root, accept=_ACCEPT)
        if answer.get("kind") != "APIGroupDiscoveryList":
            raise ClusterError(
                f"{cluster.name}: the API server does not list its resources in one answer.",
                hint="Kubernetes 1.27 or newer is needed.",
            )
        groups += answer.get("items", ())
    resources: dict[KindName, Resource] = {}
    stale = set()
    for group in groups:
        name = group.get("metadata", {}).get("name", "")
        for version in group["versions"]:
            if version.get("freshness") == "Stale":
                stale.add(name)
            for resource in _listable(name, version):
                if wanted(*resource.name):
                    resources.setdefault(resource.name, resource)  # the preferred version comes first
    return Served(tuple(resources.values()), tuple(sorted(stale)))


def _listable(group: str, version: dict[str, Any]) -> Iterator[Resource]:
    for entry in version.get("resources", ()):
        kind = entry.get("responseKind", {}).get("kind")
        if kind and "list" in entry.get("verbs", ()):
            scope = entry.get("scope") == "Namespaced"
            yield Resource(KindName(group, kind), version["version"], entry["resource"], scope)
