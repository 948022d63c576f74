"""Terraform addresses to file and line, from the ``.tf`` sources."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gate.errors import InputError
from gate.inputs.documents import TerraformPlan
from gate.inputs.terraform.plan_configuration import empty_module, without_keys
from gate.inputs.terraform.plan_json import KIND as PLAN
from gate.inputs.terraform.written_provisioners import Key, in_body, in_json
from gate.inputs.text.hcl.blocks import top_level_blocks
from gate.inputs.text.reading import decode, display, read_file
from gate.inputs.text.strict_json import load_json
from gate.model.access import Location

_SOURCE = re.compile(r'^[ \t]*source[ \t]*=[ \t]*"([^"$]*)"', re.MULTILINE)


@dataclass(slots=True)
class _Directory:
    """The blocks of one module: resources by (mode, type, name), and what its ``module`` blocks name as source.

    ``bodies``: the text of each managed resource's block. ``locals``: that of the ``locals`` blocks. ``places``: of
    providers, variables, outputs and module calls, by kind and label.
    """

    blocks: dict[Key, Location] = field(default_factory=dict)
    bodies: dict[Key, str] = field(default_factory=dict, repr=False)
    provisioners: dict[Key, list[dict[str, Any]]] = field(default_factory=dict, repr=False)
    sources: dict[str, str] = field(default_factory=dict)
    locals: list[str] = field(default_factory=list, repr=False)
    places: dict[tuple[str, str], Location] = field(default_factory=dict)


def locate(plan: TerraformPlan, root: Path) -> None:
    """Sets ``location`` and ``body`` of each resource whose block is found in ``root`` or in the modules it calls;
    ``locals`` and ``places`` of each module, and the provisioners that an evaluated directory's plan has not.

    Modules are found through ``.terraform/modules/modules.json`` or a local ``source``; only the directories of modules
    that have resources in the plan, and of those that call them, are read.
    """
    installed = _installed(root)
    scanned: dict[str, _Directory] = {}
    folders: dict[str, Path | None] = {"": root}

    def folder(module: str) -> Path | None:
        if module not in folders:
            parent, _, name = module.rpartition(".module.") if ".module." in module else ("", "", module[7:])
            key = module.removeprefix("module.").replace(".module.", ".")
            above = folder(parent)
            source = directory(parent).sources.get(name, "") if above and key not in installed else ""
            local = above / source if above and source.startswith(("./", "../")) else None
            folders[module] = root / installed[key] if key in installed else local
        return folders[module]

    def directory(module: str) -> _Directory:
        if module not in scanned:
            at = folder(module)
            scanned[module] = _scan_directory(at) if at else _Directory()
        return scanned[module]

    for resource in plan.resources.values():
        module = without_keys(resource.module)
        key = (resource.mode, resource.type, resource.name)
        resource.location = directory(module).blocks.get(key)
        resource.body = directory(module).bodies.get(key)
        written = directory(module).provisioners.get(key)
        block = plan.modules.get(module, {}).get("resources", {}).get(key) if plan.file.kind != PLAN else None
        if written and block is not None:
            block.setdefault("provisioners", written)
    for module in {"", *map(without_keys, (r.module for r in plan.resources.values()))}:
        found = directory(module)
        plan.modules.setdefault(module, empty_module()).update(locals="\n".join(found.locals), places=found.places)


def _installed(root: Path) -> dict[str, str]:
    """Module key (``a.b``) → directory relative to the root, as ``terraform init`` noted it."""
    try:
        listed = json.loads(decode(read_file(root / ".terraform" / "modules" / "modules.json"), "modules.json"))
        return {m["Key"]: m["Dir"] for m in listed["Modules"] if m["Key"] and isinstance(m["Dir"], str)}
    except (InputError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _scan_directory(folder: Path) -> _Directory:
    found = _Directory()
    for path in sorted([*folder.glob("*.tf"), *folder.glob("*.tofu")]):
        try:
            text = decode(read_file(path), display(path))
        except InputError:
            continue  # a line number less, nothing else
        for block in top_level_blocks(text):
            if block.kind == "locals":
                found.locals.append(text[block.body : block.end - 1])
            place = Location(display(path), block.line, block.end_line)
            if block.kind in ("provider", "variable", "output", "module") and len(block.labels) == 1:
                found.places.setdefault((block.kind, block.labels[0]), place)
            if block.kind == "module" and len(block.labels) == 1:
                source = _SOURCE.search(text, block.body, block.end)
                found.sources.setdefault(block.labels[0], source[1] if source else "")
            elif block.kind in ("resource", "data") and len(block.labels) == 2:
                mode = "data" if block.kind == "data" else "managed"
                key = (mode, block.labels[0], block.labels[1])
                found.blocks.setdefault(key, place)
                if mode == "managed":
                    body = text[block.body : block.end - 1]
                    found.bodies.setdefault(key, body)
                    if "provisioner" in body:
                        found.provisioners.setdefault(key, []).extend(in_body(body))
    for path in sorted([*folder.glob("*.tf.json"), *folder.glob("*.tofu.json")]):
        try:
            document = load_json(decode(read_file(path), display(path)), display(path))
        except InputError:
            continue
        for key, written in in_json(document):
            found.provisioners.setdefault(key, []).extend(written)
    return found
