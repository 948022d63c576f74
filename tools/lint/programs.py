"""Linters that are Go programs, built from the Go module proxy and kept in the user's cache.

``python -m tools.lint.programs regal`` builds it when it is missing and prints where it is: Regal takes several minutes
on two cores, ten seconds when Go's own build cache is warm. ``GATE_REGAL`` and ``GATE_ACTIONLINT`` name
executables of the same releases that are there already.
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
PACKAGES = {
    "regal": "github.com/open-policy-agent/regal",
    "actionlint": "github.com/rhysd/actionlint/cmd/actionlint",
}
_FLAGS = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"]


def executable(name: str) -> Path:
    """Where a linter is, or will be: one folder for each state of its ``go.mod`` and ``go.sum``."""
    if given := os.environ.get(f"GATE_{name.upper()}"):
        return Path(given)
    state = b"".join((HERE / name / file).read_bytes() for file in ("go.mod", "go.sum")) + repr(_FLAGS).encode()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "nhi-gate" / name / hashlib.sha256(state).hexdigest()[:16] / name


def build(name: str) -> Path:
    """Build a linter when it is missing; two builds at the same time wait for each other."""
    target = executable(name)
    if os.access(target, os.X_OK):
        return target
    if shutil.which("go") is None:
        sys.exit(f"{name} is built with Go 1.26, and there is no go here: install Go, or set GATE_{name.upper()}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.access(target, os.X_OK):
            print(f"building {name} (minutes, when Go's build cache is cold)", file=sys.stderr, flush=True)
            unfinished = target.with_name(f"{name}.unfinished")
            # A work space or flags of the developer's own must not reach this build.
            environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}
            command = ["go", "build", *_FLAGS, "-o", str(unfinished), PACKAGES[name]]
            subprocess.run(command, cwd=HERE / name, env=environment, check=True)
            unfinished.rename(target)
    return target


if __name__ == "__main__":
    print(build(sys.argv[1]))
