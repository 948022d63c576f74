#!/usr/bin/env python3
"""Fuzz one reader, guided by what of the gate each input reaches (atheris, which is libFuzzer for Python).

``python -m tests.fuzz.run READER FOLDER [options of libFuzzer]``: new inputs go to FOLDER, a crash to FOLDER/crash-…;
the exit status is not 0 when something was found. ``-runs=N``, ``-max_total_time=SECONDS`` and ``-seed=N`` bound a run.
A run with a folder that exists goes on from it; inputs of two folders are made a small one by ``-merge=1``.
"""

from __future__ import annotations

import json
import random
import sys
import warnings
from pathlib import Path
from typing import Any

import atheris

warnings.simplefilter("ignore")
with atheris.instrument_imports(include=["gate"], enable_loader_override=False):
    from tests.fuzz.readers import READERS, seeds

_STRUCTURED = ("plan", "manifests", "policy", "review")
_LARGEST = 20_000
_SEEDS = 150
"""About so many inputs to begin with: each is run once before anything new is tried."""
_ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1e308, 10**30, "", "*", "a", "\ud800", "é", "${x}", "*" * 50, [], {}, [[]], [None],
    {"": None}, "2012-10-17", "arn:aws:iam::111122223333:role/r", "arn:", {"Fn::Sub": "x"}, "deny", "Allow",
    '{"Statement": 1}', "{",
)  # fmt: skip


class Trees:
    """Mutates documents as trees: a part is taken out, doubled, or put in place of another one of any seed."""

    def __init__(self, found: list[bytes]) -> None:
        self._parts: list[Any] = list(_ODD)
        for data in found:
            tree = _tree(data)
            self._parts += [part for _, _, part in _walk(tree)][:200]

    def mutate(self, data: bytes, size: int, seed: int) -> bytes:
        """``data`` with one to four changes; libFuzzer's own where it is no tree, and sometimes anyway."""
        dice = random.Random(seed)
        tree = _tree(data) if dice.random() < 0.8 else None
        if not isinstance(tree, dict | list):
            return bytes(atheris.Mutate(data, size))
        for _ in range(dice.randint(1, 4)):
            places = list(_walk(tree))
            if not places:
                break
            self._change(dice, *dice.choice(places)[:2])
        return json.dumps(tree).encode("utf-8", "surrogatepass")[:size]

    def _change(self, dice: random.Random, around: Any, key: Any) -> None:
        part = around[key]
        what = dice.randrange(6)
        if what == 0:
            del around[key]
        elif what == 1:
            around[key] = [part, part] if dice.random() < 0.5 else [part]
        elif what == 2 and isinstance(part, str):
            inner = _tree(part.encode("utf-8", "surrogatepass"))
            if isinstance(inner, dict | list) and (places := list(_walk(inner))):
                self._change(dice, *dice.choice(places)[:2])  # a policy document in a plan
                around[key] = json.dumps(inner)
            else:
                cut = dice.randint(0, len(part))
                around[key] = part[:cut] + dice.choice(["", "*", "?", "\x00", "${", "/"]) + part[cut + 1 :]
        elif what == 3 and isinstance(around, dict):
            around[dice.choice(["", "name", "Statement", "kind", "spec", "NotAction", "Condition", "before"])] = part
        else:
            around[key] = json.loads(json.dumps(dice.choice(self._parts)))


def _tree(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _walk(tree: Any) -> Any:
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, part in list(pairs):
        yield tree, key, part
        yield from _walk(part)


def main() -> None:
    """Run libFuzzer; it ends the process."""
    name, folder, *options = sys.argv[1:]
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    found = list(dict.fromkeys(seeds(name)))
    begin = target.parent / f"seeds-{name}"
    begin.mkdir(exist_ok=True)
    for number, data in enumerate(found[:: 1 + len(found) // _SEEDS]):
        (begin / f"{number:04}").write_bytes(data)
    arguments = [sys.argv[0], str(target), str(begin), f"-max_len={_LARGEST}", "-timeout=60", "-rss_limit_mb=3000"]
    arguments += [f"-artifact_prefix={target}/", "-print_final_stats=1", *options]
    mutator = {"custom_mutator": Trees(found).mutate} if name in _STRUCTURED else {}
    atheris.Setup(arguments, READERS[name], **mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
