"""Plaintext secrets in the source of Terraform resources, told from values that only pass through the plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from gate.extract.secret_places import ASSIGNED, NAMED, Found, Keys, in_value, shapes
from gate.extract.secret_values import announces, name_says_secret, worth_a_look
from gate.inputs.documents import TerraformPlan, TerraformResource
from gate.inputs.hcl_literals import literals

_NO_VALUE_OF_ITS_OWN = ("var.", "each.", "module.", "local.", "count.")


def in_resource(plan: TerraformPlan, resource: TerraformResource, values: dict[str, Any]) -> Iterator[Found]:
    """Every secret that the source of a resource writes out; ``values``: the attributes of one side."""
    for name, expression in resource.expressions.items():
        value = values.get(name)
        if value is None or isinstance(value, bool):
            continue
        if resource.type == "aws_ssm_parameter" and name in {"value", "insecure_value"}:
            named = values.get("type") == "SecureString" or name_says_secret(str(values.get("name", "")))
            yield from _written(plan, resource, value, expression, (name,), named=named)
        else:
            yield from _written(plan, resource, value, expression, (name,), named=announces(name, value))
    yield from _in_source(resource, values)


def _in_source(resource: TerraformResource, values: dict[str, Any]) -> Iterator[Found]:
    """What the block itself writes out, where the plan knows too little: beside a value that is not known yet, a whole
    map is unknown, and beside a reference a literal may be what the reference gave. A side that has something else at
    the place does not have the secret.
    """
    if resource.body is None or not worth_a_look(resource.body):
        return
    for name, value in literals(resource.body).items():
        if isinstance(value, dict) and "Statement" in value:
            continue
        for found in in_value(value, (name,), named=announces(name, value)):
            there = _at(values, found.keys)
            same = there == found.value or (found.kind != NAMED and isinstance(there, str) and found.value in there)
            if same or (there is None and values is resource.after):
                yield found


def _at(value: Any, keys: Keys) -> Any:  # noqa: ANN401  (a value of a plan)
    """What stands at a path, through JSON in texts; ``None`` when nothing does."""
    for key in keys:
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                return value
        if isinstance(value, dict) and isinstance(key, str):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def _written(
    plan: TerraformPlan, resource: TerraformResource, value: object, expression: object, keys: Keys, *, named: bool
) -> Iterator[Found]:
    """The secrets of a value as far as the expression says that it is written in the source."""
    if isinstance(expression, list) and isinstance(value, list):
        for index, (member, inner) in enumerate(zip(value, expression, strict=False)):
            yield from _written(plan, resource, member, inner, (*keys, index), named=named)
        return
    if not isinstance(expression, dict):
        return
    if "constant_value" in expression or not expression:
        yield from in_value(value, keys, named=named)
        return
    references = expression.get("references")
    if not isinstance(references, list):
        if isinstance(value, list) and len(value) == 1:
            value, keys = value[0], (*keys, 0)
        if isinstance(value, dict):
            for name, inner in expression.items():
                if value.get(name) is not None:
                    yield from _written(
                        plan, resource, value[name], inner, (*keys, name), named=announces(name, value[name])
                    )
        return
    foreign = [
        r for r in references if r.startswith(_NO_VALUE_OF_ITS_OWN) and not _is_literal_argument(plan, resource, r)
    ]
    if not foreign and references and all(r.startswith("var.") for r in references):
        yield from in_value(value, keys, named=named)
        return
    composed = isinstance(value, dict | list) or (isinstance(value, str) and ("\n" in value or value[:1] in "{["))
    if not composed:
        # One text with a reference in it: the secret may be what the reference gave, unless its own shape tells it.
        if not any(r.startswith(("var.", "each.", "module.")) for r in foreign):
            given = _values_of(plan, resource, references)
            yield from (f for f in shapes(value, keys) if not _is_given(f, given))
        return
    given = _values_of(plan, resource, references)
    handed_over = isinstance(value, dict | list) and len(set(references)) == 1
    only_shapes = bool(foreign) and (handed_over or any(not r.startswith("local.") for r in foreign))
    for found in in_value(value, keys, named=named):
        if not _is_given(found, given) and (not only_shapes or found.kind not in {NAMED, ASSIGNED}):
            yield found


def _is_literal_argument(plan: TerraformPlan, resource: TerraformResource, reference: str) -> bool:
    """Whether ``var.x`` inside a module is a constant that the module's caller wrote."""
    names = re.findall(r"module\.([^.\[]+)", re.sub(r"\[[^\]]*\]", "", resource.module))
    if not names or not reference.startswith("var."):
        return False
    module: Any = plan.configuration.get("root_module", {})
    call: Any = {}
    for name in names:
        call = (module.get("module_calls") or {}).get(name) or {}
        module = call.get("module") or {}
    argument = (call.get("expressions") or {}).get(reference.removeprefix("var.").split(".")[0].split("[")[0])
    return isinstance(argument, dict) and "constant_value" in argument


def _is_given(found: Found, given: set[str]) -> bool:
    return any(found.value in text for text in given)


def _values_of(plan: TerraformPlan, resource: TerraformResource, references: list[str]) -> set[str]:
    """What the resources referred to would put there."""
    given: set[str] = set()
    for reference in references:
        kind, _, rest = reference.removeprefix("data.").partition(".")
        name, _, attribute = rest.partition(".")
        prefix = "data." if reference.startswith("data.") else ""
        address = f"{prefix}{kind}.{name}"
        source = plan.resources.get(f"{resource.module}.{address}" if resource.module else address)
        value = (source.after or {}).get(attribute) if source is not None and attribute else None
        if isinstance(value, str):
            given.add(value)
    return given
