"""Whether a reference of a Terraform expression stands for a literal of the source under review.

A variable's default, an argument that a module's caller writes out and a ``locals`` entry stand in the source as much
as an argument does. A value from tfvars, ``TF_VAR_…``, a resource or a data source comes from elsewhere.
"""

from __future__ import annotations

from typing import Any

from gate.inputs.documents import TerraformPlan
from gate.inputs.terraform.plan_configuration import index_modules, without_keys
from gate.inputs.text.hcl.literals import literals

_DEEPEST = 20


class Origins:
    """The variables, module calls and locals of one plan; modules by their path without instance keys."""

    def __init__(self, plan: TerraformPlan) -> None:
        self._given = plan.variables
        self._modules = plan.modules or index_modules(plan.configuration, plan.file.path)

    def written(self, module: str, reference: str) -> bool:
        """Whether what ``var.x`` or ``local.x`` means inside ``module`` is written out in the source."""
        return self._literal_of(without_keys(module), reference, 0) is not None

    def local_tree(self, module: str, references: list[str]) -> Any:  # noqa: ANN401
        """What ``local.x`` writes out where it is an object or a list: its literals, each at its place."""
        names = [r.split(".") for r in references]
        if len(names) != 1 or names[0][0] != "local" or len(names[0]) != 2:
            return None
        return literals((self._modules.get(without_keys(module)) or {}).get("locals") or "").get(names[0][1])

    def literal(self, module: str, expression: object) -> Any:  # noqa: ANN401  (a value of a configuration)
        """The value that an expression of the configuration writes out; ``None`` when it comes from elsewhere."""
        return self._literal(without_keys(module), expression, 0)

    def _literal(self, module: str, expression: object, depth: int) -> Any:  # noqa: ANN401
        if not isinstance(expression, dict):
            return None
        if "constant_value" in expression:
            return expression["constant_value"]
        references = expression.get("references")
        if not isinstance(references, list) or not references or depth > _DEEPEST:
            return None
        # "var.db.password" is followed by "var.db", what it is a part of.
        whole = {r for r in references if isinstance(r, str) and r.startswith(("var.", "local."))}
        heads = {".".join(r.split(".")[:2]).split("[")[0] for r in whole}
        if len(whole) < len(references) or len(heads) != 1:
            return None
        return self._literal_of(module, max(whole, key=len), depth + 1)

    def _literal_of(self, module: str, reference: str, depth: int) -> Any:  # noqa: ANN401
        kind, _, rest = reference.partition(".")
        name, *path = rest.replace("[", ".").replace("]", "").replace('"', "").split(".")
        known = self._modules.get(module) or {}
        if kind == "local":
            return _local(known.get("locals") or "", name, path)
        if kind != "var":
            return None
        variable = (known.get("variables") or {}).get(name)
        default = variable.get("default") if isinstance(variable, dict) else None
        if not module:
            return _at(default, path) if default is not None and self._given.get(name, default) == default else None
        parent, _, call = f".{module}".rpartition(".module.")
        parent = parent.removeprefix(".")
        arguments = ((self._modules.get(parent) or {}).get("calls") or {}).get(call) or {}
        argument = (arguments.get("expressions") or {}).get(name)
        return _at(default if argument is None else self._literal(parent, argument, depth), path)


def _at(value: Any, path: list[str]) -> Any:  # noqa: ANN401
    for key in path:
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict):
            value = value.get(key)
        else:
            return None
    return value


def _local(bodies: str, name: str, path: list[str]) -> str | None:
    """A local text that is written out in full; one with a reference in it comes from elsewhere."""
    value = _at(literals(bodies).get(name), path)
    return value if isinstance(value, str) and "${" not in value else None
