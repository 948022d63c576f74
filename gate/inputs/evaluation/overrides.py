"""The test file that lets Terraform plan without credentials: ``gate.tftest.json``.

Every block of it is documented at https://developer.hashicorp.com/terraform/language/tests/mocking. Only a
provider that makes no call while planning (aws with dummy settings, local) works with its own logic; every other one
is mocked, so that nothing of an untrusted change executes: no ``external`` program, no ``http`` request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gate.inputs.documents import TerraformPlan, TerraformResource
from gate.inputs.evaluation.default_tags import default_tags
from gate.inputs.evaluation.overlay import Module
from gate.inputs.evaluation.schemas import Types
from gate.inputs.evaluation.symbols import Symbols, of_type
from gate.inputs.hcl_blocks import Block, expressions
from gate.inputs.terraform_configuration import without_keys

# Data sources of the AWS provider that compute their answer without calling AWS.
_PURE = frozenset(
    (
        "aws_arn",
        "aws_billing_service_account",
        "aws_cloudtrail_service_account",
        "aws_default_tags",
        "aws_elb_hosted_zone_id",
        "aws_elb_service_account",
        "aws_iam_policy_document",
        "aws_partition",
        "aws_redshift_service_account",
        "aws_region",
        "aws_service",
        "aws_service_principal",
        "local_file",
    )
)
_DUMMY_AWS = {
    "access_key": "mock",
    "secret_key": "mock",
    "skip_credentials_validation": True,
    "skip_requesting_account_id": True,
    "skip_metadata_api_check": True,
    "skip_region_validation": True,
}
_OWN_LOGIC = frozenset({"aws", "local", "terraform"})
_NAME = re.compile(r"(?<![\w.\-])([A-Za-z_][\w-]*)\.([A-Za-z_][\w-]*)")
_LITERAL = r'^\s*{}\s*=\s*"([^"$%\n]*)"\s*$'


@dataclass(frozen=True, slots=True)
class ComputedTypes:
    """Computed attributes of resources and of data sources, by type."""

    resources: Types
    data: Types

    def without_blocks(self) -> ComputedTypes:
        """Without what providers compute inside nested blocks: OpenTofu cannot override that."""

        def attributes(types: Types) -> Types:
            return {
                name: {attribute: kind for attribute, kind in computed.items() if kind[0] != "block"}
                for name, computed in types.items()
            }

        return ComputedTypes(attributes(self.resources), attributes(self.data))


def test_file(
    modules: list[Module],
    types: ComputedTypes,
    symbols: Symbols,
    plan: TerraformPlan | None,
    variables: Mapping[str, Any],
    product: str,
) -> str:
    """The test file for one configuration. ``plan``: a plan of it, whose known values are used instead of symbols.

    ``product``: terraform or tofu, which differ in one argument.
    """
    prefixes = {b.labels[0].split("_")[0] for m in modules for kind in ("resource", "data") for b, _ in m.named(kind)}
    tags = default_tags(modules[0])
    mocked, dummies = _providers(modules[0], prefixes, tags)
    # OpenTofu overrides while planning and does not know the argument that asks for it; it takes no instance keys, and
    # one symbol for several instances would mix them up, so documents that mention such resources stay unknown there.
    keyed = product == "terraform"
    during = {"override_during": "plan"} if keyed else {}
    types = types if keyed else types.without_blocks()
    content: dict[str, Any] = {
        "provider": dummies,
        "mock_provider": mocked,
        "variables": dict(variables),
        "override_resource": [
            block | during
            for block in _resources(modules, types, symbols, plan, tags.get(None, {}))
            if keyed or "[" not in block["target"]
        ],
        "override_data": list(_data(modules, types, symbols, plan if keyed else None)),
        "run": {"gate": {"command": "plan"}},
    }
    return json.dumps({key: value for key, value in content.items() if value})


def _providers(
    root: Module, prefixes: set[str], tags: Mapping[str | None, dict[str, str]]
) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """A test file's provider block replaces the configuration's: one for each alias of the root module.

    ``tags``: ``default_tags`` by alias.
    """
    aliases: dict[str, dict[str | None, dict[str, Any]]] = {name: {None: {}} for name in prefixes | _required(root)}
    for block, text in root.named("provider"):
        body = text[block.body : block.end]
        named = re.search(_LITERAL.format("alias"), body, re.MULTILINE)
        region = re.search(_LITERAL.format("region"), body, re.MULTILINE)
        settings: dict[str, Any] = {"region": region[1]} if region else {}
        if block.labels[0] == "aws" and (own_tags := tags.get(named[1] if named else None)):
            settings["default_tags"] = {"tags": own_tags}
        aliases.setdefault(block.labels[0], {None: {}})[named[1] if named else None] = settings
    mocked: dict[str, list[Any]] = {}
    dummies: dict[str, list[Any]] = {}
    for name, found in aliases.items():
        if name in ("local", "terraform"):
            continue
        for alias, settings in found.items():
            own = {"alias": alias} if alias else {}
            if name == "aws":
                dummies.setdefault(name, []).append(_DUMMY_AWS | {"region": "us-east-1"} | settings | own)
            else:
                mocked.setdefault(name, []).append(own)
    return mocked, dummies


def _required(root: Module) -> set[str]:
    """Local names of the root's ``required_providers``."""
    found: set[str] = set()
    for block, text in root.named("terraform"):
        inner = re.search(r"required_providers\s*\{(.*?)\n\s*\}\s*\n", text[block.body : block.end], re.DOTALL)
        if inner:
            found |= set(re.findall(r"^\s*([\w-]+)\s*=\s*[{\"]", inner[1], re.MULTILINE)) - {"source", "version"}
    return found


def _prefix(module: Module) -> str:
    return "".join(f"module.{part}." for part in module.key.split(".")) if module.key else ""


def _resources(
    modules: list[Module],
    types: ComputedTypes,
    symbols: Symbols,
    plan: TerraformPlan | None,
    tags: dict[str, str],
) -> Iterator[dict[str, Any]]:
    """One override for each managed resource that something mentions: for each instance where a plan lists them."""
    instances = _instances(plan, "managed")
    for module in modules:
        mentioned = {name for text in {t for _, t in module.blocks} for name in _NAME.findall(text)}
        for block, text in module.named("resource"):
            if len(block.labels) != 2 or block.labels not in mentioned or block.labels[0] not in types.resources:
                continue
            address = _prefix(module) + ".".join(block.labels)
            computed = _open(types.resources[block.labels[0]], block, text)
            for resource in instances.get(address, [None]):
                target = resource.address if resource else address
                values = {
                    name: _value(symbols, target, name, kind, resource.after if resource else None, resource)
                    for name, kind in computed.items()
                }
                if tags and "tags_all" in values:
                    values["tags_all"] = tags | (values["tags_all"] or {})
                yield {"target": target, "values": _known(values)}


def _data(
    modules: list[Module], types: ComputedTypes, symbols: Symbols, plan: TerraformPlan | None
) -> Iterator[dict[str, Any]]:
    """One override for each data source that would call out: the plan's answer, else symbols."""
    instances = _instances(plan, "data")
    for module in modules:
        text_of_module = "\n".join({t for _, t in module.blocks})
        for block, text in module.named("data"):
            if len(block.labels) != 2 or block.labels[0] in _PURE:
                continue
            address = f"{_prefix(module)}data." + ".".join(block.labels)
            if block.labels[0] == "terraform_remote_state":
                outputs = set(
                    re.findall(rf"data\.terraform_remote_state\.{block.labels[1]}\.outputs\.(\w+)", text_of_module)
                )
                yield {
                    "target": address,
                    "values": {"outputs": {o: symbols.value(address, f"outputs.{o}") for o in outputs}},
                }
                continue
            computed = _open(types.data.get(block.labels[0], {}), block, text)
            for resource in instances.get(address, [None]):
                target = resource.address if resource else address
                values = {
                    name: _value(symbols, target, name, _several(kind), resource.after if resource else None, resource)
                    for name, kind in computed.items()
                }
                yield {"target": target, "values": _known(values)}


def _open(computed: dict[str, Any], block: Block, text: str) -> dict[str, Any]:
    """The computed attributes that a block leaves open: OpenTofu refuses an override of what the source sets."""
    taken = expressions(text[block.body : block.end - 1])
    return {name: kind for name, kind in computed.items() if name not in taken or isinstance(taken[name], list)}


def _value(
    symbols: Symbols,
    address: str,
    name: str,
    kind: Any,
    known: dict[str, Any] | None,
    resource: TerraformResource | None,
) -> Any:
    """The plan's value where it knows one that is not sensitive, else a symbol."""
    if resource and known is not None and known.get(name) is not None:
        unknown = resource.unknown.get(name) if isinstance(resource.unknown, dict) else resource.unknown
        sensitive = resource.sensitive.get(name) if isinstance(resource.sensitive, dict) else resource.sensitive
        if not unknown and not sensitive and not (isinstance(kind, list) and kind[0] == "block"):
            return known[name]
    return of_type(symbols, address, name, kind)


def _several(kind: Any) -> Any:
    """Lists of texts that a cloud answers have several elements more often than one (availability zones, subnets)."""
    return ["tuple", ["string"] * 3] if kind in (["list", "string"], ["set", "string"]) else kind


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _instances(plan: TerraformPlan | None, mode: str) -> dict[str, list[TerraformResource | None]]:
    """The plan's resources by address without instance keys; those that go away are not there after the change."""
    found: dict[str, list[TerraformResource | None]] = {}
    for resource in plan.resources.values() if plan else ():
        if resource.mode == mode and resource.change != "delete":
            found.setdefault(without_keys(resource.address), []).append(resource)
    return found
