"""A real plan, grown: the same resources again and again under other names, as copies of a module would be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def grown(plan: Path, resources: int) -> dict[str, Any]:
    """A plan with ``resources`` resource changes made from ``plan``; copy k stands under ``module.copy_k``.

    The last copy is cut off where the number is reached.
    """
    base = json.loads(plan.read_text())
    managed = [c for c in base["resource_changes"] if c.get("mode") == "managed"]
    names = {v for c in managed for k, v in (c["change"]["after"] or {}).items() if k in NAMING and isinstance(v, str)}
    copies = -(-resources // len(base["resource_changes"]))
    text = json.dumps([base["resource_changes"], base["planned_values"]["root_module"]])
    root = base["configuration"]["root_module"]
    changes: list[dict[str, Any]] = []
    planned: list[dict[str, Any]] = []
    for copy in range(copies):
        own = text
        for name in names:
            own = own.replace(f'"{name}"', f'"{name}-{copy}"').replace(f"/{name}\\", f"/{name}-{copy}\\")
        module = f"module.copy_{copy}"
        own_changes, own_planned = json.loads(own)
        planned.append(_within(module, own_planned))
        for change, first in zip(own_changes, base["resource_changes"], strict=True):
            change["name"] = first["name"]  # the label stands in the address, which is no value
            inner = change.get("module_address")
            change["address"] = f"{module}.{change['address']}"
            change["module_address"] = f"{module}.{inner}" if inner else module
            changes.append(change)
    calls = {f"copy_{copy}": {"source": "./stack", "module": root} for copy in range(copies)}
    configuration = base["configuration"] | {"root_module": {"module_calls": calls}}
    kept = {change["address"] for change in changes[:resources]}
    planned = [_of(module, kept) for module in planned]
    return {k: v for k, v in base.items() if k != "prior_state"} | {
        "resource_changes": changes[:resources],
        "planned_values": {"root_module": {"child_modules": planned}},
        "configuration": configuration,
    }


def _within(module: str, planned: dict[str, Any]) -> dict[str, Any]:
    """A module of ``planned_values`` (checkov reads nothing else) as it stands inside ``module``."""
    inside = planned | {"address": f"{module}.{planned['address']}" if "address" in planned else module}
    inside["resources"] = [_labelled(r, module) for r in planned.get("resources", ())]
    inside["child_modules"] = [_within(module, child) for child in planned.get("child_modules", ())]
    return inside


def _of(planned: dict[str, Any], kept: set[str]) -> dict[str, Any]:
    """A module of ``planned_values`` with these resources only."""
    inside = planned | {"resources": [r for r in planned.get("resources", ()) if r["address"] in kept]}
    return inside | {"child_modules": [_of(child, kept) for child in planned.get("child_modules", ())]}


def _labelled(resource: dict[str, Any], module: str) -> dict[str, Any]:
    label = resource["address"].rpartition(".")[2].partition("[")[0]
    return resource | {"address": f"{module}.{resource['address']}", "name": label}


NAMING = ("name", "bucket", "function_name", "family", "identifier", "cluster_name")
