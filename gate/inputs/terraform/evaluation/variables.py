"""Input variables of the root module that nobody gave a value: what stands in for it."""

from __future__ import annotations

import json
import re
from collections.abc import Set
from typing import Any

_ACCOUNT = "000000000000"
_NAME = re.compile(r"[\w-]+")


def invented(survey: dict[str, Any], given: Set[str]) -> dict[str, Any]:
    """A value for each required variable that is not ``given``.

    ``survey``: as ``gate-inert copy`` tells it. A value with which resources exist goes first, then one that the
    variable's validation lists, then the least of its type: texts that stay recognisable, one element in collections.
    """
    values: dict[str, Any] = {}
    for variable in survey["variables"]:
        name = variable["name"]
        if not variable["required"] or name in given:
            continue
        wanted, listed = survey["wanted"].get(name), variable["values"] or []
        if wanted is not None and (not listed or wanted in listed) and _fits(wanted, variable["type"]):
            values[name] = wanted
        else:
            values[name] = listed[0] if listed else _of_type(name, variable["type"])
    return values


def as_environment(survey: dict[str, Any], values: dict[str, Any]) -> dict[str, str]:
    """``TF_VAR_…``: the weakest of all ways to give a value, so whatever the user gives goes before it.

    A text is taken as it is for a variable of type string and for one without a type, else read as an expression.

    https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
    """
    plain = {v["name"] for v in survey["variables"] if v["type"] == "string" or not v["typed"]}
    return {
        f"TF_VAR_{name}": value if isinstance(value, str) and name in plain else json.dumps(value)
        for name, value in values.items()
        if _NAME.fullmatch(name)  # Terraform refuses others, and no environment holds them
    }


def assumed(used: dict[str, Any], values: dict[str, Any]) -> tuple[str, ...]:
    """A sentence for each invented value that Terraform used. ``used``: variables of the evaluation, or their texts."""
    return tuple(
        f"var.{name} has no value; the gate assumed {json.dumps(value)}"
        for name, value in sorted(values.items())
        if used.get(name) in (value, json.dumps(value))
    )


def _fits(value: Any, kind: Any) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "dynamic":
            return True
    return False


def _of_type(name: str, kind: Any) -> Any:
    """``kind``: Terraform's type notation, as in ``terraform providers schema -json``."""
    match kind:
        case "bool":
            return True
        case "number":
            return 1
        case ["list" | "set", element]:
            return [_of_type(name.removesuffix("s"), element)]
        case ["map", element]:
            return {f"var-{name}": _of_type(name.removesuffix("s"), element)}
        case ["object", attributes]:
            return {attribute: _of_type(attribute, inner) for attribute, inner in attributes.items()}
        case ["tuple", elements]:
            return [_of_type(name, element) for element in elements]
    return _text(name)


def _text(name: str) -> str:
    if name == "arn" or name.endswith("_arn"):
        service, path = ("iam", "policy/") if "policy" in name else ("iam", "role/") if "role" in name else ("gate", "")
        return f"arn:aws:{service}::{_ACCOUNT}:{path}var-{name}"
    if name == "account_id" or name.endswith("_account_id"):
        return _ACCOUNT
    if name == "region" or name.endswith("_region"):
        return "us-east-1"
    if "cidr" in name:
        return "10.0.0.0/16"
    return f"var-{name}"
