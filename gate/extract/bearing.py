"""What a resource that no table knows has to do with identity, told from its shape: its type's words, its attributes.

A list of types says what is understood. What it does not hold is unknown, never safe: a type whose name says that it
grants, identifies or holds a credential, one that carries a policy, and one that deploys what nobody here sees, are
stated. Of the rest, the report names the provider.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any

from gate.inputs.documents import TerraformPlan, TerraformResource

_POLICY_NAME = re.compile(r"polic|permission|document|statement|access", re.IGNORECASE)
_ARGUMENTS = {
    "grant": re.compile(
        r"(?:^|_)(?:roles?|role_(?:arn|name|id)|polic(?:y|ies)|permissions?|privileges?|access_level|scopes"
        r"|instance_profile(?:_id|_arn|_name)?)$"
    ),
    "membership": re.compile(r"(?:^|_)(?:members?|principals?|service_principal_name)$"),
    "credential": re.compile(r"(?:^|_)(?:password|token|secret|private_key|api_key|access_key)$"),
}
_ROLE_ARGUMENT = re.compile(r"(?:^|_)(?:role|role_arn|iam_role|iam_role_arn|execution_role_arn)$")
_DEEPEST = 20


def role_of(resource: TerraformResource, values: dict[str, Any]) -> str | None:
    """Why a resource of a provider without an adapter bears on identity; ``None`` when nothing says that it does."""
    provider, _, rest = resource.type.partition("_")
    if provider in _words("harmless_providers"):
        return None
    if resource.type.startswith(tuple(_words("opaque"))):
        return "deploys resources that this change does not show"
    if role := _by_words(rest.split("_")):
        return f"{role}, by its name"
    if carries_policy(values):
        return "grant, by the policy that it carries"
    named = (
        role
        for key in values
        for role, form in _ARGUMENTS.items()
        if form.search(key) and values[key] not in (None, "", [], {})
    )
    return f"{role}, by its arguments" if (role := next(named, None)) else None


def carries_policy(values: dict[str, Any]) -> bool:
    """Whether an attribute that is called so holds a policy document: statements that allow actions."""
    return any(_POLICY_NAME.search(key) and _is_policy(value) for key, value in _attributes(values, 0))


def names_role(values: dict[str, Any], unknown: object) -> bool:
    """Whether an argument for a role holds one of AWS, or something that is not known yet: the resource runs as it."""
    known = any(
        _ROLE_ARGUMENT.search(key) and isinstance(value, str) and ":role/" in value
        for key, value in _attributes(values, 0)
    )
    return known or any(_ROLE_ARGUMENT.search(key) and value is True for key, value in _attributes(unknown, 0))


def not_looked_into(plans: Iterable[TerraformPlan]) -> dict[str, int]:
    """Providers that no adapter reads, with how many of their resources this change creates, changes or keeps."""
    found: dict[str, int] = {}
    for plan in plans:
        for resource in plan.resources.values():
            name = resource.type.partition("_")[0]
            gone = resource.after is None and resource.before is not None
            if (
                resource.mode == "managed"
                and not gone
                and name not in _words("harmless_providers") | _words("read_providers")
            ):
                found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items()))


def _by_words(words: list[str]) -> str | None:
    """The last word that says something counts; one that says what kind of policy or key it is may take it back."""
    for at in range(len(words) - 1, -1, -1):
        for role, known in _data()["words"].items():
            before = str(_data()["not_after"].get(words[at], "")).split() if at else []
            if words[at] in str(known).split() and words[at - 1] not in before:
                return str(role)
    return None


def _attributes(value: Any, depth: int) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, member in value.items():
            yield str(key), member
            yield from _attributes(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            yield from _attributes(member, depth + 1)


def _is_policy(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, str) and "Statement" in value:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return False
    statements = value.get("Statement") if isinstance(value, dict) else None
    return any(
        isinstance(one, dict) and "Effect" in one and not {"Action", "NotAction", "Principal"}.isdisjoint(one)
        for one in (statements if isinstance(statements, list) else [statements])
    )


@cache
def _words(part: str) -> frozenset[str]:
    return frozenset(_data()[part].split())


@cache
def _data() -> dict[str, Any]:
    """See ``data/bearing.json``."""
    loaded: dict[str, Any] = json.loads(
        resources.files("gate.extract").joinpath("data/bearing.json").read_text("utf-8")
    )
    return loaded
