"""A binary plan file (a zip archive that ``terraform plan -out`` writes) to its JSON.

Terraform or OpenTofu shows it in a private folder, with the gate's inert provider in place of those that made the plan:
nothing that lies beside the plan is started. The schemas that Terraform needs are made from the file itself.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from gate.errors import EvaluationError, EvaluationTimeout, InputError
from gate.inputs.terraform.evaluation.inert_program import find_program
from gate.inputs.terraform.evaluation.planned_schemas import planned_schemas
from gate.inputs.terraform.evaluation.planning import confinement
from gate.inputs.terraform.evaluation.terraform import environment, find_terraform, run
from gate.inputs.terraform.evaluation.workspace import serve, surveyed

SECONDS = 300
"""How long ``show`` may take; a plan of 10,000 resources takes about 10 s."""

_MOST_BYTES = 1 << 30
_BY_HAND = "In the directory where the plan was made, run: terraform show -json PLAN > plan.json, and give plan.json."

# Terraform's own words may quote the configuration. These tell why without a value of it.
_REASONS = (
    (re.compile(r"created by (?:Terraform|OpenTofu) v?([\w.\-]{1,30}), but this is v?([\w.\-]{1,30})"),
     "it was created by version {0}, and the one on PATH is {1}"),
    (re.compile(r"created by a (?:newer|different) version"), "it was created by another version than the one on PATH"),
    (re.compile(r"(?:encrypted|decrypt|key provider)"), "it is encrypted, and the key is not configured here"),
)  # fmt: skip


def _reason(said: bytes) -> str:
    text = " ".join(said.decode("utf-8", "replace").replace("│", " ").split())
    found = ((known.search(text), told) for known, told in _REASONS)
    return next((f": {told.format(*match.groups())}" for match, told in found if match), "")


def show(data: bytes, name: str) -> str:
    """The plan as JSON text; ``InputError`` when it is another archive, no Terraform is there, or it refuses."""
    entries = _entries(data)
    if "tfplan" not in entries:
        raise InputError(f"{name} is a zip archive, not a plan.", hint="Give the plan or the manifests themselves.")
    terraform = find_terraform()
    if terraform is None:
        raise InputError(f"{name} is a binary plan, and neither terraform nor tofu is on PATH.", hint=_BY_HAND)
    with tempfile.TemporaryDirectory(prefix="gate-") as temporary:
        private = Path(temporary).resolve()
        try:
            _furnish(private, entries, terraform.product)
            (private / "plan").write_bytes(data)
            (private / "empty").mkdir()
            command = [*confinement(terraform, private), "show", "-json", "-no-color", str(private / "plan")]
            settings = environment(private)
            status, said = run(command, private / "empty", settings, timeout=SECONDS, doing=name)
        except EvaluationTimeout:
            raise InputError(f"{name}: terraform show did not finish.", hint=_BY_HAND) from None
        except EvaluationError as error:
            raise InputError(f"{name}: {error.message}", hint=error.hint or _BY_HAND) from None
    start = said.find(b'{"format_version"')  # a warning may stand before it
    if status != 0 or start < 0:
        raise InputError(f"{name}: terraform show -json could not read this binary plan{_reason(said)}.", hint=_BY_HAND)
    return said[start:].decode("utf-8", "replace")


def _entries(data: bytes) -> Mapping[str, bytes]:
    """The files of the archive; none where it is no archive, or larger than a plan is."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_BYTES:
                return {}
            return {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError, OSError):
        return {}


def _furnish(private: Path, entries: Mapping[str, bytes], product: str) -> None:
    """The inert provider with the schemas of the plan, and what it reads when it starts."""
    ran = subprocess.run([find_program(), "planned"], input=entries["tfplan"], capture_output=True, check=False, env={})
    if ran.returncode != 0:
        raise EvaluationError("this is not a plan that Terraform wrote, or it is encrypted")
    state = _object(entries.get("tfstate", b"{}"))
    serve(private, planned_schemas(json.loads(ran.stdout), state, _survey(private, entries, product)))
    (private / "settings.json").write_text("{}")


def _survey(private: Path, entries: Mapping[str, bytes], product: str) -> dict[str, Any]:
    """What the configuration in the file says. Its modules lie in ``tfconfig/m-KEY/``."""
    root, packages = private / "given", private / "modules"
    modules = []
    for number, module in enumerate(_list(entries.get("tfconfig/modules.json", b"[]"))):
        key = str(module.get("Key"))
        folder = packages / str(number) if key else root
        folder.mkdir(parents=True, exist_ok=True)
        modules.append({"Key": key, "Source": "", "Dir": str(number)})
        for name, content in entries.items():
            inside, _, file = name.rpartition("/")
            if inside == f"tfconfig/m-{key}" and file == PurePosixPath(file).name:
                (folder / file).write_bytes(content)
    root.mkdir(exist_ok=True)
    packages.mkdir(exist_ok=True)
    (packages / "modules.json").write_text(json.dumps({"Modules": modules}))
    asked = {"root": str(root), "top": str(root), "out": str(private / "copy"), "whole": False, "product": product}
    (private / "copy").mkdir()
    return surveyed([asked | {"fetched": str(packages), "workspace": "default", "now": ""}], Path("the plan"))


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _list(text: bytes) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError:
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
