"""What a plan knows already, for the inert provider: its resources as a state, its data sources as answers.

State format 4: https://developer.hashicorp.com/terraform/language/state. A resource's ``private`` carries what the plan
does not know of it: that, and only that, is made up.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from gate.inputs.documents import TerraformPlan, TerraformResource
from gate.inputs.terraform.plan_configuration import without_keys

_REGISTRIES = ("registry.terraform.io/", "registry.opentofu.org/")


def state(plan: TerraformPlan, types: set[tuple[str, str]], version: str) -> str:
    """A state with every managed resource there is after the plan. ``types``: (provider address, type) in use.

    Terraform and OpenTofu call the same provider by their own registry each; the state has it as in ``types``.
    """
    served = {(_without_registry(address), kind): address for address, kind in types}
    grouped: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}
    for resource in plan.resources.values():
        provider = served.get((_without_registry(resource.provider), resource.type))
        if resource.mode != "managed" or resource.after is None or provider is None:
            continue
        if not resource.expressions and without_keys(resource.module) not in plan.modules:
            continue
        open_ = _open(resource)
        private = base64.b64encode(json.dumps({"open": open_}).encode()).decode()
        instance: dict[str, Any] = {"schema_version": 0, "attributes": resource.after, "private": private}
        if resource.index is not None:
            instance["index_key"] = resource.index
        key = (resource.module, resource.type, resource.name, provider)
        grouped.setdefault(key, []).append(instance)
    resources = [
        {"mode": "managed", "type": kind, "name": name, "provider": f'provider["{provider}"]', "instances": instances}
        | ({"module": module} if module else {})
        for (module, kind, name, provider), instances in grouped.items()
    ]
    return json.dumps(
        {"version": 4, "terraform_version": version, "serial": 1, "lineage": "gate", "outputs": {}}
        | {"resources": resources}
    )


def _without_registry(address: str) -> str:
    return next((address.removeprefix(host) for host in _REGISTRIES if address.startswith(host)), address)


def _open(resource: TerraformResource) -> Any:
    """What is unknown of a resource, and what is sensitive: secrets are not handed on, something stands in for them."""
    if not isinstance(resource.unknown, dict):
        return bool(resource.unknown)
    sensitive = resource.sensitive if isinstance(resource.sensitive, dict) else {}
    return resource.unknown | {name: True for name, hidden in sensitive.items() if hidden is True}


def answers(plan: TerraformPlan) -> dict[str, list[dict[str, Any]]]:
    """What the plan's data sources answered, by type; the ones that are still to be read are left out."""
    found: dict[str, list[dict[str, Any]]] = {}
    for resource in plan.resources.values():
        if resource.mode != "data" or resource.after is None or _unknown(resource.unknown):
            continue
        hidden = resource.sensitive if isinstance(resource.sensitive, dict) else {}
        visible = {name: value for name, value in resource.after.items() if value is not None and not hidden.get(name)}
        found.setdefault(resource.type, []).append(visible)
    found.pop("aws_iam_policy_document", None)  # evaluated in full, with what is known now
    return found


def _unknown(tree: Any) -> bool:
    if isinstance(tree, dict):
        return any(_unknown(item) for item in tree.values())
    if isinstance(tree, list):
        return any(_unknown(item) for item in tree)
    return bool(tree)
