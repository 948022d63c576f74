"""A real etcd, kube-apiserver and kube-controller-manager, built from the Go module proxy and kept in the user's cache.

``python -m tools.cluster.programs`` builds what is missing and prints the folder: five to ten minutes on two cores, ten
seconds when Go's own build cache is warm. ``GATE_KUBE_BIN`` names a folder that has the programs already.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
KUBERNETES = "v1.36.3"  # as in go.mod
_STAMP = "k8s.io/component-base/version"
_FLAGS = [
    "-trimpath",
    f"-ldflags=-s -w -X {_STAMP}.gitVersion={KUBERNETES} -X {_STAMP}.gitMajor=1 -X {_STAMP}.gitMinor=36",
]
_PROGRAMS = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
}
_KUBECTL = {"kubectl": "k8s.io/kubernetes/cmd/kubectl"}


def folder() -> Path:
    """Where the programs are, or will be: one folder for each state of ``go.mod`` and ``go.sum``."""
    if given := os.environ.get("GATE_KUBE_BIN"):
        return Path(given)
    state = b"".join((HERE / name).read_bytes() for name in ("go.mod", "go.sum")) + repr(_FLAGS).encode()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "nhi-gate" / "kube" / hashlib.sha256(state).hexdigest()[:16]


def missing() -> dict[str, str]:
    """Programs that are not there yet, with their packages; ``kubectl`` only when the machine has none."""
    wanted = _PROGRAMS if shutil.which("kubectl") else {**_PROGRAMS, **_KUBECTL}
    return {name: package for name, package in wanted.items() if not os.access(folder() / name, os.X_OK)}


def build() -> Path:
    """Build what is missing; two builds at the same time wait for each other."""
    target = folder()
    target.mkdir(parents=True, exist_ok=True)
    with (target / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name, package in missing().items():
            print(f"building {name} (minutes, when Go's build cache is cold)", file=sys.stderr, flush=True)
            unfinished = target / f"{name}.unfinished"
            environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
            subprocess.run(["go", "build", *_FLAGS, "-o", unfinished, package], cwd=HERE, env=environment, check=True)
            unfinished.rename(target / name)
    return target


if __name__ == "__main__":
    if missing() and shutil.which("go") is None:
        sys.exit("A real API server is built with Go 1.26 or newer, and there is no go here.")
    print(build())
