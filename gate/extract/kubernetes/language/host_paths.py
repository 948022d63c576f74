"""What a path of the node is: facts by the names of the knowledge, which weighs them.

A path hands over what it lies in, and what lies below it: ``/var/spool`` holds the tables of cron.
"""

from __future__ import annotations

import re
from functools import cache

from gate.extract.kubernetes.language import host_locations
from gate.extract.kubernetes.language.host_locations import FOLDERS, LOCATIONS

_SOCKETS = ("docker.sock", "containerd.sock", "crio.sock", "dockershim.sock", "cri-dockerd.sock", "podman.sock")
_CREDENTIAL_FOLDERS = (".aws", ".azure", ".config/gcloud", ".kube", ".ssh")
_ROOT_OF_PROCESS = re.compile(r"^/proc/[^/]+(?:/task/[^/]+)?/(?:root|cwd)(?=/|$)")
_PROCESS = re.compile(r"^/proc/(?:[0-9]+|self|thread-self)(?=/|$)")
_HOME = re.compile(r"^/home/[^/]+$|^(?:/root|/home/[^/]+)/\.")  # holds .ssh, is read by whoever logs in
_DRIVE = re.compile(r"^[A-Za-z]:(?=[\\/]|$)")
# Merged folders: what /lib is to /usr/lib; where /var/run and /var/lock lead.
_LINKS = {"/var/run": "/run", "/var/lock": "/run/lock", "/usr/tmp": "/var/tmp", "/dev/fd": "/proc/self/fd"}


@cache
def host_path_kinds(path: str) -> tuple[str, ...]:
    """The knowledge's names for a path of the node; none for one that is known to give nothing away."""
    clean = _normal(path)
    if clean in FOLDERS:
        return (FOLDERS[clean],)
    if clean.endswith(_SOCKETS):
        return (host_locations.SOCKET,)
    if any(f"/{folder}" in f"{clean}/" for folder in _CREDENTIAL_FOLDERS):
        return (host_locations.CREDENTIALS,)
    if _PROCESS.match(clean) or _HOME.match(clean):
        return (host_locations.SYSTEM,)
    around = _around(clean)
    below = {kind for held, kind in LOCATIONS.items() if kind and held.startswith(f"{clean}/")}
    if around is None and not below:
        return (host_locations.UNKNOWN,)
    own = LOCATIONS[around] if around else None
    return tuple(sorted(below | ({own} if own else set())))


def is_harmless_to_read(kind: str) -> bool:
    """Whether a path of a kind matters only to who may write there."""
    return kind in (host_locations.PROGRAMS, host_locations.DEVICES, host_locations.POD_LOGS)


def is_known(kind: str) -> bool:
    """Whether somebody knows what lies there."""
    return kind != host_locations.UNKNOWN


def _around(path: str) -> str | None:
    """The longest path of the table that a path is, or lies in."""
    while path:
        if path in LOCATIONS:
            return path
        path = path.rpartition("/")[0]
    return None


def _normal(path: str) -> str:
    r"""The path as the node resolves it: ``//etc/../`` is ``/``, and so are ``/proc/1/root`` and, mostly, ``cwd``.

    Of Windows without its drive: ``C:\etc\kubernetes`` is ``/etc/kubernetes``, ``\\.\pipe\x`` is ``/pipe/x``.
    """
    parts: list[str] = []
    for part in _DRIVE.sub("", path).replace("\\", "/").split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    clean = "/" + "/".join(parts)
    clean = _ROOT_OF_PROCESS.sub("", clean) or "/"
    for link, target in _LINKS.items():
        if clean == link or clean.startswith(f"{link}/"):
            return target + clean.removeprefix(link)
    return clean
