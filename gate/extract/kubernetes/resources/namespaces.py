"""What a namespace is, as far as the change shows it: its labels, the secrets in it, and whose pods read ConfigMaps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from gate.extract.kubernetes.documents.objects import remembered
from gate.extract.kubernetes.documents.pods import Pod, containers, pod_of, volumes
from gate.extract.kubernetes.language.shapes import Place, WrongShape, listing, mapping, pairs
from gate.inputs.documents import Manifest
from gate.model.access import Namespace, Workload

_LEVEL = "pod-security.kubernetes.io/enforce"
_ADMIN_ACCESS = "resource.k8s.io/admin-access"
_NOBODYS = (None, "kube-root-ca.crt")
_IN_CONTAINERS = (("env", ("valueFrom", "configMapKeyRef")), ("envFrom", ("configMapRef",)))


def namespaces(
    labels: Mapping[str, Mapping[str, str]],
    unread: AbstractSet[str],
    secrets: Iterable[str],
    workloads: Iterable[Workload],
    configured: Iterable[str],
) -> dict[str, Namespace]:
    """The namespaces that the change shows something of, by name.

    ``labels``: of the Namespace objects; ``unread``: those of them that stand in a cluster, whose secrets nobody reads.
    ``secrets``: ids of Secret objects. ``configured``: accounts whose pods read ConfigMaps.
    """
    held: dict[str, set[str]] = {}
    for secret in (*secrets, *(r.secret for w in workloads for r in w.secrets if w.platform == "kubernetes")):
        held.setdefault(_namespace(secret), set()).add(secret)
    reading: dict[str, set[str]] = {}
    for account in configured:
        reading.setdefault(_namespace(account), set()).add(account)
    return {
        name: Namespace(
            written=name in labels,
            unread=name in unread,
            pod_security=labels.get(name, {}).get(_LEVEL),
            admin_access=labels.get(name, {}).get(_ADMIN_ACCESS) == "true",
            secrets=tuple(sorted(held.get(name, ()))),
            configured=tuple(sorted(reading.get(name, ()))),
        )
        for name in sorted(labels.keys() | held.keys() | reading.keys())
    }


def _namespace(object_id: str) -> str:
    return object_id.split("/", 2)[1]


@remembered
def labels_of(manifest: Manifest) -> dict[str, str]:
    """The labels of a Namespace. Raises ``WrongShape``."""
    metadata = mapping(manifest.body.get("metadata"), ("metadata",))
    return dict(pairs(metadata.get("labels"), ("metadata", "labels")))


@remembered
def reads_configuration(manifest: Manifest) -> str | None:
    """The account of a workload whose containers are handed a ConfigMap; none where its pod cannot be read."""
    try:
        pod = pod_of(manifest)
        return pod.account if pod and any(name not in _NOBODYS for name in _config_maps(pod)) else None
    except WrongShape:
        return None


def _config_maps(pod: Pod) -> Iterator[object]:
    for container in containers(pod):
        for field, way in _IN_CONTAINERS:
            yield from _named(container.body, field, container.place, way)
    for place, volume in volumes(pod):
        yield mapping(volume.get("configMap"), (*place, "configMap")).get("name")
        projected = mapping(volume.get("projected"), (*place, "projected"))
        yield from _named(projected, "sources", (*place, "projected"), ("configMap",))


def _named(body: dict[str, Any], field: str, place: Place, way: tuple[str, ...]) -> Iterator[object]:
    for index, entry in enumerate(listing(body.get(field), (*place, field))):
        at: Place = (*place, field, index)
        for step in way:
            entry = mapping(mapping(entry, at).get(step), (*at, step))
        if entry:
            yield mapping(entry, at).get("name")
