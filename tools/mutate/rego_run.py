"""Mutants of rules and ``lib`` against ``opa test``.

Rules know nothing of each other. So one mutant of each of many rules is tried at once: those whose own tests fail are
noticed, and of the others each is tried alone, against all tests.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from gate.engine.binary import find_opa
from tools.mutate import rego_mutants
from tools.mutate.sample import ROOT, Mutant, Outcome, Tally, drawn

_SECONDS = 120
_NO_PROGRAM = re.compile(rb"(\S+\.rego):\d+: rego_\w+_error|rego_(?:parse|compile|type|unsafe_var|recursion)_error")


def run(paths: list[Path], size: int, seed: int) -> None:
    """Print what ``opa test`` does not notice of a sample. ``paths``: files and folders below ``rego/``."""
    opa = find_opa().path
    files = sorted(f for p in paths for f in ([p] if p.is_file() else p.rglob("*.rego")) if "_test" not in f.stem)
    queue = drawn((m for file in files for m in rego_mutants.mutants(opa, file)), seed)
    tally = Tally(size)
    with tally, tempfile.TemporaryDirectory() as folder:
        trial = _Trial(opa, Path(shutil.copytree(ROOT / "rego", Path(folder) / "rego")))
        while queue and tally.left > 0:
            together = _of_different_rules(queue, tally.left)
            noticed = trial.noticed(together) if len(together) > 1 else set()
            for mutant in together:
                tally.note(mutant, "killed" if mutant in noticed else trial.alone(mutant))
            queue = [mutant for mutant in queue if mutant not in together]


def _of_different_rules(queue: list[Mutant], most: int) -> list[Mutant]:
    """The first mutant of each rule among the next; or one of what several rules share."""
    chosen: dict[Path, Mutant] = {}
    for mutant in queue[:most]:
        if "rules" not in mutant.path.parts:
            return [mutant] if not chosen else list(chosen.values())
        chosen.setdefault(mutant.path.parent, mutant)
    return list(chosen.values())


class _Trial:
    """A copy of ``rego/`` in which mutants take the place of their files for a while."""

    def __init__(self, opa: Path, copy: Path) -> None:
        self._opa = opa
        self._copy = copy

    def noticed(self, mutants: list[Mutant]) -> set[Mutant]:
        """Those of several rules' mutants that a test of their own rule notices."""
        try:
            done = self._tested(mutants)
        except subprocess.TimeoutExpired:
            return set()
        if found := _NO_PROGRAM.search(done.stdout + done.stderr):
            broken = Path(found[1].decode()).parent.name if found[1] else None
            rest = [mutant for mutant in mutants if mutant.path.parent.name != broken]
            return self.noticed(rest) if len(rest) < len(mutants) else set()
        failed = {Path(one["location"]["file"]).parent.name for one in json.loads(done.stdout) if one.get("fail")}
        return {mutant for mutant in mutants if mutant.path.parent.name in failed}

    def alone(self, mutant: Mutant) -> Outcome:
        """What becomes of one mutant when all tests run."""
        try:
            done = self._tested([mutant])
        except subprocess.TimeoutExpired:
            return "timeout"
        if _NO_PROGRAM.search(done.stdout + done.stderr):
            return "invalid"
        return "killed" if done.returncode else "survived"

    def _tested(self, mutants: list[Mutant]) -> subprocess.CompletedProcess[bytes]:
        places = {self._copy / mutant.path.relative_to(ROOT / "rego"): mutant for mutant in mutants}
        kept = {place: place.read_text() for place in places}
        for place, mutant in places.items():
            place.write_text(mutant.content())
        try:
            asked: list[str | Path] = [self._opa, "test", self._copy, "--timeout", f"{_SECONDS}s", "--format", "json"]
            return subprocess.run(asked, capture_output=True, timeout=_SECONDS)
        finally:
            for place, text in kept.items():
                place.write_text(text)
