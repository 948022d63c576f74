"""The top level of the project is fixed, and there is one way of importing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from gate import __version__

ROOT = Path(__file__).parents[1]
FOLDERS = {"gate", "rego", "fixtures", "tests", "tools", "docs", "deploy", ".ci", ".github", ".regal"}


def _matching(pattern: str, *folders: str) -> set[str]:
    """Python files below ``folders``, this one aside, with a line of code that begins as ``pattern`` says."""
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if path != Path(__file__)]
    found = re.compile(pattern, re.MULTILINE)
    return {str(path.relative_to(ROOT)) for path in files if found.search(path.read_text(encoding="utf-8"))}


def test_the_top_level_holds_these_folders_alone() -> None:
    ignored = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()} | {".git"}
    assert {path.name for path in ROOT.iterdir() if path.is_dir()} - ignored == FOLDERS


def test_nothing_changes_where_python_looks() -> None:
    """One way of importing: `tests` and `tools` by their whole names, from the root of the project."""
    changing = r"\bsys\.path(?:\[|\.\w+\(|\s*\+?=)|\bsyspath_prepend\b"
    assert _matching(changing, "gate", "tests", "tools") == set()


def test_what_is_shipped_needs_neither_tests_nor_tools() -> None:
    assert _matching(r"^\s*(?:from|import) (?:tests|tools)\b", "gate") == set()


def test_there_is_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    deployed = re.findall(r"image: nhi-gate:(\S+)", (ROOT / "deploy/base/deployment.yaml").read_text(encoding="utf-8"))
    assert [__version__, *deployed] == [project, project]
