"""The top level of the project is fixed, and there is one way of importing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = {"gate", "rego", "fixtures", "tests", "tools", "docs", "deploy", ".ci", ".github", ".regal"}


def _python(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def test_the_top_level_holds_these_folders_alone() -> None:
    ignored = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()} | {".git"}
    assert {path.name for path in ROOT.iterdir() if path.is_dir()} - ignored == FOLDERS


def test_nothing_changes_where_python_looks() -> None:
    """One way of importing: `tests` and `tools` by their whole names, from the root of the project."""
    changing = {
        str(path)
        for path, tree in _python("gate", "tests", "tools")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and (ast.unparse(node) == "sys.path" or node.attr in {"syspath_prepend", "spec_from_file_location"})
    }
    assert changing == set()


def test_what_is_shipped_needs_neither_tests_nor_tools() -> None:
    imported = {
        (str(path), name.partition(".")[0])
        for path, tree in _python("gate")
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
    }
    assert {(path, name) for path, name in imported if name in {"tests", "tools"}} == set()
