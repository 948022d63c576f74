"""Builds the wheels: ``python -m tools.wheels.build [--out dist] [TARGET…]``; without a target the one of this machine.

A target is a platform such as ``linux-amd64``, ``all`` is every one, ``pure`` the wheel without programs. The programs
are static (no C library), so one wheel is for glibc and musl. ``go.mod`` and ``go.sum`` beside their sources pin what
they are built from. https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gate import __version__
from gate.engine.install import MODULE as OPA
from gate.inputs.terraform.evaluation.inert_program import SOURCE as INERT
from tools.wheels.bill import bill

ROOT = Path(__file__).parents[2]
OPA_SOURCE = ROOT / "gate" / "engine" / "opa_build"


@dataclass(frozen=True, slots=True)
class Target:
    """``system``, ``machine``: as Go names them (GOOS, GOARCH); ``tag``: of the wheel."""

    system: str
    machine: str
    tag: str

    def program(self, name: str) -> str:
        """The name of an executable there."""
        return f"{name}.exe" if self.system == "windows" else name


TARGETS = {
    f"{target.system}-{target.machine}": target
    for target in (
        # Go 1.26 needs macOS 12: https://go.dev/doc/go1.26#darwin
        Target("linux", "amd64", "py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64"),
        Target("linux", "arm64", "py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64"),
        Target("darwin", "amd64", "py3-none-macosx_12_0_x86_64"),
        Target("darwin", "arm64", "py3-none-macosx_12_0_arm64"),
        Target("windows", "amd64", "py3-none-win_amd64"),
    )
}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def this_machine() -> str:
    """The name of the target of this machine."""
    system = {"win32": "windows"}.get(sys.platform, sys.platform)
    return f"{system}-{_MACHINES.get(platform.machine().lower(), platform.machine())}"


def compiled(target: Target, folder: Path) -> None:
    """Build OPA and gate-inert for the target into ``folder``. ``CalledProcessError`` when Go fails."""
    environment = os.environ | {
        "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": "", "GOOS": target.system, "GOARCH": target.machine,
    }  # fmt: skip
    flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"]
    for name, source, package in (("opa", OPA_SOURCE, OPA), ("gate-inert", INERT, ".")):
        print(f"compiling {name} for {target.system}/{target.machine}", file=sys.stderr)
        out = str(folder / target.program(name))
        subprocess.run(["go", "build", *flags, "-o", out, package], cwd=source, env=environment, check=True)


def wheel(target: Target, programs: Path, out: Path) -> Path:
    """The wheel with the executables that are in ``programs``, their bill of materials and OPA's checksum."""
    with tempfile.TemporaryDirectory() as scratch:
        names = [target.program("opa"), target.program("gate-inert")]
        for name in names:
            shutil.copy2(programs / name, scratch)
            (Path(scratch) / name).chmod(0o755)
        with (programs / names[0]).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        (Path(scratch) / "opa.sha256").write_text(digest + "\n", encoding="ascii")
        text = bill([Path(scratch) / name for name in names], __version__)
        (Path(scratch) / "programs.cdx.json").write_text(text, encoding="utf-8")
        return _built(out, {"GATE_WHEEL_PROGRAMS": scratch, "GATE_WHEEL_TAG": target.tag})


def pure_wheel(out: Path) -> Path:
    """The wheel without programs, for every other platform."""
    return _built(out, {})


def _built(out: Path, more: dict[str, str]) -> Path:
    before = set(out.glob("*.whl"))
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out.resolve())]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GATE_WHEEL_")}
    subprocess.run(command, cwd=ROOT, env=plain | more, check=True)
    (made,) = set(out.glob("*.whl")) - before
    return made


def main() -> None:
    """Build what the command line asks for."""
    parser = argparse.ArgumentParser(description="Builds the wheels of the gate.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"all, pure, {', '.join(TARGETS)}")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    arguments = parser.parse_args()
    asked = [*TARGETS, "pure"] if arguments.targets == ["all"] else arguments.targets or [this_machine()]
    if unknown := [name for name in asked if name not in TARGETS and name != "pure"]:
        parser.error(f"no such target: {', '.join(unknown)}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in asked:
        if name == "pure":
            print(pure_wheel(arguments.out))
            continue
        with tempfile.TemporaryDirectory() as folder:
            compiled(TARGETS[name], Path(folder))
            print(wheel(TARGETS[name], Path(folder), arguments.out))


if __name__ == "__main__":
    main()
