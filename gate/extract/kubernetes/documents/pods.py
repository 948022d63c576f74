"""Where each workload kind keeps its pod template, and the parts of it that everything else reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gate.extract.kubernetes.documents.objects import namespace_of, object_id, remembered
from gate.extract.kubernetes.language.shapes import Place, listing, mapping, pairs, text
from gate.inputs.documents import Manifest

_TEMPLATE: Place = ("spec", "template")
POD_PLACES: dict[tuple[str, str], Place] = {
    ("", "Pod"): (),
    ("", "PodTemplate"): ("template",),
    ("", "ReplicationController"): _TEMPLATE,
    ("apps", "Deployment"): _TEMPLATE,
    ("apps", "StatefulSet"): _TEMPLATE,
    ("apps", "DaemonSet"): _TEMPLATE,
    ("apps", "ReplicaSet"): _TEMPLATE,
    ("extensions", "Deployment"): _TEMPLATE,
    ("extensions", "DaemonSet"): _TEMPLATE,
    ("extensions", "ReplicaSet"): _TEMPLATE,
    ("batch", "Job"): _TEMPLATE,
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("argoproj.io", "Rollout"): _TEMPLATE,
    ("serving.knative.dev", "Service"): _TEMPLATE,
    ("serving.knative.dev", "Configuration"): _TEMPLATE,
    ("apps.openshift.io", "DeploymentConfig"): _TEMPLATE,
}
POD_KINDS = tuple(POD_PLACES)


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod template in its object. ``place``: of the pod's ``spec``; ``account``: id of its service account."""

    manifest: Manifest
    namespace: str
    place: Place
    spec: dict[str, Any]
    labels: dict[str, str]
    annotations: dict[str, str]
    account: str


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a pod and where it stands: init and ephemeral containers count."""

    place: Place
    body: dict[str, Any]


@remembered
def pod_of(manifest: Manifest) -> Pod | None:
    """The pod of a workload; ``None`` for a Rollout that names a Deployment, which is read where it stands.

    Raises ``WrongShape``.
    """
    place = POD_PLACES[manifest.api_version.rpartition("/")[0], manifest.kind]
    if manifest.kind == "Rollout" and _references_workload(manifest):
        return None
    template: dict[str, Any] = manifest.body
    for depth, part in enumerate(place):
        template = mapping(template.get(str(part)), place[: depth + 1])
    spec_place = (*place, "spec")
    spec = mapping(template.get("spec"), spec_place)
    metadata = mapping(template.get("metadata"), (*place, "metadata"))
    namespace = namespace_of(manifest)
    account = text(spec.get("serviceAccountName"), (*spec_place, "serviceAccountName"))
    legacy = text(spec.get("serviceAccount"), (*spec_place, "serviceAccount"))
    return Pod(
        manifest=manifest,
        namespace=namespace,
        place=spec_place,
        spec=spec,
        labels=pairs(metadata.get("labels"), (*place, "metadata", "labels")),
        annotations=pairs(metadata.get("annotations"), (*place, "metadata", "annotations")),
        account=object_id("ServiceAccount", namespace, account or legacy or "default"),
    )


def _references_workload(manifest: Manifest) -> bool:
    spec = mapping(manifest.body.get("spec"), ("spec",))
    return "template" not in spec and "workloadRef" in spec


def containers(pod: Pod) -> Iterator[Container]:
    """Every container. Raises ``WrongShape``."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for index, body in enumerate(listing(pod.spec.get(kind), (*pod.place, kind))):
            place = (*pod.place, kind, index)
            yield Container(place, mapping(body, place))


def volumes(pod: Pod) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Every volume and its place. Raises ``WrongShape``."""
    for index, body in enumerate(listing(pod.spec.get("volumes"), (*pod.place, "volumes"))):
        place = (*pod.place, "volumes", index)
        yield place, mapping(body, place)
