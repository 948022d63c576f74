"""The ``configuration`` of a plan, indexed: which expressions each resource was written with."""

from __future__ import annotations

import re
from typing import Any

from gate.errors import InputError

SHOW = "Write the plan with: terraform plan -out plan.out && terraform show -json plan.out > plan.json"
_KEYS = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]')


def without_keys(module: str) -> str:
    """A module path without instance keys: ``module.m["a"].module.n[0]`` is ``module.m.module.n``."""
    return _KEYS.sub("", module) if "[" in module else module


def part(parent: dict[str, Any], key: str, shape: type, path: str) -> Any:
    """A part of an object, empty when it is missing; ``InputError`` when it is of another shape."""
    value = parent.get(key)
    if value is None:
        return shape()
    if not isinstance(value, shape):
        raise misshapen(path, key, "an object" if shape is dict else "a list")
    return value


def misshapen(path: str, where: str, expected: str) -> InputError:
    """The error for a part of a plan that is not what it should be."""
    return InputError(f"{path}: {where} is not {expected}, so this is not a plan that Terraform wrote.", hint=SHOW)


def index_modules(configuration: dict[str, Any], path: str) -> dict[str, dict[str, Any]]:
    """The configuration by module path without instance keys; see ``TerraformPlan.modules``."""
    modules: dict[str, dict[str, Any]] = {}
    for provider in part(configuration, "provider_config", dict, path).values():
        if not isinstance(provider, dict):
            raise misshapen(path, "configuration.provider_config", "an object of providers")
        _check_expressions(provider, path)
    todo: list[tuple[str, Any]] = [("", configuration.get("root_module") or {})]
    while todo:
        at, module = todo.pop()
        if not isinstance(module, dict):
            raise misshapen(path, "configuration", "a tree of modules")
        calls = part(module, "module_calls", dict, path)
        index = modules[at] = empty_module()
        index["calls"], index["outputs"] = calls, part(module, "outputs", dict, path)
        index["variables"] = part(module, "variables", dict, path)
        for resource in part(module, "resources", list, path):
            if not isinstance(resource, dict):
                raise misshapen(path, "configuration", "a list of resources")
            _check_expressions(resource, path)
            mode, kind, name = resource.get("mode"), resource.get("type"), resource.get("name")
            if isinstance(mode, str) and isinstance(kind, str) and isinstance(name, str):
                index["resources"][mode, kind, name] = resource
        for name, call in calls.items():
            if not isinstance(call, dict):
                raise misshapen(path, "configuration", "a tree of module calls")
            _check_expressions(call, path)
            todo.append((f"{at}.module.{name}" if at else f"module.{name}", call.get("module") or {}))
    return modules


def _check_expressions(block: dict[str, Any], path: str) -> None:
    """``InputError`` unless expressions are objects, and references texts, all the way down."""
    expressions = block.get("expressions", {})
    if not isinstance(expressions, dict):
        raise misshapen(path, "configuration", "a tree with objects as expressions")
    todo: list[Any] = [expressions]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo.extend(node)
        elif isinstance(node, dict) and "constant_value" not in node:
            references = node.get("references")
            if isinstance(references, list) and any(isinstance(one, str) for one in references):
                if not all(isinstance(one, str) for one in references):
                    raise misshapen(path, "configuration", "a tree with strings as references")
            else:
                todo.extend(node.values())


def empty_module() -> dict[str, Any]:
    """A module nothing is known of; see ``TerraformPlan.modules``."""
    named: dict[str, Any] = {"resources": {}, "calls": {}, "outputs": {}, "variables": {}}
    return named | {"locals": "", "places": {}, "instances": set()}


def expressions_of(modules: dict[str, dict[str, Any]], module: str, mode: str, kind: str, name: str) -> dict[str, Any]:
    """The expressions of a resource of the module instance ``module``; ``{}`` when the configuration lacks it."""
    configured = modules.get(without_keys(module))
    resource = configured["resources"].get((mode, kind, name)) if configured else None
    expressions = resource.get("expressions") if resource else None
    return expressions if isinstance(expressions, dict) else {}
