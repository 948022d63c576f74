"""Imports point only downward, and adapters never import each other."""

import ast
from functools import cache
from pathlib import Path

import gate

ROOT = Path(gate.__file__).parent
# From the top of docs/architecture.md to its bottom; a room may import itself and what stands below it.
ORDER = ["cli", "commands", "surfaces", "pipeline", "report", "engine", "graph", "extract", "inputs", "model", "errors"]
ENTRY = {"__init__", "__main__"}


@cache
def _tree(path: Path) -> ast.Module:
    """Each file is parsed once: four tests read them all."""
    return ast.parse(path.read_text())


@cache
def _imports(path: Path) -> frozenset[str]:
    tree = _tree(path)
    names = {n.name for node in ast.walk(tree) if isinstance(node, ast.Import) for n in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write the full name, so that this test sees it"
            names |= {f"{node.module}.{n.name}" for n in node.names}
    return frozenset(n for n in names if n == "gate" or n.startswith("gate."))


def _files() -> list[Path]:
    return [p for p in ROOT.rglob("*.py") if p.relative_to(ROOT).parts[0] != "rego"]


def test_every_file_stands_in_a_room_of_the_map():
    rooms = {p.relative_to(ROOT).parts[0].removesuffix(".py") for p in _files()}
    assert rooms - ENTRY <= set(ORDER)


def test_imports_point_only_downward():
    upward = []
    for path in _files():
        room = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if room in ENTRY:
            continue
        for name in _imports(path):
            target = name.split(".")[1] if "." in name else "__init__"
            if target in ORDER and ORDER.index(target) < ORDER.index(room):
                upward.append(f"{path.relative_to(ROOT)} imports {name}")
    assert upward == []


def test_adapters_never_import_each_other():
    adapters = {p.name for p in (ROOT / "extract").iterdir() if p.is_dir() and (p / "adapter.py").exists()}
    assert adapters >= {"aws", "kubernetes"}
    crossing = [
        f"{path.relative_to(ROOT)} imports {name}"
        for adapter in adapters
        for path in (ROOT / "extract" / adapter).rglob("*.py")
        for name in _imports(path)
        if name.startswith("gate.extract.") and name.split(".")[2] in adapters - {adapter}
    ]
    assert crossing == []


def test_only_the_engine_knows_opa():
    def outside(path: Path) -> set[str]:
        tree = _tree(path)
        plain = {n.name for node in ast.walk(tree) if isinstance(node, ast.Import) for n in node.names}
        return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    knowing = {
        path.relative_to(ROOT).parts[0] for path in _files() if any(n.startswith("opa_client") for n in outside(path))
    }
    assert knowing == {"engine"}
