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
    """A plan that is an evaluation itself: values nobody configured, which the override invented, go."""
    resources = {
        address: replace(
            resource,
            after={
                name: value if name in _IDENTIFYING else _without_own(value, address, symbols)
                for name, value in resource.after.items()
            },
        )
        if resource.after is not None
        else resource
        for address, resource in plan.resources.items()
    }
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
        if not_known and name in evaluated.after:
            still = evaluated.unknown.get(name, False) if isinstance(evaluated.unknown, dict) else evaluated.unknown
            own = None if name in _IDENTIFYING else resource.address
            after[name], unknown[name] = _merged(after.get(name), not_known, evaluated.after[name], still, own, symbols)
    return replace(resource, after=after, unknown=unknown)


def _merged(value: Any, unknown: Any, new: Any, still: Any, own: str | None, symbols: Symbols) -> tuple[Any, Any]:
    """A value and what is unknown of it, after each unknown part took what the evaluation says about it.

    ``own``: the address whose symbols say nothing here: nobody configured such a part.
    """
    if isinstance(unknown, dict) and isinstance(value, dict) and isinstance(new, dict):
        left = still if isinstance(still, dict) else dict.fromkeys(new, still)
        parts = {
            name: _merged(value.get(name), open_part, new.get(name), left.get(name, False), own, symbols)
            for name, open_part in unknown.items()
        }
        return value | {n: v for n, (v, _) in parts.items()}, {n: u for n, (_, u) in parts.items()}
    if isinstance(unknown, list) and isinstance(value, list) and isinstance(new, list) and len(value) == len(new):
        open_ = still if isinstance(still, list) and len(still) == len(new) else [still] * len(new)
        items = [_merged(*item, own, symbols) for item in zip(value, unknown, new, open_, strict=False)]
        return [v for v, _ in items], [u for _, u in items]
    if not unknown or new is None or (own is not None and _own(new, own, symbols)):
        return value, unknown
    return new, still


def _own(value: Any, address: str, symbols: Symbols) -> bool:
    """Whether a value has the resource's own symbols in it: then the configuration did not set it."""
    if isinstance(value, str):
        return any(without_keys(r.address) == without_keys(address) for r in symbols.named_by(value))
    if isinstance(value, list):
        return any(_own(item, address, symbols) for item in value)
    if isinstance(value, dict):
        return any(_own(item, address, symbols) for item in value.values())
    return False


def _without_own(value: Any, address: str, symbols: Symbols) -> Any:
    """A value without what only the override put there."""
    if isinstance(value, list):
        return [_without_own(item, address, symbols) for item in value if isinstance(item, dict | list)] + [
            item for item in value if not isinstance(item, dict | list) and not _own(item, address, symbols)
        ]
    if isinstance(value, dict):
        return {name: _without_own(item, address, symbols) for name, item in value.items()}
    return None if _own(value, address, symbols) else value
