"""Workloads: pods and what makes them, the account they run as, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gate.extract.kubernetes.compute.isolation import isolation
from gate.extract.kubernetes.compute.placement import placement
from gate.extract.kubernetes.compute.pod_exposure import Door, exposure_of
from gate.extract.kubernetes.compute.settings import pod_settings
from gate.extract.kubernetes.documents.objects import manifest_id, remembered, source_of
from gate.extract.kubernetes.documents.pods import Pod, pod_of, volumes
from gate.extract.kubernetes.language.shapes import flag, listing, mapping
from gate.extract.kubernetes.resources.claims import HostVolumes
from gate.extract.kubernetes.resources.secret_references import secret_references
from gate.inputs.documents import Manifest
from gate.model.access import SecretReference, Setting, Workload


def workload(
    pod: Pod,
    mounts: Mapping[str, bool | None],
    doors: Sequence[Door],
    hosts: HostVolumes,
    pulls: Mapping[str, Sequence[SecretReference]],
) -> Workload:
    """The workload of a pod template. ``mounts``: what each account of the change says about mounting its token.
    ``hosts``: the persistent volumes of the change. ``pulls``: the secrets by which accounts pull images.

    Raises ``WrongShape``.
    """
    exposure, through = exposure_of(pod, doors)
    settings, around, secrets = _alone(pod.manifest)
    return Workload(
        id=manifest_id(pod.manifest),
        kind=pod.manifest.kind,
        platform="kubernetes",
        runs_as=(pod.account,),
        source=source_of(pod.manifest),
        namespace=pod.namespace,
        exposure=exposure,
        token=_holds_token(pod, mounts),
        settings=tuple(pod_settings(pod, hosts)) if hosts else settings,
        isolation=around,
        secrets=tuple(dict.fromkeys((*secrets, *pulls.get(pod.account, ())))),
        doors=through,
        change="create",
    )


@remembered
def _alone(
    manifest: Manifest,
) -> tuple[tuple[Setting, ...], tuple[Setting, ...], tuple[SecretReference, ...]]:
    """What the template says by itself, whatever else the change holds."""
    pod = pod_of(manifest)
    assert pod is not None
    settings = tuple(pod_settings(pod, HostVolumes((), ())))
    return settings, (*isolation(pod), *placement(pod)), tuple(secret_references(pod))


def _holds_token(pod: Pod, mounts: Mapping[str, bool | None]) -> bool:
    """Does the pod hold a token for the API server? The pod's word stands before the account's; the default is yes."""
    field = "automountServiceAccountToken"
    said = flag(pod.spec.get(field), (*pod.place, field))
    if said is None:
        said = mounts.get(pod.account)
    return said is not False or _projects_token(pod)


def _projects_token(pod: Pod) -> bool:
    """A projected token without an audience is meant for the API server."""
    for place, volume in volumes(pod):
        projected = mapping(volume.get("projected"), (*place, "projected"))
        sources = listing(projected.get("sources"), (*place, "projected", "sources"))
        for index, source in enumerate(sources):
            at = (*place, "projected", "sources", index)
            entry = mapping(source, at)
            if "serviceAccountToken" in entry and not mapping(entry["serviceAccountToken"], at).get("audience"):
                return True
    return False
