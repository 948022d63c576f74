"""Which resources a Terraform expression refers to, from the plan's ``configuration``.

The plan keeps the names an expression mentions, not the expression: ``[aws_iam_policy.p.arn, aws_iam_policy.p]``, and
``[aws_iam_user.u, count.index]`` for ``aws_iam_user.u[count.index].name``. Local values are not in a plan: a dead end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gate.inputs.documents import Reference, TerraformPlan
from gate.inputs.terraform.plan_configuration import without_keys

_STEP = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]|[^.\[\]]+')
_MODULE = re.compile(r'module\.[^.\[\]]+(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?')
_NOTHING = frozenset({"local", "path", "terraform", "self", "count", "ephemeral"})
_FARTHEST = 20
"""Modules an expression is followed through; Terraform itself has no limit, real roots have fewer than 6."""
_MOST = 5_000
"""References one expression is followed through; with more than that it counts as a dead end."""


class _TooManyError(Exception):
    pass


@dataclass(slots=True)
class _Walk:
    plan: TerraformPlan
    steps: int = 0


def references(plan: TerraformPlan, address: str, path: tuple[str | int, ...]) -> tuple[Reference, ...]:
    """The resources the expression at ``path`` of the resource ``address`` refers to, in order, each once.

    ``path`` is one of the resource's attributes, ``("statement", 0, "resources", 1)``: the plan keeps references by
    attribute, so an index into a list of values gives those of the whole list. Followed: ``module.x.output``,
    ``var.x`` and ``each.value``. An index by ``each.key`` or ``count.index`` is taken for the referring instance's own
    key where such an instance exists. ``()`` when there are none, or the way ends (locals, dynamic blocks).
    """
    resource = plan.resources.get(address)
    if resource is None:
        return ()
    texts = _texts(_at(resource.expressions, path))
    if not texts:
        return ()
    configured = (
        _configured(plan, resource.module).get("resources", {}).get((resource.mode, resource.type, resource.name))
    )
    each = configured.get("for_each_expression") if configured else None
    try:
        return tuple(
            dict.fromkeys(_resolve(_Walk(plan), resource.module, texts, _key(resource.index), each, _FARTHEST))
        )
    except _TooManyError:
        return ()


def _configured(plan: TerraformPlan, module: str) -> dict[str, Any]:
    return plan.modules.get(without_keys(module), {})


def _key(index: str | int | None) -> str:
    if index is None:
        return ""
    if isinstance(index, int):
        return f"[{index}]"
    return '["' + index.replace("\\", "\\\\").replace('"', '\\"') + '"]'


def _at(node: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        if isinstance(node, dict) and _is_expression(node):
            return node
        if isinstance(node, list) and isinstance(step, int) and 0 <= step < len(node):
            node = node[step]
        elif isinstance(node, dict) and isinstance(step, str):
            node = node.get(step)
        elif not isinstance(node, dict):  # a number on a single nested block stays where it is
            return None
    return node


def _is_expression(node: dict[str, Any]) -> bool:
    return isinstance(node.get("references"), list) or "constant_value" in node


def _texts(node: Any) -> list[str]:
    """Every reference at and below a node of ``expressions``; of ``a.b.c`` and ``a.b`` only the longest."""
    found: dict[str, None] = {}
    todo = [node]
    while todo:
        part = todo.pop(0)
        if isinstance(part, dict):
            listed = part.get("references")
            if isinstance(listed, list):
                found.update((text, None) for text in listed if isinstance(text, str))
            else:
                todo += part.values()
        elif isinstance(part, list):
            todo += part
    if len(found) < 2:
        return list(found)
    shorter = {text[:i] for text in found for i, letter in enumerate(text) if letter in ".["}
    return [text for text in found if text not in shorter]


def _resolve(walk: _Walk, module: str, texts: list[str], own_key: str, each: Any, left: int) -> Iterator[Reference]:
    """``module``: the instance path the texts stand in; ``own_key`` and ``each``: of the block they stand in."""
    if left == 0:
        return
    by_own_key = own_key if {"each.key", "count.index"} & set(texts) else ""
    walk.steps += len(texts)
    if walk.steps > _MOST:
        raise _TooManyError
    for text in texts:
        steps = _STEP.findall(text)
        if not steps or steps[0] in _NOTHING:
            continue
        if steps[0] == "each":
            if steps[1:2] == ["value"]:
                yield from _each_value(walk, module, own_key, each, steps[2:], left)
        elif steps[0] == "var":
            yield from _variable(walk, module, steps[1:], left)
        elif steps[0] == "module":
            yield from _output(walk, module, steps[1:], by_own_key, left)
        else:
            found = _resource(walk, module, steps, by_own_key)
            if found:
                yield found


def _resource(walk: _Walk, module: str, steps: list[str], by_own_key: str) -> Reference | None:
    length = 3 if steps[0] == "data" else 2
    if len(steps) < length:
        return None
    address = ".".join([module, *steps[:length]] if module else steps[:length])
    rest = steps[length:]
    if rest and rest[0].startswith("["):
        address += rest.pop(0)
    elif by_own_key and address + by_own_key in walk.plan.resources:
        address += by_own_key
    return Reference(address, _dotted(rest))


def _dotted(steps: list[str]) -> str:
    return "".join(step if step.startswith("[") else f".{step}" for step in steps).removeprefix(".")


def _behind(found: Iterator[Reference], rest: list[str]) -> Iterator[Reference]:
    """What ``.rest`` of each reference is: ``var.bucket.arn`` where ``bucket = aws_s3_bucket.b``."""
    more = _dotted(rest)
    for reference in found:
        glue = "." if reference.attribute and more and not more.startswith("[") else ""
        yield Reference(reference.address, reference.attribute + glue + more)


def _each_value(walk: _Walk, module: str, own_key: str, each: Any, rest: list[str], left: int) -> Iterator[Reference]:
    """``for_each = aws_s3_bucket.b`` makes ``each.value`` the bucket of the same key; of a map, any of its values."""
    for reference in _behind(_resolve(walk, module, _texts(each), "", None, left - 1), rest):
        keyed = reference.address + own_key
        yield Reference(keyed, reference.attribute) if keyed in walk.plan.resources else reference


def _variable(walk: _Walk, module: str, steps: list[str], left: int) -> Iterator[Reference]:
    calls = _MODULE.findall(module)
    if not calls or not steps:
        return
    parent = ".".join(calls[:-1])
    called, _, key = calls[-1].removeprefix("module.").partition("[")
    call = _configured(walk.plan, parent).get("calls", {}).get(called)
    expressions = call.get("expressions") if call else None
    if isinstance(expressions, dict):
        texts = _texts(expressions.get(steps[0]))
        each = call.get("for_each_expression")
        yield from _behind(_resolve(walk, parent, texts, f"[{key}" if key else "", each, left - 1), steps[1:])


def _output(walk: _Walk, module: str, steps: list[str], by_own_key: str, left: int) -> Iterator[Reference]:
    child = ".".join([module, "module", *steps[:1]] if module else ["module", *steps[:1]])
    rest = steps[1:]
    configured = _configured(walk.plan, child)
    if rest and rest[0].startswith("["):
        child += rest.pop(0)
    elif by_own_key and child + by_own_key in configured.get("instances", ()):
        child += by_own_key
    outputs = configured.get("outputs", {})
    # module.m[each.key].name leaves only "module.m" in the plan: any of its outputs
    for name in rest[:1] or list(outputs):
        output = outputs.get(name)
        if isinstance(output, dict):
            texts = _texts(output.get("expression"))
            yield from _behind(_resolve(walk, child, texts, "", None, left - 1), rest[1:])
