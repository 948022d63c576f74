"""A sample of mutants with a seed, tried one by one, and what became of each."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]
Outcome = Literal["killed", "survived", "timeout", "invalid"]
"""``invalid``: no program any more (it does not compile), so that it says nothing of the tests and is not counted."""


@dataclass(frozen=True)
class Mutant:
    """One change: ``content`` is what the whole file says then, ``what`` the change in a few words."""

    path: Path
    line: int
    what: str
    content: str


def drawn(mutants: Iterable[Mutant], seed: int) -> list[Mutant]:
    """All of them in an order that follows from ``seed``."""
    shuffled = sorted(mutants, key=lambda m: (str(m.path), m.line, m.what))
    random.Random(seed).shuffle(shuffled)
    return shuffled


def tried(mutants: list[Mutant], size: int, attempt: Callable[[Mutant], Outcome]) -> int:
    """Try the first ``size`` that are programs, print what became of them, and give the share that tests noticed."""
    counted: Counter[Outcome] = Counter()
    survivors: list[Mutant] = []
    started = time.monotonic()
    for mutant in mutants:
        if sum(counted.values()) - counted["invalid"] >= size:
            break
        outcome = attempt(mutant)
        counted[outcome] += 1
        if outcome == "survived":
            survivors.append(mutant)
            print(f"survived: {mutant.path.relative_to(ROOT)}:{mutant.line}: {mutant.what}", flush=True)
    noticed, judged = counted["killed"] + counted["timeout"], sum(counted.values()) - counted["invalid"]
    share = 100 * noticed // judged if judged else 100
    print(
        f"{judged} of {len(mutants)} mutants tried in {time.monotonic() - started:.0f} s: {noticed} noticed"
        f" ({counted['timeout']} by running too long), {len(survivors)} survived: {share} of 100.",
        file=sys.stderr,
    )
    return share
