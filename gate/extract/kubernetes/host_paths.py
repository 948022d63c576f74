"""What a path of the node is: facts by the names of the knowledge, which weighs them."""

from __future__ import annotations

import re

_SOCKETS = ("docker.sock", "containerd.sock", "crio.sock", "dockershim.sock", "cri-dockerd.sock", "podman.sock")
_SOCKET_FOLDERS = ("/run", "/var/run", "/run/containerd", "/run/crio", "/var/run/containerd", "/var/run/crio")
_CREDENTIAL_FOLDERS = (".aws", ".azure", ".config/gcloud", ".kube", ".ssh")
_ROOT_FOLDERS = (
    "/etc",
    "/root",
    "/home",
    "/var",
    "/var/lib",
    "/proc",
    "/dev",
    "/boot",
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
)
_CONFIGURATION = (
    "/etc/cron.d",
    "/etc/crontab",
    "/etc/ld.so.preload",
    "/etc/pam.d",
    "/etc/passwd",
    "/etc/shadow",
    "/etc/ssh",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/etc/systemd",
    "/usr/lib/systemd",
    "/var/spool/cron",
)
# What the node runs, loads or obeys: who writes there runs code on it. Reading gives nothing away.
_PROGRAMS = (
    "/bin",
    "/boot",
    "/etc/bash.bashrc",
    "/etc/cni",
    "/etc/containerd",
    "/etc/containers",
    "/etc/crio",
    "/etc/docker",
    "/etc/environment",
    "/etc/init.d",
    "/etc/ld.so.conf.d",
    "/etc/modprobe.d",
    "/etc/modules-load.d",
    "/etc/profile",
    "/etc/profile.d",
    "/etc/rc.local",
    "/etc/udev",
    "/home/kubernetes",
    "/lib",
    "/lib64",
    "/opt/bin",
    "/opt/cni",
    "/run/containerd",
    "/run/crio",
    "/run/k3s",
    "/run/systemd",
    "/sbin",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/local/sbin",
    "/usr/sbin",
    "/var/lib/cloud",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/rancher",
)
# Logs of containers; volumes that k3s makes for claims.
_DATA = ("/var/lib/docker/containers", "/var/lib/rancher/k3s/storage")
# The cluster's database with every secret, and the keys it signs with.
_STATE = (
    "/etc/rancher",
    "/var/lib/etcd",
    "/var/lib/k0s/pki",
    "/var/lib/rancher/k3s/server",
    "/var/lib/rancher/rke2/server",
)
_ROOT_OF_PROCESS = re.compile(r"^/proc/[^/]+/(?:root|cwd)(?=/|$)")


def host_path_kind(path: str) -> str | None:
    """The knowledge's name for a path of the node; ``None`` for one that holds nothing of the node's own."""
    clean = _normal(path)
    if clean == "/":
        return "pod-hostpath-root"
    if clean.endswith(_SOCKETS) or clean in _SOCKET_FOLDERS:
        return "pod-hostpath-runtime-socket"
    if _within(clean, "/var/lib/kubelet") or _within(clean, "/etc/kubernetes"):
        return "pod-hostpath-kubelet"
    if any(f"/{folder}" in f"{clean}/" for folder in _CREDENTIAL_FOLDERS):
        return "pod-hostpath-cloud-creds"
    if clean in ("/proc/sys", "/proc/sys/kernel") or clean.startswith("/proc/sys/kernel/"):
        return "pod-hostpath-proc-sys"
    if clean == "/var/log":
        return "pod-hostpath-var-log"
    if any(_within(clean, folder) for folder in _STATE):
        return "pod-hostpath-cluster-state"
    if clean in _ROOT_FOLDERS or any(_within(clean, folder) for folder in _CONFIGURATION):
        return "pod-hostpath-system"
    runs = any(_within(clean, folder) for folder in _PROGRAMS) and not any(_within(clean, folder) for folder in _DATA)
    return "pod-hostpath-programs" if runs else None


def is_harmless_to_read(kind: str) -> bool:
    """Whether a path of a kind matters only to who may write there."""
    return kind == "pod-hostpath-programs"


def _normal(path: str) -> str:
    """The path as the node resolves it: ``//etc/../`` is ``/``, and so are ``/proc/1/root`` and, mostly, ``cwd``."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    clean = "/" + "/".join(parts)
    clean = _ROOT_OF_PROCESS.sub("", clean) or "/"
    return clean.removeprefix("/var") if _within(clean, "/var/run") else clean


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")
