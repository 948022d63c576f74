"""Identity-bearing Terraform resources of platforms without an adapter: stated, so that the rules can refuse them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

from gate.inputs.documents import TerraformPlan, TerraformResource
from gate.model.access import AccessModel, NotAnalysed, Source, TerraformProvider

# What bears identity only where this attribute is set.
_ONLY_WITH = {
    "runs as its identity block": "identity",
    "credential, where it has a secret": "generate_secret",
}
_PLATFORMS = ("google_", "azurerm_", "azuread_", "kubernetes_", "github_", "vault_", "okta_", "aws_")


def extract(plans: Sequence[TerraformPlan], side: Literal["before", "after"], model: AccessModel) -> None:
    """Add every managed resource of a listed type that exists on ``side`` to ``model.not_analysed``.

    One that is updated stands only in ``after``: nobody here can tell what it allowed from what it will allow.
    """
    for plan in plans:
        for resource in plan.resources.values():
            if resource.mode != "managed" or not resource.type.startswith(_PLATFORMS):
                continue
            known = _types().get(resource.type)
            values = resource.before if side == "before" else resource.after
            if known is None or values is None or (side == "before" and resource.change == "update"):
                continue
            platform, role = known
            needed = _ONLY_WITH.get(role)
            if needed is not None and not (values.get(needed) or _unknown(resource, needed)):
                continue
            source = Source(resource.address, None, resource.location)
            model.not_analysed.append(NotAnalysed(resource.type, platform, role, source, resource.change))


def _unknown(resource: TerraformResource, attribute: str) -> bool:
    return isinstance(resource.unknown, dict) and bool(resource.unknown.get(attribute))


@cache
def _types() -> dict[str, tuple[TerraformProvider, str]]:
    """Terraform type → (platform, why it bears identity); see ``data/not_analysed.json``."""
    text = resources.files("gate.extract").joinpath("data/not_analysed.json").read_text("utf-8")
    table: dict[TerraformProvider, dict[str, list[str]]] = json.loads(text)
    return {
        type_: (platform, role) for platform, roles in table.items() for role, types in roles.items() for type_ in types
    }
