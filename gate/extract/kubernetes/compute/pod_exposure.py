"""Whether the internet reaches a pod: services, ingresses and routes of the change that lead to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gate.extract.kubernetes.documents.objects import manifest_id, namespace_of, remembered
from gate.extract.kubernetes.documents.pods import Pod
from gate.extract.kubernetes.language.shapes import Place, listing, mapping, pairs, text
from gate.inputs.documents import Manifest
from gate.model.access import Exposure

DOORS = (
    ("", "Service"),
    ("networking.k8s.io", "Ingress"),
    ("gateway.networking.k8s.io", "HTTPRoute"),
    ("gateway.networking.k8s.io", "GRPCRoute"),
    ("gateway.networking.k8s.io", "TLSRoute"),
    ("gateway.networking.k8s.io", "TCPRoute"),
    ("route.openshift.io", "Route"),
)
"""API groups and kinds that traffic comes through."""

# A load balancer that its annotations keep inside the network, by provider.
_INTERNAL = {
    "service.beta.kubernetes.io/aws-load-balancer-internal": ("true", "0.0.0.0/0"),
    "service.beta.kubernetes.io/aws-load-balancer-scheme": ("internal",),
    "alb.ingress.kubernetes.io/scheme": ("internal",),
    "networking.gke.io/load-balancer-type": ("internal",),
    "cloud.google.com/load-balancer-type": ("internal",),
    "service.beta.kubernetes.io/azure-load-balancer-internal": ("true",),
}


@dataclass(frozen=True, slots=True)
class Door:
    """Something traffic comes through. A Service has ``name`` and ``selector``; a route leads to ``services``.

    ``public``: traffic from outside the cluster's network reaches it. ``id``: of the object.
    """

    id: str
    namespace: str
    name: str
    public: bool
    selector: tuple[tuple[str, str], ...] = ()
    services: frozenset[str] = frozenset()


@remembered
def front_door(manifest: Manifest) -> Door:
    """A Service, an Ingress or a route of the change. Raises ``WrongShape``."""
    spec = mapping(manifest.body.get("spec"), ("spec",))
    metadata = mapping(manifest.body.get("metadata"), ("metadata",))
    annotations = pairs(metadata.get("annotations"), ("metadata", "annotations"))
    internal = any(annotations.get(key, "").lower() in values for key, values in _INTERNAL.items())
    namespace = namespace_of(manifest)
    if manifest.kind != "Service":
        services = frozenset(_backends(spec, ("spec",)))
        return Door(manifest_id(manifest), namespace, manifest.name, not internal, services=services)
    kind = text(spec.get("type"), ("spec", "type"))
    selector = pairs(spec.get("selector"), ("spec", "selector"))
    public = kind in ("LoadBalancer", "NodePort") and not internal
    public = public or bool(spec.get("externalIPs"))
    return Door(manifest_id(manifest), namespace, manifest.name, public, tuple(selector.items()))


def _backends(value: Any, place: Place) -> Iterator[str]:
    """Names of the services an Ingress or a route leads to, wherever its version of the API keeps them."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("service", "to") and isinstance(item, dict) and isinstance(item.get("name"), str):
                yield item["name"]
            elif key == "serviceName" and isinstance(item, str):
                yield item
            elif key == "backendRefs":
                entries = (mapping(r, (*place, key)) for r in listing(item, (*place, key)))
                yield from (r["name"] for r in entries if isinstance(r.get("name"), str))
            else:
                yield from _backends(item, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _backends(item, (*place, index))


def exposure_of(pod: Pod, doors: Sequence[Door]) -> tuple[Exposure, tuple[str, ...]]:
    """``internet`` when a public door of the change leads to the pod, with the doors' ids; ``none`` when only inner
    services do, ``unknown`` when no service of the change selects it: another one may.

    ``doors``: those of the pod's namespace.
    """
    if pod.manifest.kind == "Service":  # Knative serves publicly unless told otherwise
        metadata = mapping(pod.manifest.body.get("metadata"), ("metadata",))
        labels = pairs(metadata.get("labels"), ("metadata", "labels"))
        return ("none" if labels.get("networking.knative.dev/visibility") == "cluster-local" else "internet"), ()
    selecting = [d for d in doors if d.selector and all(pod.labels.get(key) == value for key, value in d.selector)]
    names = {door.name for door in selecting}
    routes = [d.id for d in doors if d.public and d.services & names]
    public = tuple(dict.fromkeys((*routes, *(d.id for d in selecting if d.public))))
    return ("internet" if public else "none" if selecting else "unknown"), public
