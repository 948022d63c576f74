"""Mutants of Python against pytest: each in a fork of one process, in which no module of the gate is loaded yet.

No file is written: the mutant's module is loaded from memory. Of the tests those run that call the function that is
changed, quickest first; when they pass, those that call anything of its file.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from tools.mutate import python_mutants
from tools.mutate.sample import ROOT, Mutant, Outcome, Tally, drawn

_SLOWEST = 20.0
"""Seconds of tests that are run for one mutant: those that take more have quicker ones beside them."""
_TOLD: dict[int, Outcome] = {pytest.ExitCode.OK: "survived", pytest.ExitCode.TESTS_FAILED: "killed",
                            pytest.ExitCode.INTERRUPTED: "killed"}  # fmt: skip
"""Interrupted: the tests cannot even be imported."""
_QUIET = ["-q", "-x", "-p", "no:cacheprovider", "--hypothesis-seed=0"]


def run(paths: list[Path], tests: list[str], size: int, seed: int) -> None:
    """Print what ``tests`` do not notice of a sample. ``paths``: files and folders below ``gate/``."""
    files = sorted(f.resolve() for p in paths for f in ([p] if p.is_file() else p.rglob("*.py")))
    calls = _calls(tuple(map(str, files)), tests)
    _load_what_tests_need()
    tally = Tally(size)
    with tally:
        for mutant in drawn((m for file in files for m in python_mutants.mutants(file)), seed)[:size]:
            tests_of = _tests_of(mutant, calls)
            outcome = _outcome(mutant, *tests_of)
            if not tally.counted and _outcome(_unchanged(mutant), *tests_of) != "survived":
                sys.exit("Tests fail in a fork without any change; nothing can be said of mutants.")
            tally.note(mutant, outcome)


def _unchanged(mutant: Mutant) -> Mutant:
    return replace(mutant, content=partial(mutant.path.read_text, "utf-8"))


def _load_what_tests_need() -> None:
    for name in ("jsonschema", "rustworkx", "yaml", "typer", "rich", "detect_secrets", "policy_sentry"):
        importlib.import_module(name)


def _calls(files: tuple[str, ...], tests: list[str]) -> dict[str, tuple[float, list[tuple[str, int]]]]:
    """Test → its seconds and the functions of ``files`` that it calls; kept until one of the files changes."""
    memory = ROOT / ".venv" / "mutate-calls.json"
    key = [*tests, *(f"{f} {Path(f).stat().st_mtime_ns}" for f in files)]
    if memory.exists() and (known := json.loads(memory.read_text()))["key"] == key:
        return {name: (seconds, [(f, line) for f, line in found]) for name, (seconds, found) in known["calls"].items()}
    if (child := os.fork()) == 0:
        from tools.mutate.calls import Calls

        followed = Calls(files)
        code = pytest.main(["-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", *tests], plugins=[followed])
        passed = [name for name in followed.functions if name not in followed.failed and followed.functions[name]]
        found = {name: (followed.seconds[name], sorted(followed.functions[name])) for name in passed}
        if code in (0, 1):
            memory.write_text(json.dumps({"key": key, "calls": found}))
        os._exit(0 if code in (0, 1) else 1)
    if os.waitpid(child, 0)[1]:
        sys.exit("The tests cannot be run as the code is; nothing was mutated.")
    return _calls(files, tests)


def _tests_of(mutant: Mutant, calls: dict[str, tuple[float, list[tuple[str, int]]]]) -> tuple[list[str], list[str]]:
    """The tests that call the changed function, quickest first; and others, those that call most of its file first."""
    file, begins = str(mutant.path), _function(mutant)
    near = [name for name, (_, found) in calls.items() if (file, begins) in {(f, at) for f, at in found}]
    files = {file} if any(f == file for _, found in calls.values() for f, _ in found) else _users(mutant.path)
    far = [name for name, (_, found) in calls.items() if name not in near and any(f in files for f, _ in found)]
    of_the_file = {name: sum(f in files for f, _ in calls[name][1]) for name in far}
    return _first(sorted(near, key=lambda n: calls[n][0]), calls), _first(
        sorted(far, key=lambda n: (-of_the_file[n], calls[n][0])), calls
    )


def _users(path: Path) -> set[str]:
    """The files beside one that name it: of a file of data nothing is called."""
    return {
        str(other) for other in path.parent.rglob("*.py") if re.search(rf"\b{path.stem}\b", other.read_text("utf-8"))
    }


def _first(names: Sequence[str], calls: dict[str, tuple[float, list[tuple[str, int]]]]) -> list[str]:
    chosen: list[str] = []
    left = _SLOWEST
    for name in names:
        left -= calls[name][0]
        if left < 0 and chosen:
            break
        chosen.append(name)
    return chosen


def _function(mutant: Mutant) -> int:
    """The first line of the innermost function around the change; 0 for the module itself."""
    begins = 0
    for node in ast.walk(ast.parse(mutant.path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first <= mutant.line <= (node.end_lineno or 0):
                begins = max(begins, first)
    return begins


def _outcome(mutant: Mutant, near: list[str], far: list[str]) -> Outcome:
    for tests in (near, far):
        if tests and (outcome := _ends(mutant, tests)) != "survived":
            return outcome
    return "survived"


def _ends(mutant: Mutant, tests: list[str]) -> Outcome:
    """What becomes of some tests in a process of their own in which the mutant is the module."""
    if (child := os.fork()) == 0:
        os.setsid()
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        sys.meta_path.insert(0, _Finder(mutant))
        os._exit(int(pytest.main([*_QUIET, *tests])))
    ends = time.monotonic() + 4 * _SLOWEST
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            if code not in _TOLD:
                sys.exit(f"pytest ended with {code} for {mutant.path}:{mutant.line}: {mutant.what}")
            return _TOLD[code]
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "timeout"


class _Finder(importlib.abc.MetaPathFinder):
    """Finds one module of the gate, changed."""

    def __init__(self, mutant: Mutant) -> None:
        parts = mutant.path.relative_to(ROOT).with_suffix("").parts
        self._name = ".".join(parts).removesuffix(".__init__")
        self._mutant = mutant

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module with the change in it, or nothing of any other name."""
        if name != self._name:
            return None
        loader = _Loader(name, str(self._mutant.path), self._mutant.content())
        return importlib.util.spec_from_file_location(name, self._mutant.path, loader=loader)


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, content: str) -> None:
        super().__init__(name, path)
        self._content = content

    def get_code(self, fullname: str) -> CodeType:
        """The code of the change, never that of the file or of its cache."""
        return self.source_to_code(self._content.encode(), self.path)
