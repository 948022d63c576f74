"""Other versions of Terraform and OpenTofu, built from the Go module proxy and kept in the user's cache.

``python -m tools.terraform_versions [NAME …]`` builds what is missing, three to ten minutes of processor time each, and
prints where the programs are: ``GATE_TERRAFORM=PROGRAM pytest tests/inputs/evaluation`` tries one. Not part of CI.

Each is pinned by the checksum of its module; the ``go.sum`` inside pins all that it is built from. Backends that are
modules of their own inside of Terraform's repository are not on the proxy: one that keeps states in memory stands in
their place, and the gate uses none.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Program:
    """A module, its version and checksum, and the package in it that is built."""

    module: str
    version: str
    checksum: str
    package: str = ""


_TERRAFORM, _TOFU = "github.com/hashicorp/terraform", "github.com/opentofu/opentofu"
PROGRAMS = {
    "terraform-1.5": Program(_TERRAFORM, "v1.5.7", "h1:HL+iEBdp6mC/tqQM1F5jA5y32CbxXPwyiNQyYSXVzw0="),
    "terraform-1.9": Program(_TERRAFORM, "v1.9.8", "h1:dNHFvyJgWshdOaPYtt3mHrJNa8kNyWuNj2A7+WOS4gI="),
    "terraform-1.13": Program(_TERRAFORM, "v1.13.3", "h1:Wjwx4gk2sEFbSiHK30nLgde+KuHoIvk1MTW2hojnbmg="),
    "opentofu-1.12": Program(_TOFU, "v1.12.6", "h1:0VT4P8pMmGcCUnQ9JDrJ+Qg2d35Vzm4FFd/9+H7oF98=", "/cmd/tofu"),
}
_INSIDE = re.compile(r"^replace (\S+) => \./(\S+)$", re.MULTILINE)
_BACKEND = """package backend

import (
	"{module}/internal/backend"
	"{module}/internal/backend/remote-state/inmem"
)

func New() backend.Backend {{ return inmem.New() }}
"""


def folder() -> Path:
    """Where the programs are, or will be."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "nhi-gate" / "terraform"


def build(name: str) -> Path:
    """The program; ends the process where its module is not the pinned one."""
    one = PROGRAMS[name]
    target = folder() / f"{name}-{one.version}" / ("tofu" if one.module == _TOFU else "terraform")
    if os.access(target, os.X_OK):
        return target
    asked = ["go", "mod", "download", "-json", f"{one.module}@{one.version}"]
    fetched = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)
    if fetched["Sum"] != one.checksum:
        sys.exit(f"{one.module} {one.version} has checksum {fetched['Sum']}, expected {one.checksum}")
    work = target.parent / "build"
    shutil.rmtree(work, ignore_errors=True)
    _lay(work, one, Path(fetched["Dir"]))
    print(f"building {name} (minutes)", file=sys.stderr, flush=True)
    flags = ["-mod=mod", "-trimpath", f"-ldflags=-s -w -X {one.module}/version.dev=no"]
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off"}
    draft = target.with_suffix(".unfinished")
    command = ["go", "build", *flags, "-o", str(draft), one.module + one.package]
    subprocess.run(command, cwd=work, env=environment, check=True)
    shutil.rmtree(work)
    return draft.rename(target)


def _lay(work: Path, one: Program, source: Path) -> None:
    """A module that requires the program's, with its own replacements and checksums."""
    work.mkdir(parents=True)
    text = (source / "go.mod").read_text()
    go = re.search(r"^go (\S+)$", text, re.MULTILINE)
    lines = [f"module nhi-gate/{work.parent.name}", f"go {max(go[1] if go else '1.21', '1.21')}"]
    lines += [f"require {one.module} {one.version}"]
    lines += [line for line in text.splitlines() if line.startswith("replace ") and "=> ./" not in line]
    for path, place in _INSIDE.findall(text):
        lines.append(f"replace {path} => ./{place}")
        (work / place).mkdir(parents=True)
        (work / place / "go.mod").write_text(f"module {path}\n")
        (work / place / "backend.go").write_text(_BACKEND.format(module=one.module))
    (work / "go.mod").write_text("\n".join(lines) + "\n")
    (work / "go.sum").write_text((source / "go.sum").read_text())


if __name__ == "__main__":
    if shutil.which("go") is None:
        sys.exit("The programs are built with Go, and there is no go here.")
    for chosen in sys.argv[1:] or PROGRAMS:
        print(build(chosen))
