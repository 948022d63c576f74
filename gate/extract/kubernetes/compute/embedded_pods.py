"""Pods inside custom resources: whatever the kind, what looks like a pod's containers is run by some controller.

Argo workflows, Tekton tasks, OpenKruise sets, scaled jobs and the like keep pods in places of their own. Instead of one
reader for each kind, every list of containers is read, with the volumes and the account that stand around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gate.extract.kubernetes.compute.settings import pod_settings
from gate.extract.kubernetes.documents.objects import (
    group_of,
    is_of_others,
    manifest_id,
    namespace_of,
    object_id,
    source_of,
)
from gate.extract.kubernetes.documents.pods import POD_KINDS, Pod
from gate.extract.kubernetes.language.shapes import Place
from gate.extract.kubernetes.resources.claims import HostVolumes
from gate.extract.kubernetes.resources.secret_references import secret_references
from gate.inputs.documents import Manifest
from gate.model.access import Workload

_LISTS = ("containers", "initContainers", "ephemeralContainers", "sidecars", "steps")
_SINGLE = ("container", "script")  # of Argo's templates
_OF_CONTAINERS = frozenset(
    ("privileged", "capabilities", "allowPrivilegeEscalation", "procMount", "readOnlyRootFilesystem")
)
_FLAGS = ("hostPID", "hostIPC", "hostNetwork")
_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a place and holds there: the account, the volumes, whether a token is mounted."""

    account: str | None = None
    volumes: tuple[Any, ...] = ()
    token: bool = True


def is_custom(group: str, kind: str) -> bool:
    """Whether the kind is none of Kubernetes' own and none whose pod template is read where it is known to be."""
    return is_of_others(group) and (group, kind) not in POD_KINDS


def embedded_workload(manifest: Manifest, hosts: HostVolumes) -> Workload | None:
    """The pods of a custom resource as one workload; ``None`` when it has none. Raises ``WrongShape``."""
    if not is_custom(group_of(manifest), manifest.kind):
        return None
    return workload_in(manifest, [((), manifest.body)], hosts)


def workload_in(
    manifest: Manifest, parts: Iterable[tuple[Place, Any]], hosts: HostVolumes, *, acts: bool = True
) -> Workload | None:
    """The pods in parts of an object as one workload; ``None`` when there are none. Raises ``WrongShape``.

    ``acts``: they run as accounts of the object's namespace; else they are others' pods, which somebody changes.
    """
    found = [pod for place, part in parts for pod in _pods(manifest, part, place, _Around())]
    if not found:
        return None
    pods = [pod for pod, _ in found]
    return Workload(
        id=manifest_id(manifest),
        kind=manifest.kind,
        platform="kubernetes",
        runs_as=tuple(dict.fromkeys(pod.account for pod in pods if pod.account and acts)),
        source=source_of(manifest),
        namespace=namespace_of(manifest),
        token=acts and any(token for _, token in found),
        settings=tuple(dict.fromkeys(setting for pod in pods for setting in pod_settings(pod, hosts))),
        secrets=tuple(dict.fromkeys(reference for pod in pods for reference in secret_references(pod) if acts)),
        change="create",
    )


def _pods(manifest: Manifest, value: Any, place: Place, around: _Around) -> Iterator[tuple[Pod, bool]]:
    if len(place) > _DEEPEST:
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _pods(manifest, item, (*place, index), around)
    if not isinstance(value, dict):
        return
    around = _within(value, place, around)
    containers = list(_containers(value)) or list(_flattened(value))
    if containers or any(value.get(flag) is True for flag in _FLAGS):
        spec = {**value, "containers": containers, "volumes": list(around.volumes)}
        spec = {key: part for key, part in spec.items() if key not in ("initContainers", "ephemeralContainers")}
        yield _pod(manifest, place, spec, around.account), around.token
    elif around.account and ("serviceAccountName" in value or _account_name(value.get("serviceAccount"))):
        yield _pod(manifest, place, {}, around.account), around.token
    for account in _mounted_accounts(value):
        yield _pod(manifest, place, {}, account), True
    for key, item in value.items():
        if isinstance(key, str) and key not in (*_LISTS, *_SINGLE) and key not in ("metadata", "status", "volumes"):
            yield from _pods(manifest, item, (*place, key), around)


def _within(value: dict[str, Any], place: Place, around: _Around) -> _Around:
    names = (value.get("serviceAccountName"), value.get("serviceAccount"))
    account = next((name for name in map(_account_name, names) if name), around.account)
    if account is None and place[-2:] == ("template", "spec"):
        account = "default"
    volumes = value.get("volumes")
    own = tuple(v for v in volumes if isinstance(v, dict)) if isinstance(volumes, list) else ()
    said = value.get("automountServiceAccountToken")
    return _Around(account, around.volumes + own, said if isinstance(said, bool) else around.token)


def _containers(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in _LISTS:
        items: Sequence[Any] = found if isinstance(found := value.get(key), list) else ()
        yield from (item for item in items if isinstance(item, dict) and _like_a_container(item))
    for key in _SINGLE:
        if isinstance(item := value.get(key), dict) and _like_a_container(item):
            yield item


def _flattened(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A container whose settings stand beside those of its pod, as in Spark's driver and OpenTelemetryCollector."""
    context, mounts = value.get("securityContext"), value.get("volumeMounts")
    of_container = isinstance(context, dict) and not _OF_CONTAINERS.isdisjoint(context)
    listed = isinstance(mounts, list) and all(isinstance(m, dict) and isinstance(m.get("name"), str) for m in mounts)
    if of_container or (listed and mounts):
        yield {
            **({"securityContext": context} if of_container else {}),
            **({"volumeMounts": mounts} if listed else {}),
        }


def _mounted_accounts(value: dict[str, Any]) -> Iterator[str]:
    """Accounts whose token a volume holds (KubeVirt: https://kubevirt.io/user-guide/storage/disks_and_volumes)."""
    volumes = value.get("volumes")
    for volume in volumes if isinstance(volumes, list) else ():
        held = volume.get("serviceAccount") if isinstance(volume, dict) else None
        if isinstance(held, dict) and (name := _account_name(held.get("serviceAccountName"))):
            yield name


def _account_name(value: object) -> str | None:
    """The name of a service account of Kubernetes: an address of another platform is none."""
    return value if isinstance(value, str) and value and "@" not in value and "/" not in value else None


def _like_a_container(item: dict[str, Any]) -> bool:
    return isinstance(item.get("image"), str) or isinstance(item.get("securityContext"), dict)


def _pod(manifest: Manifest, place: Place, spec: dict[str, Any], account: str | None) -> Pod:
    namespace = namespace_of(manifest)
    identity = object_id("ServiceAccount", namespace, account) if account else ""
    return Pod(manifest, namespace, place, spec, {}, {}, identity)
