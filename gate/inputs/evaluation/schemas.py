"""Which attributes of a resource type only an apply would tell, read from Terraform's provider schemas and kept.

``terraform providers schema -json`` takes seconds and prints 14 MB for the AWS provider, so what is needed of it is
cached by the providers' versions.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

from gate.errors import EvaluationError
from gate.inputs.evaluation.terraform import Terraform, run

_FORMAT = 2
Types = dict[str, dict[str, Any]]


def computed_attributes(terraform: Terraform, directory: Path, *, timeout: float) -> tuple[Types, Types]:
    """Computed attributes of every type of the directory's providers: resources and data sources.

    Each is ``{type: {attribute: Terraform type}}``; a nested block with computed attributes is ``["block", {…}]``.
    ``directory`` must be initialised.
    """
    kept = _cache(directory)
    if kept and kept.is_file():
        try:
            resources, data = json.loads(kept.read_text())
        except ValueError:
            pass  # a torn file is written again
        else:
            return resources, data
    status, output = run(
        terraform,
        ["providers", "schema", "-json"],
        directory,
        timeout=timeout,
        offline=True,
        doing="Reading the providers' schemas",
    )
    text = output.read_bytes()
    output.unlink()
    try:
        schemas = json.loads(text)["provider_schemas"] if status == 0 else None
    except (ValueError, KeyError):
        schemas = None
    if schemas is None:
        raise EvaluationError(
            "Reading the providers' schemas: terraform providers schema failed", hint=_last_line(text)
        )
    resources = _types(schemas, "resource_schemas")
    data = _types(schemas, "data_source_schemas")
    if kept:
        _keep(kept, [resources, data])
    return resources, data


def _types(schemas: dict[str, Any], section: str) -> Types:
    return {
        name: computed
        for provider in schemas.values()
        for name, schema in provider.get(section, {}).items()
        if (computed := _computed(schema["block"]))
    }


def _computed(block: dict[str, Any]) -> dict[str, Any]:
    found = {
        name: attribute["type"]
        for name, attribute in block.get("attributes", {}).items()
        if attribute.get("computed") and "type" in attribute
    }
    for name, nested in block.get("block_types", {}).items():
        if inner := _computed(nested["block"]):
            found[name] = ["block", inner]
    return found


def _cache(directory: Path) -> Path | None:
    """The cache file for the provider versions in ``.terraform.lock.hcl``; None when they are not told."""
    lock = directory / ".terraform.lock.hcl"
    if not lock.is_file():
        return None
    versions = re.findall(r'provider "([^"]+)" \{\s*version\s*=\s*"([^"]+)"', lock.read_text())
    if not versions:
        return None
    name = hashlib.sha256(json.dumps([_FORMAT, sorted(versions)]).encode()).hexdigest()[:24]
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "nhi-gate" / "schemas" / f"{name}.json"


def _keep(path: Path, content: list[Types]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torn = path.with_suffix(f".{os.getpid()}")
        torn.write_text(json.dumps(content, separators=(",", ":")))
        torn.replace(path)
    except OSError:
        return  # a cache that cannot be written only costs time


def _last_line(text: bytes) -> str | None:
    lines = [line.strip(" │╷╵") for line in text.decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), None)
