"""Identity-bearing Terraform resources of platforms without an adapter: stated, so that the rules can refuse them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

from gate.inputs.documents import TerraformPlan
from gate.model.access import AccessModel, NotAnalysed, Source

_PLATFORMS = ("google_", "azurerm_", "azuread_", "kubernetes_", "github_", "vault_", "okta_", "aws_")


def extract(plans: Sequence[TerraformPlan], side: Literal["before", "after"], model: AccessModel) -> None:
    """Add every managed resource of a listed type that exists on ``side`` to ``model.not_analysed``."""
    for plan in plans:
        for resource in plan.resources.values():
            if resource.mode != "managed" or not resource.type.startswith(_PLATFORMS):
                continue
            known = _types().get(resource.type)
            if known is None or (resource.before if side == "before" else resource.after) is None:
                continue
            platform, role = known
            source = Source(resource.address, None, resource.location)
            model.not_analysed.append(NotAnalysed(resource.type, platform, role, source, resource.change))


@cache
def _types() -> dict[str, tuple[str, str]]:
    """Terraform type → (platform, why it bears identity); see ``data/not_analysed.json``."""
    text = resources.files("gate.extract").joinpath("data/not_analysed.json").read_text("utf-8")
    table: dict[str, dict[str, list[str]]] = json.loads(text)
    return {
        type_: (platform, role) for platform, roles in table.items() for role, types in roles.items() for type_ in types
    }
