"""Whether the parts of a plan tell the same story: a plan that contradicts itself was not written by Terraform.

``terraform show -json`` derives ``planned_values`` from the same changes as ``resource_changes``, and ``before`` from
the same state as ``prior_state``. A job that runs code of the change can rewrite the file; what was changed in one
place only is found here.
https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gate.errors import InputError
from gate.inputs.terraform.plan_configuration import misshapen, without_keys

_HINT = "Give the gate the plan file itself (terraform plan -out plan.tfplan): then nothing can change its JSON."
_EMPTY: tuple[Any, ...] = (None, {}, [])
_LETTING_GO = (["delete"], ["forget"])
_GOING = (*_LETTING_GO, ["no-op"])


def refuse_contradictions(plan: dict[str, Any], modules: dict[str, dict[str, Any]], path: str) -> None:
    """``InputError`` when parts of a plan (``resource_changes`` checked for shape already) contradict each other.

    ``modules``: its configuration, as ``index_modules`` gives it.
    """
    changes: dict[str, dict[str, Any]] = {}
    moved: set[str] = set()
    seen: set[tuple[str, Any]] = set()
    for index, entry in enumerate(plan.get("resource_changes") or []):
        address, deposed = entry["address"], entry.get("deposed")
        if (address, deposed) in seen:
            raise _contradiction(path, f"resource_changes holds {_shown(address)} twice")
        seen.add((address, deposed))
        if deposed:
            if entry["change"]["actions"] not in _GOING:
                raise misshapen(path, f"resource_changes[{index}]", "a deposed object that goes away")
            continue
        if not _is_address_of(entry):
            raise _contradiction(path, f"resource_changes[{index}] has an address that is not of its type and name")
        if entry["change"]["actions"] in _LETTING_GO and not _lets_go(entry["change"]):
            raise misshapen(path, f"resource_changes[{index}]", "a resource that was there and is not afterwards")
        changes[address] = entry
        moved.update(text for text in [entry.get("previous_address")] if isinstance(text, str))
    _planned(plan, changes, path)
    _existing(plan, changes, moved, path)
    _configured(changes, modules, path)
    _constants(changes, modules, path)


def _lets_go(change: dict[str, Any]) -> bool:
    return change.get("before") is not None and change.get("after") is None


def _contradiction(path: str, what: str) -> InputError:
    return InputError(f"{path}: {what}, so this is not a plan that Terraform wrote.", hint=_HINT)


def _shown(address: str) -> str:
    return address if len(address) < 200 and address.isprintable() else "a resource"


def _is_address_of(entry: dict[str, Any]) -> bool:
    own = f"{'data.' if entry.get('mode') == 'data' else ''}{entry['type']}.{entry['name']}"
    address, module = entry["address"], entry.get("module_address")
    if isinstance(module, str) and module:
        own = f"{module}.{own}"
    elif address.startswith("module."):
        at = address.rfind(f".{own}") + 1
        own = address[: at + len(own)] if at else own
    rest = address.removeprefix(own)
    return rest != address and (not rest or (rest[0] == "[" and rest[-1] == "]"))


def _planned(plan: dict[str, Any], changes: dict[str, dict[str, Any]], path: str) -> None:
    """``planned_values`` are the same changes once more: whatever is there afterwards."""
    if not isinstance(plan.get("planned_values"), dict):
        return
    planned = dict(_resources(plan["planned_values"], path, "planned_values"))
    for address, values in planned.items():
        entry = changes.get(address)
        if entry is None or not _same(values, entry["change"].get("after")):
            raise _contradiction(path, f"planned_values and resource_changes differ about {_shown(address)}")
    for address, entry in changes.items() if planned else ():
        stays = entry["change"]["actions"] not in (["delete"], ["forget"])
        if stays and entry["change"].get("after") is not None and address not in planned:
            raise _contradiction(path, f"planned_values leaves out {_shown(address)}")


def _existing(plan: dict[str, Any], changes: dict[str, dict[str, Any]], moved: set[str], path: str) -> None:
    """``before`` is what the state says."""
    prior = plan.get("prior_state")
    if not isinstance(prior, dict) or not isinstance(prior.get("values"), dict):
        return
    state = dict(_resources(prior["values"], path, "prior_state"))
    for address, entry in changes.items():
        change = entry["change"]
        if entry.get("mode") == "data" or change["actions"] == ["delete"]:
            continue  # what is destroyed was not refreshed in the same way
        if address in state and address not in moved and not _same(state[address], change.get("before")):
            raise _contradiction(path, f"prior_state and resource_changes differ about {_shown(address)}")


def _configured(changes: dict[str, dict[str, Any]], modules: dict[str, dict[str, Any]], path: str) -> None:
    """What is created stands in the configuration, when the plan has one."""
    if not any(module["resources"] or module["calls"] for module in modules.values()):
        return
    for address, entry in changes.items():
        module = entry.get("module_address") or ""
        known = modules.get(without_keys(module) if isinstance(module, str) else "")
        block = (entry.get("mode", "managed"), entry["type"], entry["name"])
        if "create" in entry["change"]["actions"] and (known is None or block not in known["resources"]):
            raise _contradiction(path, f"the configuration lacks {_shown(address)}, which resource_changes creates")


def _constants(changes: dict[str, dict[str, Any]], modules: dict[str, dict[str, Any]], path: str) -> None:
    """A policy document or an ARN that the configuration writes out is what a resource is created with.

    Other texts are not compared: a provider may store them in a form of its own (``StateFunc``), these it only formats.
    """
    for address, entry in changes.items():
        module, after = entry.get("module_address") or "", entry["change"].get("after")
        if entry["change"]["actions"] != ["create"] or entry.get("mode") == "data" or not isinstance(after, dict):
            continue
        known = modules.get(without_keys(module) if isinstance(module, str) else "") or {"resources": {}}
        block = known["resources"].get(("managed", entry["type"], entry["name"]))
        expressions = block.get("expressions") if block else None
        for name, expression in expressions.items() if isinstance(expressions, dict) else ():
            constant = expression.get("constant_value") if isinstance(expression, dict) else None
            planned = after.get(name)
            if isinstance(constant, str) and isinstance(planned, str) and not _same_text(constant, planned):
                raise _contradiction(path, f"configuration and resource_changes differ about {_shown(address)}")


def _same_text(constant: str, planned: str) -> bool:
    if constant == planned:
        return True
    if constant.startswith("arn:"):
        return constant.casefold() == planned.casefold()
    written = _document(constant)
    return written is None or written == _document(planned)


def _document(text: str) -> Any:
    """A policy document by its meaning: one statement or a list, one value or a list, in any order."""
    try:
        found = json.loads(text) if text.lstrip()[:1] == "{" and "Statement" in text else None
    except (ValueError, RecursionError):
        return None
    return _ordered(found) if isinstance(found, dict) else None


def _ordered(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    parts = {name: inner if isinstance(inner, list) else [inner] for name, inner in value.items()}
    return {name: sorted(map(_ordered, inner), key=_text) for name, inner in parts.items()}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _resources(values: Any, path: str, where: str) -> Iterator[tuple[str, Any]]:
    """Address and values of each resource of a tree of modules, but for deposed ones."""
    todo = [values.get("root_module") or {}]
    while todo:
        module = todo.pop()
        if not isinstance(module, dict):
            raise misshapen(path, where, "a tree of modules")
        children, resources = (module.get(key) or [] for key in ("child_modules", "resources"))
        if not isinstance(children, list) or not isinstance(resources, list):
            raise misshapen(path, where, "a tree of modules")
        todo.extend(children)
        for resource in resources:
            if not isinstance(resource, dict) or not isinstance(resource.get("address"), str):
                raise misshapen(path, where, "a list of resources")
            if not resource.get("deposed_key"):
                yield resource["address"], resource.get("values")


def _same(one: Any, other: Any) -> bool:
    """Equal, where nothing and null are one."""
    if one == other:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_same(one.get(key), other.get(key)) for key in {*one, *other})
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one in _EMPTY and other in _EMPTY
