"""Settings that weaken what separates a pod from its node and from other pods, short of handing over the node.

Facts by the names of the catalogue; https://kubernetes.io/docs/concepts/security/pod-security-standards/ says what each
level of Pod Security allows. One fact a pod, with the containers it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gate.extract.kubernetes.documents.objects import source_of
from gate.extract.kubernetes.documents.pods import Container, Pod, containers, volumes
from gate.extract.kubernetes.language.shapes import Place, dotted, flag, listing, mapping, text, texts
from gate.model.access import Setting

# A path of the node is judged by what it holds (settings.py).
_VOLUMES = {"hostPath", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim",
            "projected", "secret", "image"}  # fmt: skip
_SAFE_SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
_SELINUX_TYPES = {None, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def isolation(pod: Pod) -> Iterator[Setting]:
    """Every such setting of the pod. Raises ``WrongShape``."""
    found = list(containers(pod))
    if text(mapping(pod.spec.get("os"), (*pod.place, "os")).get("name"), (*pod.place, "os", "name")) != "windows":
        yield from _each(pod, found, "pod-cap-no-drop", _keeps_capabilities)
        yield from _each(pod, found, "pod-allow-privilege-escalation", _may_gain_privileges)
        yield from _each(pod, found, "pod-run-as-root", as_root)
        yield from _each(pod, found, "pod-seccomp-unconfined", _seccomp)
        yield from _each(pod, found, "pod-apparmor-unconfined", _apparmor)
        yield from _each(pod, found, "pod-selinux-custom", _selinux)
        host_users = flag(pod.spec.get("hostUsers"), (*pod.place, "hostUsers"))
        if host_users is not False and any(as_root(pod, container) for container in found):
            said = "true" if host_users else "not set"
            yield Setting("pod-host-users", "hostUsers", said, source_of(pod.manifest, (*pod.place, "hostUsers")))
    yield from _each(pod, found, "pod-host-probes", _probed_host)
    yield from _sysctls(pod)
    share: Place = (*pod.place, "shareProcessNamespace")
    if len(found) > 1 and flag(pod.spec.get("shareProcessNamespace"), share):
        yield Setting("pod-share-process-namespace", dotted(share), "true", source_of(pod.manifest, share))
    for place, volume in volumes(pod):
        for kind in volume.keys() - _VOLUMES - {"name"}:
            at = (*place, kind)
            yield Setting("pod-volume-types", dotted(at), kind, source_of(pod.manifest, at))


def _each(
    pod: Pod, found: list[Container], name: str, read: Callable[[Pod, Container], str | None]
) -> Iterator[Setting]:
    """One fact for each answer, with the containers that give it."""
    answers: dict[str, list[Container]] = {}
    for container in found:
        answer = read(pod, container)
        if answer is not None:
            answers.setdefault(answer, []).append(container)
    for answer, about in answers.items():
        where = ", ".join(dotted(container.place) for container in about)
        yield Setting(name, where, answer, source_of(pod.manifest, about[0].place))


def _context(holder: dict[str, Any], place: Place) -> tuple[dict[str, Any], Place]:
    at = (*place, "securityContext")
    return mapping(holder.get("securityContext"), at), at


def _own(container: Container) -> tuple[dict[str, Any], Place]:
    return _context(container.body, container.place)


def _both(pod: Pod, container: Container, key: str) -> tuple[Any, Place]:
    """A value that the container says, else the pod."""
    context, at = _own(container)
    if context.get(key) is None:
        context, at = _context(pod.spec, pod.place)
    return context.get(key), (*at, key)


def _keeps_capabilities(_: Pod, container: Container) -> str | None:
    context, at = _own(container)
    capabilities = mapping(context.get("capabilities"), (*at, "capabilities"))
    dropped = {name.upper() for name in texts(capabilities.get("drop"), (*at, "capabilities", "drop"))}
    return None if dropped & {"ALL", "CAP_ALL"} else "ALL is not dropped"


def _may_gain_privileges(_: Pod, container: Container) -> str | None:
    context, at = _own(container)
    said = flag(context.get("allowPrivilegeEscalation"), (*at, "allowPrivilegeEscalation"))
    return None if said is False else "true" if said else "not set"


def as_root(pod: Pod, container: Container) -> str | None:
    """As whom a container may be root: by its user, by a group, or because nothing says otherwise; else ``None``."""
    user, _ = _both(pod, container, "runAsUser")
    group, _ = _both(pod, container, "runAsGroup")
    outer, at = _context(pod.spec, pod.place)
    if user == 0:
        return "user 0"
    if group == 0 or 0 in listing(outer.get("supplementalGroups"), (*at, "supplementalGroups")):
        return "group 0"
    checked, place = _both(pod, container, "runAsNonRoot")
    return "not set" if user is None and not flag(checked, place) else None


def _seccomp(pod: Pod, container: Container) -> str | None:
    profile, place = _both(pod, container, "seccompProfile")
    kind = text(mapping(profile, place).get("type"), (*place, "type"))
    return "not set" if kind is None else kind if kind == "Unconfined" else None


def _apparmor(pod: Pod, container: Container) -> str | None:
    profile, place = _both(pod, container, "appArmorProfile")
    kind = text(mapping(profile, place).get("type"), (*place, "type"))
    name = container.body.get("name")
    annotated = pod.annotations.get(f"{_APPARMOR}{name}") == "unconfined"
    return "Unconfined" if kind == "Unconfined" or (kind is None and annotated) else None


def _selinux(pod: Pod, container: Container) -> str | None:
    options, place = _both(pod, container, "seLinuxOptions")
    said = mapping(options, place)
    custom = [key for key in ("user", "role") if said.get(key)]
    kind = text(said.get("type"), (*place, "type"))
    return ", ".join(custom + ([str(kind)] if kind not in _SELINUX_TYPES else [])) or None


def _probed_host(_: Pod, container: Container) -> str | None:
    handlers = [(mapping(container.body.get(probe), (*container.place, probe)), (*container.place, probe))
                for probe in _PROBES]  # fmt: skip
    lifecycle: Place = (*container.place, "lifecycle")
    for event, handler in mapping(container.body.get("lifecycle"), lifecycle).items():
        if event in ("postStart", "preStop"):
            handlers.append((mapping(handler, (*lifecycle, event)), (*lifecycle, event)))
    for handler, place in handlers:
        for kind in ("httpGet", "tcpSocket"):
            host = text(mapping(handler.get(kind), (*place, kind)).get("host"), (*place, kind, "host"))
            if host:
                return host
    return None


def _sysctls(pod: Pod) -> Iterator[Setting]:
    context, at = _context(pod.spec, pod.place)
    for index, entry in enumerate(listing(context.get("sysctls"), (*at, "sysctls"))):
        place = (*at, "sysctls", index)
        name = (text(mapping(entry, place).get("name"), (*place, "name")) or "").replace("/", ".")
        if name and name not in _SAFE_SYSCTLS:
            yield Setting("pod-sysctls", dotted(place), name, source_of(pod.manifest, place))
