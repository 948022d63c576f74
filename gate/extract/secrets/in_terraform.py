"""Plaintext secrets in the source of Terraform resources, told from values that only pass through the plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gate.extract.secrets.announcing_names import strength
from gate.extract.secrets.in_manifests import is_credential
from gate.extract.secrets.literal_origins import Origins
from gate.extract.secrets.places import ASSIGNED, NAMED, Found, Keys, beside_name, in_value, shapes, worth_a_look
from gate.extract.secrets.plausible_values import announces
from gate.inputs.documents import TerraformPlan, TerraformResource
from gate.inputs.text.hcl.literals import literals

_NO_VALUE_OF_ITS_OWN = ("var.", "each.", "module.", "local.", "count.")


def in_resource(
    plan: TerraformPlan, resource: TerraformResource, values: dict[str, Any], origins: Origins
) -> Iterator[Found]:
    """Every secret that the source of a resource writes out; ``values``: the attributes of one side.

    A write-only argument has no value in any plan: what the source writes for it counts for the side after.
    """
    written = _Written(plan, resource, origins, values is resource.after)
    beside = beside_name(values)
    for name, expression in resource.expressions.items():
        value = written.value(values.get(name), expression)
        if value is None or isinstance(value, bool):
            continue
        named = announces(name, value) or name == beside
        if resource.type == "aws_ssm_parameter" and name in {"value", "insecure_value"}:
            named = values.get("type") == "SecureString" or strength(str(values.get("name", ""))) == "is"
        elif resource.type.startswith("kubernetes_secret") and name in _ENTRIES:
            yield from written.entries(value, expression, name)
            continue
        yield from written.secrets(value, expression, (name,), named=named)
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


_ENTRIES = ("data", "string_data", "binary_data")


class _Written:
    """The values of one resource as far as their expressions say that they are written in the source."""

    def __init__(self, plan: TerraformPlan, resource: TerraformResource, origins: Origins, after: bool) -> None:
        self._plan, self._resource, self._origins, self._after = plan, resource, origins, after

    def value(self, value: object, expression: object) -> object:
        """The value, or what the source writes where the plan keeps it out."""
        if value is None and self._after and isinstance(expression, dict):
            return self._origins.literal(self._resource.module, expression)
        return value

    def secrets(self, value: object, expression: object, keys: Keys, *, named: bool) -> Iterator[Found]:
        """The secrets of a value; ``keys``: its place."""
        if isinstance(expression, list) and isinstance(value, list):
            for index, (member, inner) in enumerate(zip(value, expression, strict=False)):
                yield from self.secrets(member, inner, (*keys, index), named=named)
            return
        if not isinstance(expression, dict):
            return
        if "constant_value" in expression or not expression:
            yield from in_value(value, keys, named=named)
            return
        references = expression.get("references")
        if isinstance(references, list):
            yield from self._referred(value, [r for r in references if isinstance(r, str)], keys, named=named)
            return
        if isinstance(value, list) and len(value) == 1:
            value, keys = value[0], (*keys, 0)
        if isinstance(value, dict):
            beside = beside_name(value)
            for name, inner in expression.items():
                member = self.value(value.get(name), inner)
                if member is not None:
                    own = announces(name, member) or name == beside
                    yield from self.secrets(member, inner, (*keys, name), named=own)

    def entries(self, value: object, expression: object, name: str) -> Iterator[Found]:
        """The entries of a Secret: whatever is written out there is one, but for who and where."""
        # Functions of literals (yamlencode, file) have an expression without anything in it.
        text = value if expression == {} else self._origins.literal(self._resource.module, expression)
        for key, member in text.items() if isinstance(text, dict) else ():
            if isinstance(member, str) and is_credential(key, member):
                yield Found((name, key), NAMED, member)
        if text is None:
            yield from self.secrets(value, expression, (name,), named=False)

    def _referred(self, value: object, references: list[str], keys: Keys, *, named: bool) -> Iterator[Found]:
        at = self._resource.module
        foreign = [r for r in references if r.startswith(_NO_VALUE_OF_ITS_OWN) and not self._origins.written(at, r)]
        if not foreign and references and all(r.startswith(("var.", "local.")) for r in references):
            yield from in_value(value, keys, named=named)
            return
        if (tree := self._origins.local_tree(at, references)) is not None and not isinstance(tree, str):
            for found in in_value(tree, keys, named=named):
                if _at(value, found.keys[len(keys) :]) == found.value:
                    yield found
            return
        given = _values_of(self._plan, self._resource, references)
        composed = isinstance(value, dict | list) or (isinstance(value, str) and ("\n" in value or value[:1] in "{["))
        if not composed:
            # One text with a reference in it: the secret may be what the reference gave, unless its own shape tells it.
            if not any(r.startswith(("var.", "each.", "module.")) for r in foreign):
                yield from (f for f in shapes(value, keys) if not _is_given(f, given))
            return
        handed_over = isinstance(value, dict | list) and len(set(references)) == 1
        only_shapes = bool(foreign) and (handed_over or any(not r.startswith("local.") for r in foreign))
        for found in in_value(value, keys, named=named):
            if not _is_given(found, given) and (not only_shapes or found.kind not in {NAMED, ASSIGNED}):
                yield found


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
