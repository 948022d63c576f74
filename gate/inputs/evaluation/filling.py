"""What an evaluation knows goes into the plan where the plan knows nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gate.inputs.documents import TerraformPlan, TerraformResource
from gate.inputs.evaluation.overlay import Module
from gate.inputs.evaluation.symbols import Symbols
from gate.inputs.hcl_blocks import expressions
from gate.inputs.terraform_configuration import without_keys

# A symbol for an attribute that nobody configured says nothing, except where it is what others name the resource by.
_IDENTIFYING = frozenset({"arn", "id", "name"})


def filled(plan: TerraformPlan, evaluated: TerraformPlan, symbols: Symbols) -> TerraformPlan:
    """``plan`` with each value that was not known before apply replaced by the evaluated one, when there is one."""
    resources = {
        address: _filled(resource, evaluated.resources.get(address), symbols)
        for address, resource in plan.resources.items()
    }
    return replace(plan, resources=resources, symbols=dict(symbols.references))


def without_own_symbols(plan: TerraformPlan, symbols: Symbols) -> TerraformPlan:
    """A plan that is an evaluation itself: values nobody configured, which the override invented, are unknown again."""
    resources = {}
    for address, resource in plan.resources.items():
        unknown = dict(resource.unknown) if isinstance(resource.unknown, dict) else {}
        after = dict(resource.after or {})
        for name, value in after.items():
            if name not in _IDENTIFYING and _own(value, address, symbols):
                after[name], unknown[name] = None, name in resource.expressions
        resources[address] = replace(resource, after=after if resource.after is not None else None, unknown=unknown)
    return replace(plan, resources=resources, symbols=dict(symbols.references))


def configured(plan: TerraformPlan, found: list[Module]) -> TerraformPlan:
    """A plan that is an evaluation itself, with what a plan's configuration tells: which arguments the source sets."""
    set_by: dict[tuple[str, str, str, str], dict[str, Any]] = {
        (module.key, block.kind, *block.labels[:2]): expressions(text[block.body : block.end - 1])
        for module in found
        for kind in ("resource", "data")
        for block, text in module.named(kind)
        if len(block.labels) == 2
    }
    resources = {}
    for address, resource in plan.resources.items():
        key = without_keys(resource.module).removeprefix("module.").replace(".module.", ".")
        kind = "data" if resource.mode == "data" else "resource"
        found_expressions = set_by.get((key, kind, resource.type, resource.name), {})
        resources[address] = replace(resource, expressions=found_expressions)
    return replace(plan, resources=resources, configuration={"root_module": {}})


def _filled(resource: TerraformResource, evaluated: TerraformResource | None, symbols: Symbols) -> TerraformResource:
    if not evaluated or evaluated.after is None or resource.after is None or not isinstance(resource.unknown, dict):
        return resource
    after, unknown = dict(resource.after), dict(resource.unknown)
    for name, not_known in resource.unknown.items():
        if not not_known or name not in evaluated.after:
            continue
        value = evaluated.after[name]
        still = evaluated.unknown.get(name, False) if isinstance(evaluated.unknown, dict) else evaluated.unknown
        if value is None or (name not in _IDENTIFYING and _own(value, resource.address, symbols)):
            continue
        after[name], unknown[name] = value, still
    return replace(resource, after=after, unknown=unknown)


def _own(value: Any, address: str, symbols: Symbols) -> bool:
    """Whether a value consists of the resource's own symbols: then the configuration did not set it."""
    if isinstance(value, str):
        return any(r.address.split("[")[0] == address.split("[")[0] for r in symbols.named_by(value))
    if isinstance(value, list):
        return any(_own(item, address, symbols) for item in value)
    if isinstance(value, dict):
        return any(_own(item, address, symbols) for item in value.values())
    return False
