"""What controllers make is judged as their maker: a pod of a Deployment is that Deployment with the pod's template.

Else a pod that is rescheduled would be a new flaw each time, and a Deployment that was there before the gate would be
refused its pods. Judged in its maker's place, what the template said already was there before, and what it did not say
is introduced. Only the word of Kubernetes' own controllers counts: anybody can write ``ownerReferences``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gate.extract.kubernetes.documents.pods import POD_PLACES
from gate.extract.kubernetes.language.shapes import Place
from gate.inputs.documents import Manifest

Find = Callable[[str, str, str, str], Manifest | None]
"""Group, kind, namespace and name to the object as it stands in the cluster."""

# Account names: kube-controller-manager with --use-service-account-credentials, and its user without.
_CONTROLLERS = {
    ("apps", "ReplicaSet"): "replicaset-controller",
    ("apps", "Deployment"): "deployment-controller",
    ("apps", "DaemonSet"): "daemon-set-controller",
    ("apps", "StatefulSet"): "statefulset-controller",
    ("batch", "Job"): "job-controller",
    ("batch", "CronJob"): "cronjob-controller",
    ("", "ReplicationController"): "replication-controller",
}
_MANAGER = "system:kube-controller-manager"
_OF_SYSTEM = "system:serviceaccount:kube-system:"
_GENERATED = re.compile(r"-[a-z0-9]+$")


def in_place_of_maker(made: Manifest, user: str, find: Find) -> tuple[Manifest, Manifest] | None:
    """The maker as it would be with the template that ``made`` was made from, and the maker as it is.

    ``None`` when ``made`` stands for itself: it has no controller, ``user`` is not that controller's, or nobody here
    knows the maker.
    """
    maker = _maker(made, user, find)
    if maker is None:
        return None
    template = _template(made)
    place = POD_PLACES[maker.api_version.rpartition("/")[0], maker.kind]
    if template is None:
        return None
    return replace(maker, body=_with(maker.body, place, template), readings={}), maker


def _maker(made: Manifest, user: str, find: Find) -> Manifest | None:
    if (made.api_version.rpartition("/")[0], made.kind) not in POD_PLACES:
        return None
    reference = _controller(made)
    if reference is None:
        return None
    group, kind, name = reference
    account = _CONTROLLERS.get((group, kind))
    if account is None or user not in (_MANAGER, _OF_SYSTEM + account):
        return None
    namespace = made.namespace or ""
    if (maker := find(group, kind, namespace, name)) is not None:
        return maker
    # A ReplicaSet of a Deployment and a Job of a CronJob are not kept: their names are their makers' with a suffix.
    further = {"ReplicaSet": ("apps", "Deployment"), "Job": ("batch", "CronJob")}.get(kind)
    return find(*further, namespace, _GENERATED.sub("", name)) if further else None


def _controller(made: Manifest) -> tuple[str, str, str] | None:
    metadata = made.body.get("metadata")
    references = metadata.get("ownerReferences") if isinstance(metadata, dict) else None
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, dict) and reference.get("controller") is True:
            said = [reference.get(key) for key in ("apiVersion", "kind", "name")]
            if all(isinstance(part, str) for part in said):
                version, kind, name = map(str, said)
                return version.rpartition("/")[0], kind, name
    return None


def _template(made: Manifest) -> dict[str, Any] | None:
    template: Any = made.body
    for part in POD_PLACES[made.api_version.rpartition("/")[0], made.kind]:
        template = template.get(part) if isinstance(template, dict) else None
    if not isinstance(template, dict) or not isinstance(template.get("metadata"), dict | None):
        return None
    metadata = template.get("metadata") or {}
    kept = {key: metadata[key] for key in ("labels", "annotations") if key in metadata}
    return {"metadata": kept, "spec": template.get("spec")}


def _with(body: dict[str, Any], place: Place, template: dict[str, Any]) -> dict[str, Any]:
    if not place:
        return template
    key, *rest = place
    inner = body.get(str(key))
    return {**body, str(key): _with(inner if isinstance(inner, dict) else {}, tuple(rest), template)}
