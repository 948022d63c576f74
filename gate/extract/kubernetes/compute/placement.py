"""Where a pod wants to run and as what it poses: control-plane nodes, system namespaces, mirrors of static pods, roles
that an agent on the node hands to whoever names them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gate.extract.kubernetes.documents.objects import source_of
from gate.extract.kubernetes.documents.pods import Pod
from gate.extract.kubernetes.language.shapes import Place, dotted, listing, mapping, text
from gate.model.access import Setting

ROLE_ANNOTATION = "iam.amazonaws.com/role"
CLOUD = "pod-cloud-annotations"
_POD_BINDING = "aadpodidbinding"
_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_SYSTEM = ("system-node-critical", "system-cluster-critical")
_MIRROR = ("kubernetes.io/config.mirror", "kubernetes.io/config.source")


def placement(pod: Pod) -> Iterator[Setting]:
    """Every such setting of the pod. Raises ``WrongShape``."""
    priority = text(pod.spec.get("priorityClassName"), (*pod.place, "priorityClassName"))
    # What belongs to the system says so by its priority.
    if pod.namespace == "kube-system" and priority not in _SYSTEM:
        yield _said(pod, "pod-kube-system-namespace", ("metadata", "namespace"), "kube-system")
    if pod.namespace != "kube-system" and priority in _SYSTEM:
        yield _said(pod, "pod-node-name-or-tolerations", (*pod.place, "priorityClassName"), str(priority))
    node = text(pod.spec.get("nodeName"), (*pod.place, "nodeName"))
    if node:
        yield _said(pod, "pod-node-name-or-tolerations", (*pod.place, "nodeName"), f"node {node}")
    for place in _to_control_plane(pod):
        yield _said(pod, "pod-node-name-or-tolerations", place, "control plane")
    for key in _MIRROR:
        if key in pod.annotations:
            yield _said(pod, "pod-static-mirror", (*pod.place[:-1], "metadata", "annotations", key), key)
    role = pod.annotations.get(ROLE_ANNOTATION, "").strip()
    if role:
        yield _said(pod, CLOUD, (*pod.place[:-1], "metadata", "annotations", ROLE_ANNOTATION), role)
    if pod.labels.get(_POD_BINDING):
        place = (*pod.place[:-1], "metadata", "labels", _POD_BINDING)
        yield _said(pod, CLOUD, place, f"azure:{pod.labels[_POD_BINDING]}")


def _said(pod: Pod, name: str, place: Place, value: str) -> Setting:
    return Setting(name, dotted(place), value, source_of(pod.manifest, place))


def _to_control_plane(pod: Pod) -> Iterator[Place]:
    """Where the pod asks for control-plane nodes. That a DaemonSet tolerates every node is its nature."""
    selector = mapping(pod.spec.get("nodeSelector"), (*pod.place, "nodeSelector"))
    if any(key in selector for key in _CONTROL_PLANE):
        yield (*pod.place, "nodeSelector")
    affinity: Place = (*pod.place, "affinity")
    if any(key in _CONTROL_PLANE for key in _required(pod.spec.get("affinity"), affinity)):
        yield affinity
    if pod.manifest.kind == "DaemonSet":
        return
    for index, entry in enumerate(listing(pod.spec.get("tolerations"), (*pod.place, "tolerations"))):
        place = (*pod.place, "tolerations", index)
        if text(mapping(entry, place).get("key"), (*place, "key")) in _CONTROL_PLANE:
            yield place


def _required(affinity: Any, place: Place) -> Iterator[str]:
    at = (*place, "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    node = mapping(mapping(affinity, place).get("nodeAffinity"), at[:-1])
    terms = listing(mapping(node.get(str(at[-1])), at).get("nodeSelectorTerms"), (*at, "nodeSelectorTerms"))
    for index, term in enumerate(terms):
        where = (*at, "nodeSelectorTerms", index)
        for number, entry in enumerate(listing(mapping(term, where).get("matchExpressions"), where)):
            expression = mapping(entry, (*where, "matchExpressions", number))
            if expression.get("operator") in ("Exists", "In") and isinstance(expression.get("key"), str):
                yield expression["key"]
