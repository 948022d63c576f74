"""The provisioners of a resource as its source writes them, in the form of a plan's ``configuration``.

A plan that Terraform makes of a directory here has none: they are taken out before Terraform reads the copy.
https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gate.inputs.text.hcl.blocks import expressions, top_level_blocks
from gate.inputs.text.hcl.literals import literals

Key = tuple[str, str, str]


def in_body(body: str) -> list[dict[str, Any]]:
    """Those of a resource block's body: ``[{"type": "local-exec", "expressions": {…}}]``."""
    return [
        {"type": block.labels[0], "expressions": _expressions(body[block.body : block.end - 1])}
        for block in top_level_blocks(body)
        if block.kind == "provisioner" and len(block.labels) == 1
    ]


def _expressions(body: str) -> dict[str, object]:
    """With the values of literals, which stand in no other part of a plan."""
    return expressions(body) | {name: {"constant_value": value} for name, value in literals(body).items()}


def in_json(document: object) -> Iterator[tuple[Key, list[dict[str, Any]]]]:
    """Those of each resource of a ``.tf.json`` file. Wherever one block may stand, a list of them may, too.

    https://developer.hashicorp.com/terraform/language/syntax/json#nested-block-mapping
    """
    for types in _blocks(document, "resource"):
        for kind, names in types.items():
            for named in _listed(names):
                for name, given in named.items():
                    found = [one for resource in _listed(given) for one in _of_json(resource)]
                    if found:
                        yield ("managed", kind, name), found


def _of_json(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for labels in _blocks(resource, "provisioner"):
        for label, inner in labels.items():
            for one in _listed(inner):
                constants = {name: {"constant_value": value} for name, value in one.items()}
                yield {"type": label, "expressions": constants}


def _blocks(document: object, name: str) -> list[dict[str, Any]]:
    return _listed(document.get(name)) if isinstance(document, dict) else []


def _listed(value: object) -> list[dict[str, Any]]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
