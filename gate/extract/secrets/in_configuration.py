"""Plaintext secrets of a Terraform configuration that stand in no value of the plan.

Provider blocks, arguments of module calls, defaults of the root's variables, outputs, provisioners and connections:
the plan shows them in its ``configuration`` alone. No plan tells what the configuration was before, so they count as
new.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gate.extract.secrets.literal_origins import Origins
from gate.extract.secrets.places import Found, Keys, beside_name, in_value
from gate.extract.secrets.plausible_values import announces
from gate.inputs.documents import TerraformPlan
from gate.model.access import Location


class Configured(NamedTuple):
    """A secret, the address of the block that it stands in, and where that block is."""

    found: Found
    address: str
    location: Location | None


def in_configuration(plan: TerraformPlan, origins: Origins) -> Iterator[Configured]:
    """Every secret that the configuration writes outside of the arguments of resources and data sources."""
    for key, provider in plan.providers.items():
        if isinstance(provider, dict):
            module, name = str(provider.get("module_address") or ""), str(provider.get("name") or key)
            alias = f".{provider['alias']}" if isinstance(provider.get("alias"), str) else ""
            at = _place(plan, module, "provider", name)
            for found in _written(origins, module, provider.get("expressions"), ()):
                yield Configured(found, f"{_prefix(module)}provider.{name}{alias}", at)
    for module, known in plan.modules.items():
        for name, call in known["calls"].items():
            for found in _written(origins, module, call.get("expressions"), ()):
                yield Configured(found, f"{_prefix(module)}module.{name}", _place(plan, module, "module", name))
        for (_, kind, name), resource in known["resources"].items():
            provisioners = _list(resource.get("provisioners"))
            at = _place_of(plan, kind, name) if provisioners else None
            for index, provisioner in enumerate(provisioners):
                for found in _written(origins, module, provisioner.get("expressions"), ("provisioner", index)):
                    yield Configured(found, f"{_prefix(module)}{kind}.{name}", at)
    root: dict[str, Any] = plan.modules.get("") or {}
    for name, output in (root.get("outputs") or {}).items():
        expression = output.get("expression") if isinstance(output, dict) else None
        value = origins.literal("", expression)
        for found in in_value(value, ("value",), named=announces(name, value)):
            yield Configured(found, f"output.{name}", _place(plan, "", "output", name))
    for name in root.get("variables") or {}:
        default = origins.literal("", {"references": [f"var.{name}"]})
        for found in in_value(default, ("default",), named=announces(name, default)):
            yield Configured(found, f"var.{name}", _place(plan, "", "variable", name))


def _written(origins: Origins, module: str, expressions: object, keys: Keys) -> Iterator[Found]:
    """The secrets of a tree of expressions."""
    if isinstance(expressions, list):
        for index, member in enumerate(expressions):
            yield from _written(origins, module, member, (*keys, index))
    elif isinstance(expressions, dict):
        known = {name: origins.literal(module, expression) for name, expression in expressions.items()}
        beside = beside_name(known)
        for name, value in known.items():
            if value is None:
                yield from _written(origins, module, expressions[name], (*keys, name))
            else:
                yield from in_value(value, (*keys, name), named=announces(name, value) or name == beside)


def _place_of(plan: TerraformPlan, kind: str, name: str) -> Location | None:
    return next((r.location for r in plan.resources.values() if (r.type, r.name) == (kind, name)), None)


def _list(value: object) -> list[dict[str, Any]]:
    return [member for member in value if isinstance(member, dict)] if isinstance(value, list) else []


def _prefix(module: str) -> str:
    return f"{module}." if module else ""


def _place(plan: TerraformPlan, module: str, kind: str, label: str) -> Location | None:
    place = ((plan.modules.get(module) or {}).get("places") or {}).get((kind, label))
    return place if isinstance(place, Location) else None
