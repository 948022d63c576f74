"""Schemas of providers, reduced to what one configuration uses.

What is served is what the gate ships **and** what the configuration writes: an argument or a block that the shipped
schema lacks (another version, another provider) is taken as written, and what is read of a type is computed.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "schemas"
# Providers of the gate's own; Terraform and OpenTofu each complete the address by their own registry.
UNKNOWNS, BUILTIN = "hashicorp/gateunknown", "hashicorp/gateterraform"
_SECTIONS = {"resources": "resource", "data": "data", "ephemeral": "ephemeral"}
_KEYS = {"resources": "resource_schemas", "data": "data_source_schemas", "ephemeral": "ephemeral_resource_schemas"}
_ANY = {"type": "dynamic"}
_COMPUTED = {"type": "dynamic", "computed": True}
# Computed by nearly every provider under these names.
_USUAL = ("id", "arn", "name")

Block = dict[str, Any]


def provider_schema(address: str, use: dict[str, Any], paths: dict[str, list[str]]) -> dict[str, Any]:
    """The file that the inert provider serves: ``use`` and ``paths`` as ``gate-inert copy`` tells them."""
    shipped = _shipped(address.rsplit("/", 1)[-1], _wanted(use))
    served: dict[str, Any] = {
        "address": address,
        "provider": {"block": _with(shipped.get(("provider", "provider"), {}), use["provider"], ())},
        "functions": use.get("functions") or [],
    }
    for part, section in _SECTIONS.items():
        served[_KEYS[part]] = {
            kind: {"block": _with(shipped.get((section, kind), {}), written, _read(paths, part, kind))}
            for kind, written in use[part].items()
        }
    return served | _own(address)


def shipped_block(address: str, part: str, kind: str) -> Block:
    """The shipped schema of one type, empty where there is none. ``part``: resources, data or ephemeral."""
    wanted = (_SECTIONS[part], kind)
    return _shipped(address.rsplit("/", 1)[-1], frozenset({wanted})).get(wanted, {})


def _wanted(use: dict[str, Any]) -> frozenset[tuple[str, str]]:
    types = {(section, kind) for part, section in _SECTIONS.items() for kind in use[part]}
    return frozenset(types | {("provider", "provider")})


def _shipped(name: str, wanted: frozenset[tuple[str, str]]) -> dict[tuple[str, str], Block]:
    """Blocks by section and type. The file has a line for each, so only what is wanted is parsed."""
    path = FOLDER / f"{name}.gz"
    if not path.is_file():
        return {}
    found: dict[tuple[str, str], Block] = {}
    keys = {f"{section} {kind} ".encode(): (section, kind) for section, kind in wanted}
    lines = _lines(path)
    for key, entry in keys.items():
        at = lines.find(b"\n" + key)
        if at >= 0:
            start = at + 1 + len(key)
            found[entry] = json.loads(lines[start : lines.index(b"\n", start)])
    return found


@cache
def _lines(path: Path) -> bytes:
    return b"\n" + gzip.decompress(path.read_bytes())


def _read(paths: dict[str, list[str]], part: str, kind: str) -> tuple[str, ...]:
    """The attributes of a type that the configuration reads."""
    prefix = {"resources": "", "data": "data.", "ephemeral": "ephemeral."}[part]
    first = (path.split(".", 1)[0] for path in paths.get(prefix + kind, ()))
    return tuple(name for name in first if name.isidentifier())


def _with(shipped: Block, written: dict[str, Any], read: tuple[str, ...]) -> Block:
    """A block of the shipped schema with what the configuration writes in it and reads of it."""
    attributes = dict(shipped.get("attributes") or {})
    blocks = dict(shipped.get("block_types") or {})
    for name in written["attributes"]:
        if name in blocks:  # written as an argument what the shipped schema has as a block
            del blocks[name]
        attributes.setdefault(name, _ANY)
    for name, inner in written["blocks"].items():
        if name in blocks:
            merged = _with(blocks[name]["block"], inner, ())
            # Elements of a set have one type; where what is written has any, the blocks are a list.
            mode = (
                "list" if blocks[name]["nesting_mode"] == "set" and _dynamic(merged) else blocks[name]["nesting_mode"]
            )
            blocks[name] = {"nesting_mode": mode, "block": merged}
        elif name not in attributes or not _of_objects(attributes[name].get("type")):
            attributes.pop(name, None)
            mode = "single" if name == "timeouts" else "list"
            blocks[name] = {"nesting_mode": mode, "block": _with({}, inner, ())}
    for name in read:
        if name not in blocks:
            attributes.setdefault(name, _COMPUTED)
    if not shipped and read:
        for name in _USUAL:
            attributes.setdefault(name, _COMPUTED)
    return {"attributes": attributes, "block_types": blocks}


def _dynamic(block: Block) -> bool:
    return any(attribute["type"] == "dynamic" for attribute in block["attributes"].values()) or any(
        _dynamic(nested["block"]) for nested in (block.get("block_types") or {}).values()
    )


def _of_objects(kind: Any) -> bool:
    return (
        isinstance(kind, list) and kind[0] in ("list", "set") and isinstance(kind[1], list) and kind[1][0] == "object"
    )


def _own(address: str) -> dict[str, Any]:
    """What stands in for Terraform's built-in provider, and the type whose value nobody knows."""
    if address.endswith(BUILTIN):
        remote = {"backend": _ANY, "config": _ANY, "defaults": _ANY, "workspace": _ANY, "outputs": _COMPUTED}
        data = {"input": _ANY, "triggers_replace": _ANY, "output": _COMPUTED, "id": _COMPUTED}
        return {
            "data_source_schemas": {"terraform_remote_state": {"block": {"attributes": remote}}},
            "resource_schemas": {"terraform_data": {"block": {"attributes": data}}},
        }
    if address.endswith(UNKNOWNS):
        return {"resource_schemas": {"gateunknown_value": {"block": {"attributes": {"value": _COMPUTED}}}}}
    return {}
