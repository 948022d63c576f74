"""Schemas by which Terraform reads a plan file: made from the kinds of values that stand in it.

A plan file holds values as their provider's schema types them, and no schema. What is served has each attribute that
the values have, in the type of the shipped schema where the values are of it, else in the one that they show. What is a
block is as shipped, or as the configuration in the file writes it. What is sensitive is told in ``sensitive.py``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from gate.inputs.terraform.evaluation.provider_schemas import Block, provider_schema, shipped_block
from gate.inputs.terraform.evaluation.sensitive import sensitive_in

_PROVIDER = re.compile(r'provider\["([^"]+)"\]')
_ADDRESS = re.compile(r'^(?:module\.[\w-]+(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.)*(data\.)?([\w-]+)\.')
_NOTHING: dict[str, Any] = {"attributes": {}, "blocks": {}}
_SECTION = {"managed": "resource", "data": "data"}
_PARTS = {"managed": ("resources", "resource_schemas"), "data": ("data", "data_source_schemas")}


@dataclass(slots=True)
class _Seen:
    """What was seen of one type: kinds of its values (as ``shapeIn`` of ``planned.go`` tells them), and its version."""

    values: list[Any] = field(default_factory=list)
    identities: list[Any] = field(default_factory=list)
    version: int = 0


def planned_schemas(planned: dict[str, Any], state: dict[str, Any], survey: dict[str, Any]) -> dict[str, str]:
    """Provider address → the file that the inert provider serves.

    ``planned``: as ``gate-inert planned`` tells it; ``state``: the prior state in the plan file; ``survey``: of its
    configuration.
    """
    seen: dict[str, dict[tuple[str, str], _Seen]] = {address: {} for address in survey["providers"]}
    for change in planned["changes"]:
        found, provider = _ADDRESS.match(change["address"]), _PROVIDER.search(change["provider"])
        if found and provider:
            one = _of(seen, provider[1], "data" if found[1] else "managed", found[2])
            one.values += change["values"]
            one.identities += change["identity"]
    for resource in state.get("resources") or ():
        provider = _PROVIDER.search(str(resource.get("provider")))
        for instance in resource.get("instances") or () if provider else ():
            one = _of(seen, provider[1] if provider else "", resource["mode"], resource["type"])
            one.values.append(_kind(instance.get("attributes")))
            one.identities.append(_kind(instance.get("identity")))
            one.version = max(one.version, instance.get("schema_version") or 0)
    return {address: json.dumps(_schema(address, types, survey)) for address, types in seen.items()}


def _of(seen: dict[str, dict[tuple[str, str], _Seen]], provider: str, mode: str, kind: str) -> _Seen:
    return seen.setdefault(provider, {}).setdefault((mode, kind), _Seen())


def _schema(address: str, types: dict[tuple[str, str], _Seen], survey: dict[str, Any]) -> dict[str, Any]:
    use = survey["providers"].get(address) or {"provider": _NOTHING, "resources": {}, "data": {}, "ephemeral": {}}
    use = use | {"resources": dict(use["resources"]), "data": dict(use["data"])}
    for mode, kind in types:
        if mode in _PARTS:
            use[_PARTS[mode][0]].setdefault(kind, _NOTHING)
    schema = provider_schema(address, use, survey["paths"])
    for (mode, kind), one in types.items():
        if mode in _PARTS:
            entry = schema[_PARTS[mode][1]][kind]
            entry["version"] = one.version
            shipped = shipped_block(address, _PARTS[mode][0], kind)
            told = sensitive_in(address, _SECTION[mode], kind)
            entry["block"] = _shaped(entry["block"], shipped, _objects(one.values), told)
            identities = _objects(one.identities)
            if identities and mode == "managed":
                entry["identity"] = _shaped({}, {}, identities, lambda _: False)["attributes"]
    return schema


def _objects(values: Iterable[Any]) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)]


def _kind(value: Any) -> Any:
    """The kind of a value in a state; what is of a dynamic type stands there with its type."""
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return [_kind(item) for item in value]
        case {"type": _, "value": _} if len(value) == 2:
            return "dynamic"
        case dict():
            return {name: _kind(item) for name, item in value.items()}
    return None


def _shaped(
    block: Block, shipped: Block, values: list[dict[str, Any]], sensitive: Callable[[str], bool], above: str = ""
) -> Block:
    """``block`` with the attributes and blocks that these values have, and no others.

    ``shipped``: its shipped schema, empty where there is none; ``sensitive``: of a dotted path, which begins ``above``.
    """
    attributes: Block = {}
    blocks: Block = {}
    if not values:
        return _plain(block)
    known = block.get("block_types") or {}
    for name in sorted({name for value in values for name in value}):
        there = [value[name] for value in values if value.get(name) not in (None, "unknown")]
        if name in known:
            inner = (shipped.get("block_types") or {}).get(name, {}).get("block", {})
            blocks[name] = _shaped_blocks(known[name], inner, there, sensitive, f"{above}{name}.")
            continue
        attribute = (shipped.get("attributes") or {}).get(name)
        hidden = {"sensitive": True} if attribute is None or sensitive(above + name) else {}
        attribute = (attribute or {}) | hidden
        kind = attribute.get("type", "string")
        attributes[name] = attribute | {"type": kind if all(_fits(one, kind) for one in there) else _inferred(there)}
    return {"attributes": attributes, "block_types": blocks}


def _shaped_blocks(
    nested: dict[str, Any], shipped: Block, there: list[Any], sensitive: Callable[[str], bool], above: str
) -> dict[str, Any]:
    mode = nested["nesting_mode"]
    if any(one == "dynamic" for one in there):
        return nested
    if any(isinstance(one, list) for one in there):
        mode = mode if mode in ("list", "set") else "list"
        items = [item for one in there if isinstance(one, list) for item in one]
    elif mode == "map":
        items = [item for one in _objects(there) for item in one.values()]
    else:
        mode, items = ("single" if there else mode), there
    return {"nesting_mode": mode, "block": _shaped(nested["block"], shipped, _objects(items), sensitive, above)}


def _plain(block: Block) -> Block:
    """A block that no value shows: without dynamic attributes, which would make another type of it."""
    attributes = {
        name: attribute | ({"type": "string"} if attribute["type"] == "dynamic" else {})
        for name, attribute in (block.get("attributes") or {}).items()
    }
    blocks = {
        name: nested | {"block": _plain(nested["block"])} for name, nested in (block.get("block_types") or {}).items()
    }
    return {"attributes": attributes, "block_types": blocks}


def _fits(value: Any, kind: Any) -> bool:
    if value in (None, "unknown"):
        return True
    match kind:
        case "number":
            return value in ("number", "string")  # large ones are written as texts
        case "string" | "bool" | "dynamic":
            return bool(value == kind)
        case ["list" | "set", element]:
            return isinstance(value, list) and all(_fits(item, element) for item in value)
        case ["map", element]:
            return isinstance(value, dict) and all(_fits(item, element) for item in value.values())
        case ["object", attributes, *_]:
            return (
                isinstance(value, dict)
                and value.keys() == attributes.keys()
                and all(_fits(item, attributes[name]) for name, item in value.items())
            )
        case ["tuple", elements]:
            return isinstance(value, list) and len(value) == len(elements) and all(map(_fits, value, elements))
    return False


def _inferred(there: list[Any]) -> Any:
    """A type that all of these values are of."""
    values = [value for value in there if value not in (None, "unknown")]
    if not values:
        return "string"
    if all(isinstance(value, dict) for value in values):
        names = {frozenset(value) for value in values}
        if len(names) == 1:
            return ["object", {name: _inferred([value[name] for value in values]) for name in sorted(*names)}]
        return ["map", _inferred([item for value in values for item in value.values()])]
    if all(isinstance(value, list) for value in values):
        return ["list", _inferred([item for value in values for item in value])]
    return "number" if "number" in values else values[0]
