"""Kubernetes objects that stand in Terraform plans, as the manifests they are.

Whole objects: ``kubectl_manifest`` (YAML in a text), ``kubernetes_manifest``, ``kustomization_resource`` and the
rendered manifests that a ``helm_release`` shows where its provider is asked to. And the kubernetes provider's own
resources, whose arguments are the API's in snake case, each object a block
(https://registry.terraform.io/providers/hashicorp/kubernetes). An object of which something is not known that decides
about access is left to ``not_analysed``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

from gate.extract.partial_objects import namespace_of_part
from gate.inputs.documents import Manifest, TerraformPlan, TerraformResource
from gate.inputs.manifests.manifest_files import parse_manifests

# Below these names nothing decides about access: what is not known there is left out.
_NO_ACCESS = frozenset(
    """
    env env_from image args command labels match_labels annotations resources limits requests capacity data binary_data
    replicas id uid generation resource_version status object strategy update_strategy selector managed_fields self_link
    """.split()  # noqa: SIM905
)
_DYNAMIC = object()  # stands for the expression of a dynamic block, which a plan's configuration leaves out
_MAPS = frozenset(
    ("labels", "annotations", "match_labels", "node_selector", "selector", "limits", "requests", "capacity")
)
_NUMBERS = frozenset(("run_as_user", "run_as_group", "fs_group"))


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects of one resource of a plan. ``literal``: they are written out in its source, whole."""

    resource: TerraformResource
    manifests: tuple[Manifest, ...]
    literal: bool


def objects_of(plans: Sequence[TerraformPlan], side: Literal["before", "after"]) -> Iterator[Objects]:
    """What the plans put into a cluster, on one side of the change; resources that cannot be read are left out."""
    for plan in plans:
        for resource in plan.resources.values():
            values = resource.after if side == "after" else resource.before
            if resource.mode != "managed" or values is None:
                continue
            unknown = resource.unknown if side == "after" else False
            read = _read(plan, resource, values, unknown)
            if read:
                yield Objects(resource, tuple(read), _is_literal(resource))


_TEXTS = {"kubectl_manifest": "yaml_body", "kustomization_resource": "manifest", "kubernetes_manifest": "manifest"}


def _is_literal(resource: TerraformResource) -> bool:
    """Whether the source writes the objects out; a function of literals has an expression without anything in it."""
    found = resource.expressions.get(_TEXTS.get(resource.type, ""))
    return isinstance(found, dict) and "references" not in found


def _read(plan: TerraformPlan, resource: TerraformResource, values: dict[str, Any], unknown: Any) -> list[Manifest]:  # noqa: ANN401
    if resource.type in _TEXTS or resource.type == "helm_release":
        given = values.get(_TEXTS.get(resource.type, "manifest"))
        hidden = unknown.get(_TEXTS.get(resource.type, "manifest")) if isinstance(unknown, dict) else unknown
        if not given or _decides(hidden, _DYNAMIC, ""):
            return []
        read = _parsed(plan, given)
        namespace = values.get("override_namespace")
        if isinstance(namespace, str) and namespace:
            read = [replace(manifest, namespace=namespace) for manifest in read]
        return [replace(manifest, location=resource.location, lines={}) for manifest in read]
    if (namespace_part := namespace_of_part(plan, resource, values)) is not None:
        return [namespace_part]
    known = _table("kinds").get(resource.type.removesuffix("_v1"))
    if known is None or _not_told(resource, unknown):
        return []
    body = _object(resource, values, known)
    metadata = body["metadata"]
    name = metadata.get("name") or metadata.get("generateName") or resource.name
    namespace = metadata.get("namespace")
    return [Manifest(plan.file, body["apiVersion"], body["kind"], namespace, str(name), body, resource.location)]


def is_object(resource_type: str) -> bool:
    """Whether a type of the provider is one object of a kind that is known."""
    return resource_type.removesuffix("_v1") in _table("kinds")


def _parsed(plan: TerraformPlan, given: object) -> list[Manifest]:
    """The objects of a text (YAML or JSON), of one object, or of a map of a release's; none when one is broken."""
    if isinstance(given, dict):
        given = json.dumps(given)
    if not isinstance(given, str):
        return []
    found = parse_manifests(given, plan.file)
    if not found.manifests and given.lstrip().startswith("{"):
        try:
            released = json.loads(given)
        except (ValueError, RecursionError):
            return []
        items = (
            {"apiVersion": "v1", "kind": "List", "items": list(released.values())} if isinstance(released, dict) else {}
        )
        found = parse_manifests(json.dumps(items), plan.file)
    return [] if found.broken or found.strangers or found.unread else found.manifests


def _not_told(resource: TerraformResource, unknown: Any) -> bool:  # noqa: ANN401
    """Whether something that decides about access is configured and not known; what a provider makes up is none."""
    if resource.type.startswith("kubernetes_config_map") and isinstance(unknown, dict) and unknown.get("data"):
        return True  # the map of a cluster's users may be one
    return _decides(unknown, resource.expressions, "")


def _decides(unknown: Any, expression: Any, name: str) -> bool:  # noqa: ANN401
    """Whether an unknown leaf of a tree (Terraform's ``after_unknown``) decides about access.

    ``expression``: of the same place, ``None`` where the source leaves the value to the provider.
    """
    if name in _NO_ACCESS or expression is None:
        return False
    if isinstance(unknown, list):
        inner = expression if isinstance(expression, list) else [expression] * len(unknown)
        return any(_decides(member, e, name) for member, e in zip(unknown, inner, strict=False))
    if isinstance(unknown, dict):
        blocks = isinstance(expression, dict) and not {"references", "constant_value"} & expression.keys()
        return any(
            _decides(
                member,
                expression.get(key, _DYNAMIC if isinstance(member, list | dict) else None) if blocks else expression,
                _snake(key),
            )
            for key, member in unknown.items()
        )
    return unknown is True


def _snake(key: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", key).lower()


def _object(resource: TerraformResource, values: dict[str, Any], known: str) -> dict[str, Any]:
    version, kind = known.split(" ")
    body: dict[str, Any] = {}
    for key, value in values.items():
        if key in ("id", "wait_for_rollout", "timeouts", "wait_for_completion"):
            continue
        if key in ("data", "binary_data", "string_data"):
            body[_camel(key)] = {k: v for k, v in (value or {}).items() if isinstance(v, str)}
        elif (told := _told(value, key)) is not None:
            body[_renamed(key, value)] = told
    metadata = body.get("metadata")
    body["metadata"] = metadata if isinstance(metadata, dict) else {}
    if resource.type.startswith("kubernetes_default_service_account"):
        body["metadata"]["name"] = "default"
    if kind == "Secret" and "data" in body:
        body["stringData"] = body.pop("data")  # the provider encodes it
        if "binaryData" in body:
            body["data"] = body.pop("binaryData")
    spec = body.get("spec")
    if kind == "PersistentVolume" and isinstance(spec, dict):
        spec.update(source if isinstance(source := spec.pop("persistentVolumeSource", None), dict) else {})
    return {"apiVersion": version, "kind": kind, **body}


def _told(value: Any, key: str = "") -> Any:  # noqa: ANN401
    """A value in the API's shape; ``None`` for what is not set."""
    if isinstance(value, list):
        if value and all(isinstance(member, dict) for member in value):
            members = [_told(member) or {} for member in value]
            return members if key in _table("lists") or len(members) > 1 else members[0]
        kept = [member for member in value if member is not None]
        return kept or None
    if isinstance(value, dict):
        if key in _MAPS:
            return {k: v for k, v in value.items() if v is not None}
        return {_renamed(k, v): told for k, v in value.items() if (told := _told(v, k)) is not None}
    if key in _NUMBERS and isinstance(value, str) and value.isdigit():
        return int(value)
    return None if value == "" else value


def _renamed(key: str, value: object) -> str:
    blocks = isinstance(value, list) and all(isinstance(member, dict) for member in value)
    return _table("lists").get(key) or _camel(key) if blocks else _camel(key)


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return _table("words").get(key) or first + "".join(word.title() for word in rest)


@cache
def _table(part: str) -> dict[str, str]:
    """``kinds``: Terraform type without ``_v1`` → version and kind; ``lists``: block → list; ``words``: odd names."""
    text = resources.files("gate.extract").joinpath("data/kubernetes_resources.json").read_text("utf-8")
    tables: dict[str, dict[str, str]] = json.loads(text)
    return tables[part]
