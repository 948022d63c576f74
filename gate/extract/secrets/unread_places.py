"""Places where secrets are written in clear, and whose content nobody knows before apply: a reason to deny."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gate.extract.remedies import not_known
from gate.extract.secrets.places import Keys, in_value
from gate.extract.secrets.redaction import attribute_path
from gate.inputs.documents import Documents, TerraformPlan, TerraformResource
from gate.inputs.terraform.expression_references import references
from gate.inputs.terraform.plan_configuration import without_keys
from gate.inputs.text.hcl.literals import literals
from gate.model.access import Source, Unknown, UnknownWhat

_ENVIRONMENT: UnknownWhat = "environment variables"
_USER_DATA: UnknownWhat = "user data"
_PLACES: dict[str, tuple[tuple[UnknownWhat, Keys], ...]] = {
    "aws_lambda_function": ((_ENVIRONMENT, ("environment", 0, "variables")),),
    "aws_ecs_task_definition": (("container definitions", ("container_definitions",)),),
    "aws_batch_job_definition": (("container properties", ("container_properties",)),),
    "aws_amplify_app": ((_ENVIRONMENT, ("environment_variables",)),),
    "aws_glue_job": (("default arguments", ("default_arguments",)),),
    "aws_instance": ((_USER_DATA, ("user_data",)), (_USER_DATA, ("user_data_base64",))),
    "aws_launch_configuration": ((_USER_DATA, ("user_data",)), (_USER_DATA, ("user_data_base64",))),
    "aws_launch_template": ((_USER_DATA, ("user_data",)),),
}


def unread_places(documents: Documents) -> Iterator[Unknown]:
    """One unknown for each place that the configuration fills with something neither plan nor source tells.

    One for a plan that holds what looks like secrets, and whose configuration does not say where they come from.
    """
    for plan in documents.plans:
        if (held := _without_configuration(plan)) is not None:
            yield held
        for resource in plan.resources.values():
            if resource.mode != "managed" or resource.after is None:
                continue
            for what, keys in _PLACES.get(resource.type, ()):
                if _unknown_at(resource.unknown, keys) and _configured(resource, keys) and not _written(resource, keys):
                    yield _unread(plan, resource, what, keys)


def _without_configuration(plan: TerraformPlan) -> Unknown | None:
    """Tools cut plans down to ``resource_changes``; then nothing tells a literal from what a provider made up."""
    for resource in plan.resources.values():
        if resource.mode != "managed" or resource.after is None or resource.change not in ("create", "update"):
            continue
        known = plan.modules.get(without_keys(resource.module)) or {}
        if (resource.mode, resource.type, resource.name) in (known.get("resources") or {}):
            continue
        found = next(in_value(resource.after, (), named=False), None)
        if found is not None:
            at = attribute_path(found.keys, found.value)
            return Unknown(
                "secrets",
                "the plan has no configuration for it, so it is not known whether the source contains the secret at "
                f"{at}",
                Source(resource.address, None, resource.location),
                remedy="give the whole plan, as terraform show -json prints it, with its configuration",
                change=resource.change,
            )
    return None


def _unknown_at(mark: Any, keys: Keys) -> bool:  # noqa: ANN401  (Terraform's after_unknown)
    for key in keys:
        if mark is True:
            return True
        if isinstance(mark, dict) and isinstance(key, str):
            mark = mark.get(key)
        elif isinstance(mark, list) and isinstance(key, int) and key < len(mark):
            mark = mark[key]
        else:
            return False
    return mark is True


def _configured(resource: TerraformResource, keys: Keys) -> bool:
    """Whether the source sets it; a value that a provider makes up holds no secret of the source."""
    return not resource.expressions or keys[0] in resource.expressions


def _written(resource: TerraformResource, keys: Keys) -> bool:
    """Whether the source writes the value out in place, so that all that is no reference has been looked at."""
    value: Any = literals(resource.body) if resource.body is not None else None
    for key in keys:
        if isinstance(value, dict) and isinstance(key, str):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return False
    if isinstance(value, list):
        return None not in value
    return value is not None and not (isinstance(value, dict) and "*" in value)


def _unread(plan: TerraformPlan, resource: TerraformResource, what: UnknownWhat, keys: Keys) -> Unknown:
    found = references(plan, resource.address, keys)
    texts = dict.fromkeys(f"{r.address}.{r.attribute}" if r.attribute else r.address for r in found)
    return Unknown(
        what,
        "not known before apply, and may contain a plaintext secret",
        Source(resource.address, None, resource.location),
        reference=", ".join(texts) or None,
        remedy=not_known(plan),
        change=resource.change,
    )
