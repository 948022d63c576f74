"""What an evaluation knows goes into the plan where the plan knows nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gate.inputs.documents import Reference, TerraformPlan, TerraformResource
from gate.inputs.terraform.evaluation.symbols import Symbols, texts
from gate.inputs.terraform.plan_configuration import without_keys

# A symbol for an attribute that nobody configured says nothing, except where it is what others name the resource by.
_IDENTIFYING = frozenset({"arn", "id", "name"})
# Attributes whose text is a document: a stand-in for it is no document that anybody could review.
_DOCUMENTS = frozenset({"json", "minified_json", "policy", "policy_data", "assume_role_policy", "rendered"})


def attributed(plan: TerraformPlan, made: list[dict[str, Any]]) -> Symbols:
    """Which attribute of which resource each stand-in of an evaluated plan stands for. ``made``: as the provider notes.

    A resource that takes another's value as its own argument shows the same text; the one that does not set it owns it.
    """
    by_type: dict[tuple[str, str, str], str] = {}
    for entry in made:
        for value in entry["values"]:
            by_type[entry["type"], value["path"], value["value"]] = value["token"]
    symbols = Symbols()
    configured: set[str] = set()
    for address, resource in plan.resources.items():
        kind = f"data.{resource.type}" if resource.mode == "data" else resource.type
        for path, text in texts(resource.after or {}):
            token = by_type.get((kind, path, text))
            if token is None:
                continue
            sets = path.split(".", 1)[0] in resource.expressions
            if token not in symbols.references or (token in configured and not sets):
                symbols.references[token], symbols.values[token] = Reference(address, path), text
                (configured.add if sets else configured.discard)(token)
    return symbols


def filled(plan: TerraformPlan, evaluated: TerraformPlan, symbols: Symbols) -> TerraformPlan:
    """``plan`` with each value that was not known before apply replaced by the evaluated one, when there is one."""
    resources = {
        address: _filled(resource, evaluated.resources.get(address), symbols)
        for address, resource in plan.resources.items()
    }
    return replace(
        plan,
        file=replace(plan.file, notes=evaluated.file.notes),
        resources=resources,
        symbols=dict(symbols.references),
        not_evaluated=evaluated.not_evaluated,
    )


def without_own_symbols(plan: TerraformPlan, symbols: Symbols) -> TerraformPlan:
    """A plan that is an evaluation itself: values nobody configured, which the provider made up, go."""
    resources = {}
    for address, resource in plan.resources.items():
        if resource.after is None:
            continue
        after = {
            name: value if name in _IDENTIFYING else _without_own(value, address, symbols)
            for name, value in resource.after.items()
        }
        after, unknown = _reviewable(replace(resource, after=after), symbols)
        resources[address] = replace(resource, after=after, unknown=unknown, change="create", before=None)
    return replace(plan, resources=resources, symbols=dict(symbols.references), has_before=False)


def _reviewable(resource: TerraformResource, symbols: Symbols) -> tuple[dict[str, Any], Any]:
    """Values and what is unknown: an argument that is nothing but a stand-in for a document is not known."""
    after = dict(resource.after or {})
    unknown = dict(resource.unknown) if isinstance(resource.unknown, dict) else {}
    for name in resource.expressions:
        if _is_document(after.get(name), symbols):
            after[name], unknown[name] = None, True
    return after, unknown


def _is_document(value: Any, symbols: Symbols) -> bool:
    if not isinstance(value, str):
        return False
    reference = symbols.references.get(value)
    return reference is not None and reference.attribute.rsplit(".", 1)[-1] in _DOCUMENTS


def _filled(resource: TerraformResource, evaluated: TerraformResource | None, symbols: Symbols) -> TerraformResource:
    if not evaluated or evaluated.after is None or resource.after is None or not isinstance(resource.unknown, dict):
        return resource
    after, unknown = dict(resource.after), dict(resource.unknown)
    for name, not_known in resource.unknown.items():
        if not_known and name in evaluated.after:
            still = evaluated.unknown.get(name, False) if isinstance(evaluated.unknown, dict) else evaluated.unknown
            new = evaluated.after[name]
            if name in resource.expressions and (new is None or _own(new, resource.address, symbols)) and not still:
                # The expression is null: the service's default stands, which nobody wrote.
                after[name], unknown[name] = None, False
                continue
            if _is_document(new, symbols):
                continue
            own = None if name in _IDENTIFYING else resource.address
            after[name], unknown[name] = _merged(after.get(name), not_known, new, still, own, symbols)
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
    """A value without what only the provider put there."""
    if isinstance(value, list):
        return [_without_own(item, address, symbols) for item in value if isinstance(item, dict | list)] + [
            item for item in value if not isinstance(item, dict | list) and not _own(item, address, symbols)
        ]
    if isinstance(value, dict):
        return {name: _without_own(item, address, symbols) for name, item in value.items()}
    return None if _own(value, address, symbols) else value
