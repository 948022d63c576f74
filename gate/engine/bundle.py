"""What the engine loads: ``rego/``, the organisation's policies and its data, as one bundle with a revision."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gate.errors import PolicyError

_ROOTS = ["gate", "system/authz", "organisation", "organisation_data"]
_DATA_SUFFIXES = {".json", ".yaml", ".yml"}


@dataclass(frozen=True, slots=True)
class Bundle:
    """An OPA bundle in memory. ``archive``: the tar.gz; ``revision``: SHA-256 (hex) over names and contents.

    ``rules``: packages that must be among those that ran: ``gate.rules.<category>.<rule>``, ``organisation.<name>``.
    """

    archive: bytes
    revision: str
    rules: frozenset[str]


def rego_root() -> Path:
    """The directory that holds ``gate/``, ``system/`` and ``schema/``: in the package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    packaged = package / "rego"
    return packaged if packaged.is_dir() else package.parent / "rego"


def build_bundle(
    policies: Sequence[Path] = (), data: Sequence[Path] = (), packages: frozenset[str] = frozenset()
) -> Bundle:
    """Everything as one bundle; the same content gives the same bytes.

    ``policies`` and ``data`` are files or directories. ``packages`` are the organisation's rule packages
    (``policies.organisation_packages`` tells them). A data file ``regions/eu.yaml`` of a directory given becomes
    ``data.organisation_data.regions.eu``; a file given by itself goes by its name.
    Raises ``PolicyError`` for a policy or data file that cannot be read.
    """
    root = rego_root()
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in _shipped(root)}
    for number, given in enumerate(policies):
        base = given if given.is_dir() else given.parent
        for path in policy_files(given):
            files[f"policies/{number}/{path.relative_to(base).as_posix()}"] = _read(path)
    if data:
        document = json.dumps(_organisation_data(data), sort_keys=True, allow_nan=False)
        files["organisation_data/data.json"] = document.encode()
    revision = _revision(files)
    manifest = {"revision": revision, "roots": _ROOTS, "rego_version": 1}
    files[".manifest"] = json.dumps(manifest, sort_keys=True).encode()
    return Bundle(_archive(files), revision, frozenset(_shipped_rules(root)) | packages)


def policy_files(given: Path) -> list[Path]:
    """The Rego files of a ``--policy`` argument, tests left out, in a stable order.

    Raises ``PolicyError`` when it does not exist or holds none.
    """
    if given.is_file() and given.suffix == ".rego":
        return [given]
    found = sorted(p for p in given.rglob("*.rego") if not p.name.endswith("_test.rego")) if given.is_dir() else []
    if not found:
        raise PolicyError(
            f"no Rego found at {given}",
            hint="--policy takes a .rego file or a directory with .rego files, packages organisation.<name>",
        )
    return found


def _shipped(root: Path) -> Iterator[Path]:
    for path in (*(root / "gate").rglob("*"), *(root / "system").rglob("*")):
        wanted = path.name in {"data.yaml", "data.json"} or path.suffix == ".rego"
        if wanted and not path.name.endswith("_test.rego"):
            yield path


def _shipped_rules(root: Path) -> Iterator[str]:
    # From the place of the files, not from what OPA loaded: a rule that did not load must be missed.
    for path in (root / "gate" / "rules").rglob("*.rego"):
        if not path.name.endswith("_test.rego"):
            yield ".".join(path.parent.relative_to(root).parts)


def _organisation_data(given: Sequence[Path]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for argument in given:
        base = argument if argument.is_dir() else argument.parent
        files = (
            sorted(p for p in argument.rglob("*") if p.suffix in _DATA_SUFFIXES) if argument.is_dir() else [argument]
        )
        if not files:
            raise PolicyError(f"no data found at {argument}", hint="--data takes .json and .yaml files or a directory")
        for path in files:
            _place(tree, path.relative_to(base).with_suffix("").parts, _document(path), path)
    return tree


def _place(tree: dict[str, Any], keys: tuple[str, ...], document: object, path: Path) -> None:
    *parents, last = keys
    for key in parents:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise PolicyError(f"{path}: another file already provides its place in data.organisation_data")
    if last in tree:
        raise PolicyError(f"{path}: data.organisation_data.{'.'.join(keys)} is given twice")
    tree[last] = document


def _document(path: Path) -> object:
    import yaml

    content = _read(path)
    try:
        document = json.loads(content) if path.suffix == ".json" else yaml.safe_load(content)
        json.dumps(document, allow_nan=False)
    except (ValueError, TypeError, RecursionError, yaml.YAMLError) as error:
        raise PolicyError(f"{path}: not JSON data ({type(error).__name__})") from error
    return document


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read ({error.strerror})") from error


def _revision(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{len(name)}:{name}{len(files[name])}:".encode())
        digest.update(files[name])
    return digest.hexdigest()


def _archive(files: dict[str, bytes]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size = len(files[name])
            entry.mode = 0o600
            tar.addfile(entry, io.BytesIO(files[name]))
    # Level 1: it never leaves this machine, and start-up time counts. No time stamp: same content, same bytes.
    return gzip.compress(plain.getvalue(), compresslevel=1, mtime=0)
