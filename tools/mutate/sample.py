"""A sample of mutants with a seed, and what became of each."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]
Outcome = Literal["killed", "survived", "timeout", "invalid"]
"""``invalid``: no program any more (it does not compile), so that it says nothing of the tests and is not counted."""


@dataclass(frozen=True)
class Mutant:
    """One change: ``content`` gives what the whole file says then, ``what`` is the change in a few words."""

    path: Path
    line: int
    what: str
    content: Callable[[], str]


def drawn(mutants: Iterable[Mutant], seed: int) -> list[Mutant]:
    """All of them in an order that follows from ``seed``."""
    shuffled = sorted(mutants, key=lambda m: (str(m.path), m.line, m.what))
    random.Random(seed).shuffle(shuffled)
    return shuffled


@dataclass
class Tally:
    """What became of a sample of ``size`` mutants: ``with tally`` prints the sum at its end, survivors are printed as
    they are found.
    """

    size: int
    counted: Counter[Outcome] = field(default_factory=Counter)
    _started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> int:
        """How many are still to be tried."""
        return self.size - sum(self.counted.values()) + self.counted["invalid"]

    def note(self, mutant: Mutant, outcome: Outcome) -> None:
        """Count one."""
        self.counted[outcome] += 1
        if outcome == "survived":
            print(f"survived: {mutant.path.relative_to(ROOT)}:{mutant.line}: {mutant.what}", flush=True)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *ended: object) -> None:
        """Print the sum, of what was tried until then when the run is interrupted."""
        noticed, judged = self.counted["killed"] + self.counted["timeout"], self.size - self.left
        print(
            f"{judged} mutants tried in {time.monotonic() - self._started:.0f} s: {noticed} noticed"
            f" ({self.counted['timeout']} by running too long), {self.counted['survived']} survived:"
            f" {100 * noticed // max(judged, 1)} of 100.",
            file=sys.stderr,
        )
