"""What an apply does by itself: programs that run where Terraform runs.

A provisioner and the data source ``external`` run with the credentials of whoever applies; what they do stands in no
plan. https://developer.hashicorp.com/terraform/language/resources/provisioners/syntax
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gate.inputs.documents import TerraformPlan, TerraformResource
from gate.inputs.terraform.plan_configuration import without_keys
from gate.model.access import AccessModel, Effect, Source


def extract(plans: Sequence[TerraformPlan], model: AccessModel) -> None:
    """Add the programs that applying ``plans`` runs to ``model``; the side before has none."""
    for plan in plans:
        for resource in plan.resources.values():
            model.effects.extend(_of(plan, resource))


def _of(plan: TerraformPlan, resource: TerraformResource) -> Iterator[Effect]:
    if resource.change in ("none", "delete"):
        return
    source = Source(resource.address, None, resource.location)
    if resource.mode == "data" and resource.type == "external":
        yield Effect("external-program", "external", source, change=resource.change)
    for provisioner in _provisioners(plan, resource):
        kind = provisioner.get("type")
        if isinstance(kind, str):
            yield Effect("provisioner", kind, source, change=resource.change)


def _provisioners(plan: TerraformPlan, resource: TerraformResource) -> list[dict[str, Any]]:
    module = plan.modules.get(without_keys(resource.module))
    block = module["resources"].get((resource.mode, resource.type, resource.name)) if module else None
    found = block.get("provisioners") if block else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
