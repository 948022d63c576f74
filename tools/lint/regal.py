"""Regal, the linter of Rego, built from the Go module proxy and kept in the user's cache.

``python -m tools.lint.regal`` builds it when it is missing and prints where it is: several minutes on two cores, ten
seconds when Go's own build cache is warm. ``GATE_REGAL`` names an executable of the same release that is there already.
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
_MODULE = "github.com/open-policy-agent/regal"
_FLAGS = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"]


def executable() -> Path:
    """Where Regal is, or will be: one folder for each state of ``go.mod`` and ``go.sum``."""
    if given := os.environ.get("GATE_REGAL"):
        return Path(given)
    state = b"".join((HERE / name).read_bytes() for name in ("go.mod", "go.sum")) + repr(_FLAGS).encode()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "nhi-gate" / "regal" / hashlib.sha256(state).hexdigest()[:16] / "regal"


def build() -> Path:
    """Build Regal when it is missing; two builds at the same time wait for each other."""
    target = executable()
    if os.access(target, os.X_OK):
        return target
    if shutil.which("go") is None:
        sys.exit("Regal is built with Go 1.26 or newer, and there is no go here: install Go, or set GATE_REGAL.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.access(target, os.X_OK):
            print("building Regal (minutes, when Go's build cache is cold)", file=sys.stderr, flush=True)
            unfinished = target.with_name("regal.unfinished")
            # A work space or flags of the developer's own must not reach this build.
            environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}
            subprocess.run(["go", "build", *_FLAGS, "-o", unfinished, _MODULE], cwd=HERE, env=environment, check=True)
            unfinished.rename(target)
    return target


if __name__ == "__main__":
    print(build())
