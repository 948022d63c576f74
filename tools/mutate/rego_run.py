"""Mutants of rules and ``lib`` against ``opa test``: first the tests of the same package, then all."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from gate.engine.binary import find_opa
from tools.mutate import rego_mutants
from tools.mutate.sample import Mutant, Outcome, drawn, tried

ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 120
_NO_PROGRAM = re.compile(rb"rego_(?:parse|compile|type|unsafe_var|recursion)_error")


def run(paths: list[Path], size: int, seed: int) -> int:
    """The share of a sample that ``opa test`` notices. ``paths``: files and folders below ``rego/``."""
    opa = find_opa().path
    files = sorted(f for p in paths for f in ([p] if p.is_file() else p.rglob("*.rego")) if "_test" not in f.stem)
    mutants = drawn((m for file in files for m in rego_mutants.mutants(opa, file)), seed)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(ROOT / "rego", Path(folder) / "rego"))
        return tried(mutants, size, lambda mutant: _outcome(opa, copy, mutant))


def _outcome(opa: Path, copy: Path, mutant: Mutant) -> Outcome:
    place = copy / mutant.path.resolve().relative_to(ROOT / "rego")
    kept = place.read_text()
    place.write_text(mutant.content)
    try:
        package = re.search(r"^package ([\w.]+)", kept, re.MULTILINE)
        assert package
        for tests in (rf"^data\.{re.escape(package[1])}_test\.", "."):
            asked: list[str | Path] = [opa, "test", copy, "--timeout", f"{_SECONDS}s", "--run", tests]
            try:
                done = subprocess.run(asked, capture_output=True, timeout=_SECONDS)
                if done.returncode:
                    return "invalid" if _NO_PROGRAM.search(done.stdout + done.stderr) else "killed"
            except subprocess.TimeoutExpired:
                return "timeout"
        return "survived"
    finally:
        place.write_text(kept)
