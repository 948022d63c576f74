"""Imports point only downward, adapters never import each other, and every module has a name of its own."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import gate

ROOT = Path(gate.__file__).parent
# From the top of docs/architecture.md to its bottom; a room may import itself and what stands below it.
ORDER = [
    "cli",
    "commands",
    "surfaces",
    "pipeline",
    "judgement",
    "report",
    "engine",
    "graph",
    "extract",
    "inputs",
    "model",
    "errors",
]
ENTRY = {"__init__", "__main__"}
# The rooms of a platform, from its top: every folder of gate/extract with an adapter has these and no others.
ROOMS = ["adapter", "access", "compute", "resources", "trust", "identities", "documents", "plan", "language"]
# Between access and compute: what only one platform has.
OWN_ROOMS = {"kubernetes": ["guards", "rewriting"]}
INPUTS = [
    *("recognise", "mistaken", "mistaken_json", "config"),
    *("cluster", "terraform", "manifests", "text", "documents"),
]
# What a platform may take from gate/extract beside its own rooms.
BELOW_PLATFORMS = {"remedies"}
# One a platform, with the same face.
SHARED_NAMES = {"__init__", "adapter"}


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


@cache
def _files() -> list[Path]:
    return [p for p in ROOT.rglob("*.py") if p.relative_to(ROOT).parts[0] != "rego"]


def _platforms() -> list[str]:
    return sorted(p.parent.name for p in (ROOT / "extract").glob("*/adapter.py"))


def _room(path: Path, below: Path) -> str:
    return path.relative_to(below).parts[0].removesuffix(".py")


def _upward(below: Path, order: list[str]) -> Iterator[str]:
    """The imports inside one folder that point from a room to one above it."""
    package = ".".join(below.relative_to(ROOT.parent).parts)
    for path in _files():
        if not path.is_relative_to(below) or (room := _room(path, below)) in ENTRY:
            continue
        for name in _imports(path):
            target = name.removeprefix(f"{package}.").split(".")[0] if name.startswith(f"{package}.") else None
            if target in order and order.index(target) < order.index(room):
                yield f"{path.relative_to(ROOT)} imports {name}"


def test_every_file_stands_in_a_room_of_the_map():
    assert {_room(p, ROOT) for p in _files()} - ENTRY <= set(ORDER)


def test_imports_point_only_downward():
    assert list(_upward(ROOT, ORDER)) == []


@pytest.mark.parametrize("platform", _platforms())
def test_rooms_of_a_platform_import_only_downward(platform: str):
    below = ROOT / "extract" / platform
    at = ROOMS.index("compute")
    order = [*ROOMS[:at], *OWN_ROOMS.get(platform, []), *ROOMS[at:]]
    assert {_room(p, below) for p in below.rglob("*.py")} - ENTRY <= set(order)
    assert list(_upward(below, order)) == []


def test_rooms_of_the_inputs_import_only_downward():
    below = ROOT / "inputs"
    assert {_room(p, below) for p in below.rglob("*.py")} - ENTRY <= set(INPUTS)
    assert list(_upward(below, INPUTS)) == []


def test_a_platform_imports_nothing_of_extract_but_its_own_rooms():
    platforms = _platforms()
    assert set(platforms) >= {"aws", "kubernetes"}
    crossing = [
        f"{path.relative_to(ROOT)} imports {name}"
        for platform in platforms
        for path in (ROOT / "extract" / platform).rglob("*.py")
        for name in _imports(path)
        if name.startswith("gate.extract.") and name.split(".")[2] not in {platform, *BELOW_PLATFORMS}
    ]
    assert crossing == []


def test_a_name_of_a_module_stands_once_in_the_project():
    places: dict[str, list[str]] = {}
    for path in _files():
        if path.stem not in SHARED_NAMES:
            places.setdefault(path.stem, []).append(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_every_folder_says_what_it_is_for():
    silent = [str(p.parent) for p in _files() if p.name == "__init__.py" and not ast.get_docstring(_tree(p))]
    bare = {str(p.parent) for p in _files()} - {str(p.parent) for p in _files() if p.name == "__init__.py"}
    assert (silent, bare) == ([], set())


def test_only_the_engine_knows_opa():
    def outside(path: Path) -> set[str]:
        tree = _tree(path)
        plain = {n.name for node in ast.walk(tree) if isinstance(node, ast.Import) for n in node.names}
        return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    knowing = {
        path.relative_to(ROOT).parts[0] for path in _files() if any(n.startswith("opa_client") for n in outside(path))
    }
    assert knowing == {"engine"}
