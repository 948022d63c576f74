"""``gate-inert``: the provider that does nothing, and the reader of configurations. Go source ships in ``inert/``.

Looked for in this order: ``GATE_INERT``, one shipped inside the installed package, the user cache that ``gate engine
install`` fills. The cache is by content of the source, so a program of another version of the gate is never taken.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from gate.errors import EvaluationError

SOURCE = Path(__file__).parent / "inert"
_NAME = "gate-inert.exe" if sys.platform == "win32" else "gate-inert"
_SHIPPED = Path(__file__).parents[3] / "bin" / _NAME
"""What a wheel for this platform brings; may not exist."""
_SECONDS = 1800.0


def installed_program() -> Path | None:
    """The executable, when there is one."""
    chosen = os.environ.get("GATE_INERT")
    candidates = (Path(chosen) if chosen else None, _SHIPPED, _cached())
    return next((candidate for candidate in candidates if candidate is not None and candidate.is_file()), None)


def find_program() -> Path:
    """The executable. EvaluationError when there is none."""
    if found := installed_program():
        return found
    raise EvaluationError(
        "gate-inert, the program that evaluates Terraform configurations, is not installed",
        hint="Run: gate engine install",
    )


def install_program() -> Path:
    """Build it with Go into the user cache, unless it is there or part of the package; progress goes to stderr.

    ``go.sum`` beside the source makes the build verifiable. EvaluationError when Go is missing or fails.
    """
    target = _cached()
    if there := next((path for path in (_SHIPPED, target) if path.is_file()), None):
        return there
    go = shutil.which("go")
    if go is None:
        raise EvaluationError(
            "gate-inert, which evaluates Terraform configurations, was not built: no `go` is on PATH",
            hint="Install Go and run `gate engine install` again. Plans without open values are checked without it.",
        )
    print("building gate-inert with Go (half a minute to two)", file=sys.stderr)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".install-") as scratch:
        draft = Path(scratch) / _NAME
        built = subprocess.run(
            [go, "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", str(draft), "."],
            cwd=SOURCE,
            env={**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if built.returncode != 0:
            last = (built.stderr.strip().splitlines() or ["no message"])[-1]
            raise EvaluationError(f"gate-inert was not built: `go build` failed: {last}")
        draft.chmod(0o755)
        draft.replace(target)  # atomic: another process sees the whole executable or none
    return target


@cache
def _cached() -> Path:
    digest = hashlib.sha256()
    for path in sorted(SOURCE.glob("*")):
        if path.suffix in (".go", ".mod", ".sum") and not path.name.endswith("_test.go"):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "nhi-gate" / "inert" / digest.hexdigest()[:24] / _NAME
