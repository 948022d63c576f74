"""IAM of AWS as Crossplane manages it: the provider is generated from Terraform's, so its objects are read as a plan.

``spec.forProvider`` has Terraform's arguments in camel case; ``…Ref`` and ``…Selector`` name other objects of the same
change (https://marketplace.upbound.io/providers/upbound/provider-aws-iam). Addresses are Terraform's, places are the
manifests'.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gate.extract.kubernetes.documents.objects import manifest_id
from gate.inputs.documents import Manifest, TerraformPlan
from gate.inputs.terraform.plan_json import parse_plan
from gate.model.access import NotAnalysed

_GROUPS = ("iam.aws.upbound.io", "iam.aws.m.upbound.io")
# Kinds, with what refers to them by which argument.
_TYPES = {
    "Role": "aws_iam_role",
    "RolePolicy": "aws_iam_role_policy",
    "RolePolicyAttachment": "aws_iam_role_policy_attachment",
    "Policy": "aws_iam_policy",
    "User": "aws_iam_user",
    "UserPolicyAttachment": "aws_iam_user_policy_attachment",
    "UserGroupMembership": "aws_iam_user_group_membership",
    "UserLoginProfile": "aws_iam_user_login_profile",
    "Group": "aws_iam_group",
    "GroupMembership": "aws_iam_group_membership",
    "GroupPolicyAttachment": "aws_iam_group_policy_attachment",
    "AccessKey": "aws_iam_access_key",
    "InstanceProfile": "aws_iam_instance_profile",
}
_REFERRED = {
    "role": ("Role", "name"),
    "user": ("User", "name"),
    "group": ("Group", "name"),
    "groups": ("Group", "name"),
    "users": ("User", "name"),
    "policyArn": ("Policy", "arn"),
}
_NAMED = ("Role", "Policy", "User", "Group", "InstanceProfile")
_EXTERNAL_NAME = "crossplane.io/external-name"
_SECRETS = re.compile(r"secretref$", re.IGNORECASE)


def without_read(entries: Iterable[NotAnalysed], manifests: Iterable[Manifest]) -> list[NotAnalysed]:
    """The entries without those of objects that ``as_plan`` reads."""
    read = {(f"{m.api_version} {m.kind}", manifest_id(m)) for m in manifests if _kind(m)}
    return [entry for entry in entries if (entry.type, entry.source.address) not in read]


def as_plan(manifests: Sequence[Manifest]) -> TerraformPlan | None:
    """A plan that creates what the manifests say; ``None`` when none of them is about IAM."""
    objects = [manifest for manifest in manifests if _kind(manifest)]
    if not objects:
        return None
    addresses = _addresses(objects)
    changes = []
    configured = []
    for manifest in objects:
        type_, _, name = addresses[id(manifest)].partition(".")
        values, unknown, expressions = _arguments(manifest, objects, addresses)
        entry = {"address": f"{type_}.{name}", "mode": "managed", "type": type_, "name": name}
        change = {"actions": ["create"], "before": None, "after": values, "after_unknown": unknown}
        changes.append({**entry, "change": change})
        configured.append({**entry, "expressions": expressions})
    value = {
        "format_version": "1.2",
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": configured}},
    }
    plan, _ = parse_plan(value, objects[0].file)
    for manifest in objects:
        plan.resources[addresses[id(manifest)]].location = manifest.location
    return plan


def _kind(manifest: Manifest) -> str | None:
    spec = manifest.body.get("spec")
    if not manifest.api_version.startswith(tuple(f"{group}/" for group in _GROUPS)) or not isinstance(spec, dict):
        return None
    observed = spec.get("managementPolicies") == ["Observe"]  # looked at, not made: it stands elsewhere
    return manifest.kind if manifest.kind in _TYPES and not observed else None


def _addresses(objects: Sequence[Manifest]) -> dict[int, str]:
    """An address of its own for each object: names that differ only in their namespace, or in a dot, are numbered."""
    found: dict[int, str] = {}
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    for manifest in objects:
        address = own = f"{_TYPES[manifest.kind]}.{re.sub(r'[^A-Za-z0-9_-]', '-', manifest.name)}"
        while own in taken:
            numbers[address] = numbers.get(address, 1) + 1
            own = f"{address}-{numbers[address]}"
        taken.add(own)
        found[id(manifest)] = own
    return found


def _called(manifest: Manifest) -> str:
    metadata = manifest.body.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    name = annotations.get(_EXTERNAL_NAME) if isinstance(annotations, dict) else None
    return name if isinstance(name, str) and name else manifest.name


def _arguments(
    manifest: Manifest, objects: Sequence[Manifest], addresses: Mapping[int, str]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Values, what is not known, and expressions, as a plan has them."""
    given = manifest.body["spec"].get("forProvider")
    values: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    expressions: dict[str, Any] = {}
    for key, value in given.items() if isinstance(given, dict) else ():
        argument = _snake(key)
        base = re.sub(r"(?:Refs?|Selector)$", "", key)
        if base == key:
            if not _SECRETS.search(key):
                values[argument] = value
                expressions[argument] = {"constant_value": value}
        elif base in _REFERRED and base not in given:
            targets = _targets(manifest, base, value, objects)
            _, attribute = _REFERRED[base]
            unknown[_snake(base)] = True
            named = [addresses[id(target)] for target in targets]
            expressions[_snake(base)] = {"references": [t for a in named for t in (f"{a}.{attribute}", a)]}
            if attribute == "name" and len(targets) == 1:
                values[_snake(base)] = [_called(targets[0])] if base.endswith("s") else _called(targets[0])
                del unknown[_snake(base)]
    if manifest.kind in _NAMED:
        values.setdefault("name", _called(manifest))
        values.setdefault("path", "/")
    return values, unknown, expressions


def _targets(manifest: Manifest, base: str, value: Any, objects: Sequence[Manifest]) -> list[Manifest]:
    """The objects of the change that a reference names or a selector's labels fit."""
    kind, _ = _REFERRED[base]
    wanted = [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, dict)]
    same = [other for other in objects if other.kind == kind and other.namespace == manifest.namespace]
    names = [entry.get("name") for entry in wanted]
    labels = [entry["matchLabels"] for entry in wanted if isinstance(entry.get("matchLabels"), dict)]
    return [other for other in same if other.name in names or any(_fits(other, chosen) for chosen in labels)]


def _fits(manifest: Manifest, chosen: dict[str, Any]) -> bool:
    metadata = manifest.body.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    return bool(chosen) and isinstance(labels, dict) and all(labels.get(key) == v for key, v in chosen.items())


def _snake(key: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", key).lower()
