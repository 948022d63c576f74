"""Objects as an API server keeps them: their keys, and the parts of them that nobody here reads."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, NamedTuple

from gate.inputs.cluster.kinds import KindName

Body = dict[str, Any]
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_JOB = KindName("batch", "Job")
_REPLICA_SET, _REPLICATION = KindName("apps", "ReplicaSet"), KindName("", "ReplicationController")
_SETS = (_REPLICA_SET, KindName("apps", "DaemonSet"), KindName("apps", "StatefulSet"))
_KNATIVE = "serving.knative.dev"
_MAKERS: dict[KindName, tuple[KindName, ...]] = {
    KindName("", "Pod"): (*_SETS, _JOB, _REPLICATION),
    _REPLICA_SET: (KindName("apps", "Deployment"), KindName("argoproj.io", "Rollout")),
    _JOB: (KindName("batch", "CronJob"),),
    _REPLICATION: (KindName("apps.openshift.io", "DeploymentConfig"),),
    KindName(_KNATIVE, "Configuration"): (KindName(_KNATIVE, "Service"),),
}


class ObjectKey(NamedTuple):
    """What tells an object from every other in its cluster; ``namespace`` is empty for cluster-scoped ones."""

    kind: KindName
    namespace: str
    name: str


def key_of(kind: KindName, body: Body) -> ObjectKey:
    """The key of an object of a kind."""
    metadata = body["metadata"]
    return ObjectKey(kind, metadata.get("namespace", ""), metadata["name"])


def trimmed(body: Body, api_version: str, kind: str) -> Body:
    """The object without its status, its managed fields, the copy of what was applied, and schemas of custom resources.

    Lists leave out apiVersion and kind; they are put back.
    """
    metadata = without_last_applied({key: v for key, v in body["metadata"].items() if key != "managedFields"})
    rest = {key: value for key, value in body.items() if key not in ("apiVersion", "kind", "metadata", "status")}
    if kind == "CustomResourceDefinition":
        rest["spec"] = {key: value for key, value in body["spec"].items() if key != "versions"}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def without_last_applied(metadata: Any) -> Any:
    """An object's metadata without the copy of all of it that ``kubectl apply`` leaves there."""
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if not isinstance(annotations, dict) or _LAST_APPLIED not in annotations:
        return metadata
    return {**metadata, "annotations": {key: value for key, value in annotations.items() if key != _LAST_APPLIED}}


def owner(body: Body) -> tuple[KindName, str] | None:
    """Kind and name of the controller that made an object, as the object says."""
    for reference in body["metadata"].get("ownerReferences", ()):
        if reference.get("controller"):
            group = reference["apiVersion"].rpartition("/")[0]
            return KindName(group, reference["kind"]), reference["name"]
    return None


def is_derived(kind: KindName, body: Body, kinds: Container[KindName]) -> bool:
    """Whether the object says that something of ``kinds`` made it: a Deployment's ReplicaSet, a Job's pod.

    Only what such a controller makes: anybody can write an owner into a binding, to have it overlooked.
    """
    found = owner(body)
    return found is not None and found[0] in kinds and found[0] in _MAKERS.get(kind, ())
