"""Settings of a pod that matter for access: facts by the names of the knowledge; what they weigh is said there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gate.extract.kubernetes.compute.isolation import as_root
from gate.extract.kubernetes.documents.objects import source_of
from gate.extract.kubernetes.documents.pods import Container, Pod, containers, volumes
from gate.extract.kubernetes.language.host_locations import LOGS, POD_LOGS
from gate.extract.kubernetes.language.host_paths import host_path_kinds, is_harmless_to_read, is_known
from gate.extract.kubernetes.language.shapes import Place, dotted, filled, flag, listing, mapping, text, texts
from gate.extract.kubernetes.resources.claims import HostVolume, HostVolumes
from gate.model.access import Limited, Setting

_POD_FLAGS = {"hostPID": "pod-host-pid", "hostIPC": "pod-host-ipc", "hostNetwork": "pod-host-network"}
_DEFAULT_ACCOUNT = "--default-service-account="
_MOUNTED_BY_CLUSTER = "kube-api-access-"
_CAPABILITIES = {
    "ALL": "pod-cap-sys-admin",
    "SYS_ADMIN": "pod-cap-sys-admin",
    "SYS_MODULE": "pod-cap-sys-module",
    "SYS_PTRACE": "pod-cap-sys-ptrace",
}


def pod_settings(pod: Pod, hosts: HostVolumes) -> Iterator[Setting]:
    """Every such setting of the pod and its containers. Raises ``WrongShape``."""
    for field, name in _POD_FLAGS.items():
        if flag(pod.spec.get(field), (*pod.place, field)):
            yield _setting(pod, name, (*pod.place, field), "true")
    yield from _windows(pod, pod.spec, pod.place)
    mounted: dict[str, bool] = {}
    by_root: set[str] = set()
    for container in containers(pod):
        yield from _container_settings(pod, container)
        for name, read_only in _mounts(container):
            mounted[name] = mounted.get(name, True) and read_only
            if as_root(pod, container):
                by_root.add(name)
    for place, volume in volumes(pod):
        yield from _volume_settings(pod, place, volume, mounted, by_root)
        name = text(volume.get("name"), (*place, "name")) or ""
        for host in hosts.behind(volume, place, pod.namespace):
            yield from _claimed(host, name, mounted)
    if pod.manifest.kind == "StatefulSet":
        for name, host in hosts.templated(pod.manifest):
            yield from _claimed(host, name, mounted)


def _claimed(host: HostVolume, name: str, mounted: dict[str, bool]) -> Iterator[Setting]:
    for kind in filter(is_known, host_path_kinds(host.path)):  # else it is the folder of that volume
        if name not in mounted or (mounted[name] and is_harmless_to_read(kind)):
            continue
        said = f"{host.path} (read only)" if mounted[name] else host.path
        where = f"volume {name} through PersistentVolume {host.manifest.name}"
        limited: Limited = "read only" if mounted[name] else "not"
        yield Setting(kind, where, said, source_of(host.manifest, host.place), limited)


def _setting(pod: Pod, name: str, place: Place, value: str) -> Setting:
    return Setting(name, dotted(place), value, source_of(pod.manifest, place))


def _container_settings(pod: Pod, container: Container) -> Iterator[Setting]:
    yield from _acting_as(pod, container)
    place = (*container.place, "securityContext")
    context = mapping(container.body.get("securityContext"), place)
    if flag(context.get("privileged"), (*place, "privileged")):
        yield _setting(pod, "pod-privileged", (*place, "privileged"), "true")
    capabilities = mapping(context.get("capabilities"), (*place, "capabilities"))
    for written in texts(capabilities.get("add"), (*place, "capabilities", "add")):
        capability = written.upper().removeprefix("CAP_")
        name = _CAPABILITIES.get(capability, "pod-cap-other")
        yield _setting(pod, name, (*place, "capabilities", "add"), capability)
    if text(context.get("procMount"), (*place, "procMount")) == "Unmasked":
        yield _setting(pod, "pod-procmount", (*place, "procMount"), "Unmasked")
    yield from _windows(pod, container.body, container.place)
    for index, entry in enumerate(listing(container.body.get("ports"), (*container.place, "ports"))):
        at = (*container.place, "ports", index)
        port = mapping(entry, at).get("hostPort")
        if isinstance(port, int) and port:
            yield _setting(pod, "pod-host-port", (*at, "hostPort"), str(port))


def _acting_as(pod: Pod, container: Container) -> Iterator[Setting]:
    """Flux: objects that name no account are applied as this one (https://fluxcd.io/flux/installation/configuration/multitenancy)."""
    for key in ("args", "command"):
        words = container.body.get(key)
        for index, word in enumerate(words if isinstance(words, list) else ()):
            if isinstance(word, str) and word.startswith(_DEFAULT_ACCOUNT) and len(word) > len(_DEFAULT_ACCOUNT):
                place = (*container.place, key, index)
                yield _setting(pod, "controller-default-account", place, word.removeprefix(_DEFAULT_ACCOUNT))


def _windows(pod: Pod, body: dict[str, Any], place: Place) -> Iterator[Setting]:
    at = (*place, "securityContext", "windowsOptions")
    context = mapping(body.get("securityContext"), at[:-1])
    if flag(mapping(context.get("windowsOptions"), at).get("hostProcess"), (*at, "hostProcess")):
        yield _setting(pod, "pod-windows-hostprocess", (*at, "hostProcess"), "true")


def _mounts(container: Container) -> Iterator[tuple[str, bool]]:
    for key in ("volumeMounts", "volumeDevices"):
        for index, entry in enumerate(listing(container.body.get(key), (*container.place, key))):
            at = (*container.place, key, index)
            mount = mapping(entry, at)
            name = text(mount.get("name"), (*at, "name"))
            if name:
                yield name, bool(flag(mount.get("readOnly"), (*at, "readOnly")))


def _volume_settings(
    pod: Pod, place: Place, volume: dict[str, Any], mounted: dict[str, bool], by_root: set[str]
) -> Iterator[Setting]:
    name = text(volume.get("name"), (*place, "name")) or ""
    host = mapping(volume.get("hostPath"), (*place, "hostPath"))
    path = text(host.get("path"), (*place, "hostPath", "path"))
    if path and name in mounted:
        for kind in host_path_kinds(filled(path, (*place, "hostPath", "path"))):
            if mounted[name] and is_harmless_to_read(kind):
                continue
            limited: Limited = "read only" if mounted[name] else "not"
            if name not in by_root and kind in (LOGS, POD_LOGS):
                limited = "not as root"
            said = path if limited == "not" else f"{path} ({limited})"
            yield replace(_setting(pod, kind, (*place, "hostPath", "path"), said), limited=limited)
    projected = mapping(volume.get("projected"), (*place, "projected"))
    for index, entry in enumerate(listing(projected.get("sources"), (*place, "projected", "sources"))):
        at = (*place, "projected", "sources", index)
        source = mapping(entry, at)
        if "serviceAccountToken" in source:
            token = mapping(source["serviceAccountToken"], (*at, "serviceAccountToken"))
            audience = text(token.get("audience"), (*at, "serviceAccountToken", "audience")) or "the API server"
            seconds = token.get("expirationSeconds", 3600)
            if name.startswith(_MOUNTED_BY_CLUSTER) and (audience, seconds) == ("the API server", 3607):
                continue  # what the API server mounts into every pod that does not say otherwise
            said = f"audience {audience}, expires after {seconds if isinstance(seconds, int) else '?'} s"
            setting = _setting(pod, "pod-projected-token-audience", (*at, "serviceAccountToken"), said)
            yield replace(setting, audience=audience, lasts=seconds if isinstance(seconds, int) else None)
