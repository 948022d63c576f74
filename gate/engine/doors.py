"""How we alone reach our private OPA: a socket in a folder that only our user may enter, or the loopback interface.

The socket needs no token and no authoriser: the file system keeps other users out, and what runs as our own user could
change us as well as OPA. The loopback interface is open to every user of the machine, so there a token is asked for and
``rego/system/authz/authz.rego`` answers nothing but the decision and the health; that has OPA read each question twice.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

from gate.engine.client import Endpoint

_LOOPBACK = "127.0.0.1"
_LISTEN = "0A"  # TCP_LISTEN in /proc/net/tcp, see proc_net_tcp.txt of the Linux kernel
_LONGEST = 100
"""Bytes of a socket's path; ``sun_path`` holds 108 on Linux and 104 on macOS, unix(7)."""


@dataclass(frozen=True, slots=True)
class SocketDoor:
    """``path``: the socket, in a folder of mode 0700 that is there already."""

    path: Path

    @property
    def arguments(self) -> list[str]:
        """Of ``opa run``."""
        return [f"--addr=unix://{self.path}", "--unix-socket-perm=600"]

    @property
    def environment(self) -> dict[str, str]:
        """Of OPA's process."""
        return {}

    @property
    def endpoint(self) -> Endpoint:
        """Where the question goes."""
        return Endpoint("localhost", 80, None, private=True, socket=self.path)

    def is_open(self, pid: int) -> bool:
        """Whether the process answers the door."""
        del pid  # nobody else could have made the socket
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.path)) == 0


@dataclass(frozen=True, slots=True)
class LoopbackDoor:
    """A port of the system's choice on 127.0.0.1, and a token in OPA's environment, which other users cannot read."""

    port: int = field(default_factory=lambda: free_port())
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def arguments(self) -> list[str]:
        """Of ``opa run``."""
        return [f"--addr={_LOOPBACK}:{self.port}", "--authentication=token", "--authorization=basic"]

    @property
    def environment(self) -> dict[str, str]:
        """Of OPA's process."""
        return {"GATE_ENGINE_TOKEN": self.token}

    @property
    def endpoint(self) -> Endpoint:
        """Where the question goes."""
        return Endpoint(_LOOPBACK, self.port, self.token, private=True)

    def is_open(self, pid: int) -> bool:
        """Whether the process itself listens on the port; elsewhere than on Linux, whether anything does.

        On Linux nobody who was quicker to bind the port can answer in its place.
        """
        if not sys.platform.startswith("linux"):
            with socket.socket() as probe:
                return probe.connect_ex((_LOOPBACK, self.port)) == 0
        try:
            table = Path(f"/proc/{pid}/net/tcp").read_text(encoding="ascii").splitlines()[1:]
            rows = [row.split() for row in table]
            inodes = {row[9] for row in rows if row[3] == _LISTEN and row[1].endswith(f":{self.port:04X}")}
            if not inodes:
                return False
            sockets = {f"socket:[{inode}]" for inode in inodes}
            return any(str(fd.readlink()) in sockets for fd in Path(f"/proc/{pid}/fd").iterdir())
        except OSError:
            return False


def door(folder: Path) -> SocketDoor | LoopbackDoor:
    """The socket ``opa`` in ``folder``; the loopback interface on Windows, and where the folder's path is too long."""
    path = folder / "opa"
    return SocketDoor(path) if hasattr(socket, "AF_UNIX") and len(os.fsencode(path)) <= _LONGEST else LoopbackDoor()


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port
