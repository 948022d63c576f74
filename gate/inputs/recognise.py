"""Any number of paths to one change: each file's kind is told by its content, never by its name."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from gate.errors import InputError, UsageError
from gate.inputs import mistaken_json
from gate.inputs.documents import Documents, SourceFile, UnreadDocument
from gate.inputs.manifests import manifest_files
from gate.inputs.manifests.folder import candidates, has_terraform
from gate.inputs.manifests.manifest_files import Manifests
from gate.inputs.manifests.unrendered import CHART, render_chart, unrendered
from gate.inputs.mistaken import EXPECTED, explain, is_log
from gate.inputs.terraform import plan_json
from gate.inputs.terraform.source_directory import TerraformInputs, completed, evaluate
from gate.inputs.terraform.source_locations import locate
from gate.inputs.text.reading import LARGEST, decode, display, read_file, sha256, unpacked, without_collections
from gate.inputs.text.strict_json import load_json, load_stream
from gate.model.access import Location

_SEVERAL = re.compile(r"\}\s*\{")  # a text has it too; then it is decoded twice
_FLOW_YAML = re.compile(r"\s*\{\s*[A-Za-z{]")


@dataclass(slots=True)
class _Reader:
    """What was read so far, and which files, so that none is read twice."""

    source: Path | None
    terraform: TerraformInputs
    documents: Documents = field(default_factory=Documents)
    seen: set[Path] = field(default_factory=set)


def read_documents(
    paths: Sequence[str],
    *,
    source: Path | None = None,
    terraform: TerraformInputs | None = None,
    stdin: BinaryIO | None = None,
    namespace: str | None = None,
) -> Documents:
    """Reads every input: plans (JSON or binary), manifests, folders of them, ``-`` for standard input (once).

    ``source``: the directory of the Terraform configuration, which Terraform evaluates (with the variables of
    ``terraform``) where a plan leaves something open, and for file and line of each resource; without it, ``.tf`` files
    beside a plan give lines. ``namespace``: of objects that name none. A folder of Terraform source without a plan is
    evaluated alone. ``InputError`` when an input given by name holds nothing the gate can judge; what stands among
    other documents and cannot be read is listed in ``unread``, a reason to deny.
    """
    if not paths:
        raise UsageError("No input was given.", hint=EXPECTED)
    if source is not None and not source.is_dir():
        raise InputError(f"--source {display(source)} is not a directory.", hint="Give the folder with the .tf files.")
    reader = _Reader(source, terraform or TerraformInputs())
    with without_collections():
        _read_all(paths, stdin, reader)
    if namespace is not None:
        _put_into(namespace, reader.documents)
    return reader.documents


def _put_into(namespace: str, documents: Documents) -> None:
    """As ``kubectl apply -n`` does: an object that names a namespace keeps it."""
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", namespace):
        raise UsageError(
            "--namespace is not a valid namespace name.", hint="Lower-case letters, digits and hyphens: argocd."
        )
    for manifest in documents.manifests:
        manifest.namespace = manifest.namespace or namespace


def _read_all(paths: Sequence[str], stdin: BinaryIO | None, reader: _Reader) -> None:
    for given in paths:
        path = Path(given)
        if given == "-":
            if _first_time(path, reader):
                _given(_drain(stdin or sys.stdin.buffer), None, "standard input", reader)
        elif _is_folder(path):
            _folder(path, reader)
        elif _first_time(path, reader):
            _given(read_file(path), path, display(path), reader)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _first_time(path: Path, reader: _Reader) -> bool:
    try:
        real = path.resolve()
    except (OSError, RuntimeError, ValueError):
        raise InputError(f"{display(path)} cannot be read: the path is not valid.", hint="Check the path.") from None
    if real in reader.seen:
        return False
    reader.seen.add(real)
    return True


def _drain(stream: BinaryIO) -> bytes:
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise InputError("standard input is too large.", hint="Check the parts of the change one by one.")
    return data


def _given(data: bytes, path: Path | None, name: str, reader: _Reader) -> None:
    """An input given by name: it must hold something to judge."""
    found = _read(data, path, name, reader)
    if found is None:
        return
    if not (found.manifests or found.unread):
        if len(found.broken) + len(found.strangers) > 1 and found.broken:
            first = found.broken[0].reason
            raise explain(decode(data, name), name, f"{first} (and nothing else in it is a Kubernetes object)")
        raise explain(decode(data, name), name, found.broken[0].reason if found.broken else None)
    _keep(found, data, name, reader)
    reader.documents.unread += found.broken + found.strangers


def _folder(folder: Path, reader: _Reader) -> None:
    """Takes what is a plan or a manifest; what is neither is none of the gate's business."""
    documents = reader.documents
    before = len(documents.files) + len(documents.unread)
    again = False
    if (folder / CHART).is_file() and (folder / "templates").is_dir():
        raise InputError(f"{display(folder)} is a Helm chart, not what it installs.", hint=render_chart(folder))
    for path in candidates(folder):
        if not _first_time(path, reader):
            again = True
            continue
        name = display(path)
        try:
            if source := unrendered(path):
                documents.unread.append(source)
                continue
            data = read_file(path)
            found = _read(data, path, name, reader) if data.strip() else None
        except InputError as error:
            remedy = error.hint or "Correct the file or remove it from the folder."
            documents.unread.append(UnreadDocument(Location(name, 1, 1), "file", error.message, remedy))
            continue
        if found is not None:
            documents.unread += found.broken
            if found.manifests or found.unread:
                _keep(found, data, name, reader)
                documents.unread += found.strangers
    beside = {display(path) for path in folder.glob("*") if path.is_file()}
    if has_terraform(folder) and not any(plan.file.path in beside for plan in documents.plans):
        plan = evaluate(folder, inputs=reader.terraform)
        locate(plan, folder)
        documents.files.append(plan.file)
        documents.plans.append(plan)
        documents.unread += plan.not_analysed
    if len(documents.files) + len(documents.unread) == before and not again:
        raise InputError(
            f"{display(folder)} contains neither Terraform source, nor a plan, nor Kubernetes manifests.", hint=EXPECTED
        )


def _keep(found: Manifests, data: bytes, name: str, reader: _Reader) -> None:
    reader.documents.files.append(SourceFile(name, manifest_files.KIND, sha256(data)))
    reader.documents.manifests += found.manifests
    reader.documents.unread += found.unread


def _read(data: bytes, path: Path | None, name: str, reader: _Reader) -> Manifests | None:
    """``None`` when it was a plan, which is in the documents now; else what it holds of manifests, perhaps nothing."""
    if data.startswith(b"PK\x03\x04"):
        from gate.inputs.terraform.binary_plan import show

        _plan(load_json(show(data, name), name), data, path, name, reader)
        return None
    text = decode(unpacked(data, name), name)
    if not text.strip():
        raise InputError(f"{name} is empty.", hint=EXPECTED)
    file = SourceFile(name, manifest_files.KIND, sha256(data))
    if not text.lstrip().startswith(("{", "[")) or _FLOW_YAML.match(text):
        return manifest_files.parse_manifests(text, file)
    if is_log(text):
        return Manifests()
    if mistake := mistaken_json.of_text(text):
        raise InputError(f"{name} {mistake.what}.", hint=mistake.hint)
    if _SEVERAL.search(text) and len(values := load_stream(text, name)) > 1:
        return _stream(values, text, file)
    value = load_json(text, name)
    if plan_json.looks_like_plan(value):
        _plan(value, data, path, name, reader)
        return None
    return manifest_files.parse_manifests(text, file, value) if isinstance(value, dict) else Manifests()


def _stream(values: list[tuple[Any, int, int]], text: str, file: SourceFile) -> Manifests:
    """Objects that stand one behind the other, as kubectl reads them."""
    if mistake := mistaken_json.of_stream([value for value, *_ in values], plan_json.looks_like_plan):
        raise InputError(f"{file.path} {mistake.what}.", hint=mistake.hint)
    found = Manifests()
    for value, start, end in values:
        # The lines in front keep the numbers of those behind them.
        part = manifest_files.parse_manifests("\n" * text.count("\n", 0, start) + text[start:end], file, value)
        found.manifests += part.manifests
        found.unread += part.unread
        found.broken += part.broken
        found.strangers += part.strangers
    return found


def _plan(value: object, data: bytes, path: Path | None, name: str, reader: _Reader) -> None:
    if not isinstance(value, dict):
        raise InputError(f"{name}: terraform show did not print a plan.", hint=EXPECTED)
    plan, unread = plan_json.parse_plan(value, SourceFile(name, plan_json.KIND, sha256(data)))
    beside = path.parent if path is not None and has_terraform(path.parent) else None
    if reader.source is not None:
        plan = completed(plan, reader.source, reader.terraform)
    root = reader.source or beside
    if root is not None:
        locate(plan, root)
    reader.documents.files.append(plan.file)
    reader.documents.plans.append(plan)
    reader.documents.unread += unread
