"""Terraform and OpenTofu plan JSON, formats 0.1, 0.2 and 1.x, to ``TerraformPlan``.

The format: https://developer.hashicorp.com/terraform/internals/json-format. A *forgotten* resource (``removed`` block
without destroy) goes on existing, so it is kept as it is; deposed objects are leftovers of a failed replacement and
are on their way out, so they are left aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gate.errors import InputError
from gate.inputs.documents import SourceFile, TerraformPlan, TerraformResource, UnreadDocument
from gate.inputs.terraform.plan_configuration import (
    SHOW,
    empty_module,
    expressions_of,
    index_modules,
    misshapen,
    part,
    without_keys,
)
from gate.inputs.terraform.plan_consistency import refuse_contradictions
from gate.model.access import Change, Location

KIND = "terraform-plan"

_CHANGES: dict[tuple[str, ...], Change] = {
    ("no-op",): "none",
    ("create",): "create",
    ("read",): "create",
    ("update",): "update",
    ("delete",): "delete",
    ("delete", "create"): "update",
    ("create", "delete"): "update",
    ("create", "forget"): "update",
    ("forget", "create"): "update",
    ("forget",): "none",
}

# Terraform 0.12 to 1.0: laid out as 1.x. They tell less of references and of what is sensitive, and what is not told
# is not known, a reason to deny.
_OLD = ("0.1", "0.2")


def looks_like_plan(value: Any) -> bool:
    """Whether a JSON value is a plan, of whatever version (a state has ``values`` instead)."""
    return (
        isinstance(value, dict)
        and "apiVersion" not in value
        and (
            "resource_changes" in value
            or "planned_values" in value
            or ("format_version" in value and "configuration" in value)
        )
    )


def parse_plan(value: dict[str, Any], file: SourceFile) -> tuple[TerraformPlan, list[UnreadDocument]]:
    """The plan, and what it says it does not tell (deferred changes, an incomplete plan): each a reason to deny.

    ``InputError`` for another format version, an errored plan, and anything of another shape than the format's.
    """
    version = _version(value, file.path)
    if value.get("errored") is True:
        raise InputError(
            f"{file.path}: the plan ended with an error.", hint="Run terraform plan again until it succeeds."
        )
    configuration = part(value, "configuration", dict, file.path)
    modules = index_modules(configuration, file.path)
    resources: dict[str, TerraformResource] = {}
    changes = part(value, "resource_changes", list, file.path)
    for index, entry in enumerate(changes):
        resource = _changed(entry, index, modules, file.path)
        if resource is not None:
            resources[resource.address] = resource
    refuse_contradictions(value, modules, file.path)
    moved = {e["previous_address"] for e in changes if isinstance(e.get("previous_address"), str)}
    for resource in _existing(part(value, "prior_state", dict, file.path), modules, file.path):
        if resource.address not in moved:
            resources.setdefault(resource.address, resource)
    for resource in resources.values():
        modules.setdefault(without_keys(resource.module), empty_module()).setdefault("instances", set()).add(
            resource.module
        )
    providers = part(configuration, "provider_config", dict, file.path)
    variables = _variables(part(value, "variables", dict, file.path))
    plan = TerraformPlan(
        file=file,
        format_version=version,
        terraform_version=str(value.get("terraform_version") or ""),
        resources=resources,
        configuration=configuration,
        providers=providers,
        modules=modules,
        variables=variables,
        account_hints=_account_hints(resources, providers, variables),
        has_before=any(r.mode == "managed" and r.before is not None for r in resources.values()),
    )
    return plan, _not_told(value, file)


def _version(value: dict[str, Any], path: str) -> str:
    version = value.get("format_version")
    if not isinstance(version, str):
        raise InputError(f"{path}: a plan without a format_version; expected 1.x.", hint=SHOW)
    if version.split(".")[0] == "1" or version in _OLD:
        return version
    said = value.get("terraform_version")
    known = isinstance(said, str) and re.fullmatch(r"[\w.\-+]{1,40}", said) and re.fullmatch(r"[\d.]{1,12}", version)
    who = f" It was written by Terraform {said}, in format {version}." if known else ""
    raise InputError(
        f"{path}: this gate reads plans of the formats 0.1, 0.2 and 1.x (Terraform 0.12 and later, OpenTofu).{who}",
        hint="Write the plan with a Terraform whose format is read, or update the gate if the plan is newer than it.",
    )


def _changed(entry: Any, index: int, modules: dict[str, dict[str, Any]], path: str) -> TerraformResource | None:
    where = f"resource_changes[{index}]"
    change = entry.get("change") if isinstance(entry, dict) else None
    if not isinstance(change, dict):
        raise misshapen(path, where, "a change of a resource")
    if entry.get("deposed"):
        return None
    actions = change.get("actions")
    what = (
        _CHANGES.get(tuple(actions)) if isinstance(actions, list) and all(isinstance(a, str) for a in actions) else None
    )
    if what is None:
        raise misshapen(path, f"{where}.change.actions", "a list of actions this gate knows")
    before, after = change.get("before"), change.get("after")
    if not isinstance(before, dict | None) or not isinstance(after, dict | None):
        raise misshapen(path, f"{where}.change", "a change with a before and an after object")
    forgotten = actions == ["forget"]
    address, mode, kind, name, module = _identified(entry, where, path)
    return TerraformResource(
        address=address,
        mode=mode,
        type=kind,
        name=name,
        module=module,
        index=entry.get("index"),
        provider=str(entry.get("provider_name") or ""),
        change=what,
        before=before,
        after=before if forgotten else after,
        unknown=False if forgotten else change.get("after_unknown", False),
        sensitive=change.get("before_sensitive" if forgotten else "after_sensitive", False),
        before_sensitive=change.get("before_sensitive", False),
        expressions=expressions_of(modules, module, mode, kind, name),
    )


def _identified(entry: dict[str, Any], where: str, path: str) -> tuple[str, str, str, str, str]:
    address, mode, kind, name = entry.get("address"), entry.get("mode", "managed"), entry.get("type"), entry.get("name")
    texts = isinstance(address, str) and isinstance(mode, str) and isinstance(kind, str) and isinstance(name, str)
    if not texts or not isinstance(entry.get("index"), str | int | None):
        raise misshapen(path, where, "a resource with an address, mode, type and name")
    if mode not in ("managed", "data"):
        raise misshapen(path, f"{where}.mode", "managed or data")
    assert isinstance(address, str) and isinstance(mode, str) and isinstance(kind, str) and isinstance(name, str)
    module = entry.get("module_address")
    if not isinstance(module, str):  # resources of a state carry no module address
        own = f"{'data.' if mode == 'data' else ''}{kind}.{name}"
        module = address[: address.rfind(own)].rstrip(".") if address.startswith("module.") else ""
    return address, mode, kind, name, module


def _existing(
    prior_state: dict[str, Any], modules: dict[str, dict[str, Any]], path: str
) -> Iterator[TerraformResource]:
    """Everything in the state before the change: what the plan does not list stays as it is."""
    values = part(prior_state, "values", dict, path)
    todo = [values.get("root_module") or {}]
    while todo:
        module = todo.pop()
        if not isinstance(module, dict):
            raise misshapen(path, "prior_state", "a tree of modules")
        todo += part(module, "child_modules", list, path)
        for entry in part(module, "resources", list, path):
            if not isinstance(entry, dict) or not isinstance(entry.get("values", {}), dict | None):
                raise misshapen(path, "prior_state", "a list of resources")
            if entry.get("deposed_key"):
                continue
            address, mode, kind, name, at = _identified(entry, "prior_state", path)
            state = entry.get("values") or {}
            sensitive = entry.get("sensitive_values", False)
            yield TerraformResource(
                address=address,
                mode=mode,
                type=kind,
                name=name,
                module=at,
                index=entry.get("index"),
                provider=str(entry.get("provider_name") or ""),
                change="none",
                before=state,
                after=state,
                unknown=False,
                sensitive=sensitive,
                before_sensitive=sensitive,
                expressions=expressions_of(modules, at, mode, kind, name),
            )


def _account_hints(
    resources: dict[str, TerraformResource], providers: dict[str, Any], variables: dict[str, Any]
) -> tuple[str, ...]:
    """Account ids the plan names as its own: 12 digits, sorted."""
    callers = [r.after for r in resources.values() if r.type == "aws_caller_identity" and r.after]
    found: list[Any] = [caller.get("account_id") for caller in callers]
    for provider in providers.values():
        expressions = provider.get("expressions") if isinstance(provider, dict) else None
        allowed = expressions.get("allowed_account_ids") if isinstance(expressions, dict) else None
        if not isinstance(allowed, dict):
            continue
        values = [allowed.get("constant_value")]
        for reference in allowed.get("references") or () if isinstance(allowed.get("references"), list) else ():
            if isinstance(reference, str):
                values.append(variables.get(reference.removeprefix("var.")))
        for value in values:
            found += value if isinstance(value, list) else [value]
    return tuple(sorted({a for a in found if isinstance(a, str) and re.fullmatch(r"[0-9]{12}", a)}))


def _variables(given: dict[str, Any]) -> dict[str, Any]:
    return {name: entry["value"] for name, entry in given.items() if isinstance(entry, dict) and "value" in entry}


def _not_told(value: dict[str, Any], file: SourceFile) -> list[UnreadDocument]:
    place = Location(file.path, 1, 1)
    if value.get("deferred_changes"):
        remedy = "Apply what the deferred changes wait for, then plan and check again."
        return [
            UnreadDocument(place, "plan", "the plan defers changes, so it does not tell what they would do", remedy)
        ]
    if value.get("action_invocations"):
        remedy = "Review by hand what the actions do, or leave them out of the change."
        return [UnreadDocument(place, "plan", "the plan invokes actions, which this gate does not analyse", remedy)]
    if value.get("complete") is False:
        remedy = "Plan without -target and -exclude, then check again."
        return [
            UnreadDocument(place, "plan", "the plan is incomplete: Terraform says more changes would follow", remedy)
        ]
    return []
