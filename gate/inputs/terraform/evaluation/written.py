"""Documents written in place, read without Terraform: the second best.

Where Terraform cannot evaluate (none is there, or it refuses), an attribute that is ``jsonencode({…})`` or a heredoc
still shows most of what it says. References to resources of the plan become symbols, as in an evaluation; every other
expression is a leaf nobody knows, and the document is judged on the rest.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from gate.inputs.documents import UNKNOWN, TerraformPlan, TerraformResource
from gate.inputs.terraform.evaluation.symbols import Symbols
from gate.inputs.text.hcl.blocks import argument, top_level_blocks

_ENCODED = re.compile(r"\s*jsonencode\(\s*(\{.*\})\s*\)\s*\Z", re.DOTALL)
_HEREDOC = re.compile(r"\s*<<-?[ \t]*([A-Za-z_][\w-]*)[ \t]*\r?\n(.*)\n[ \t]*\1\s*\Z", re.DOTALL)
_TEMPLATE = re.compile(r"\$\{([^{}]*)\}")
_ATTRIBUTE = re.compile(
    r"\s*((?:data\.)?[A-Za-z_][\w-]*\.[A-Za-z_][\w-]*)(\[(?:\d+|\"[^\"]*\")\])?\.(arn|id|name|url)\s*\Z"
)


def written_in_place(plan: TerraformPlan) -> TerraformPlan:
    """The plan with what its located source writes in place of attributes that are not known before apply."""
    symbols = Symbols()
    texts: dict[str, str] = {}
    resources = {a: _with_documents(r, plan, symbols, texts) for a, r in plan.resources.items()}
    for reference in symbols.references.values():
        named = resources[reference.address]
        if reference.attribute in ("arn", "id", "name") and not (named.after or {}).get(reference.attribute):
            value = symbols.value(reference.address, reference.attribute)
            resources[reference.address] = replace(named, after=(named.after or {}) | {reference.attribute: value})
    return replace(plan, resources=resources, symbols=dict(symbols.references))


def _with_documents(
    resource: TerraformResource, plan: TerraformPlan, symbols: Symbols, texts: dict[str, str]
) -> TerraformResource:
    if resource.location is None or resource.after is None or not isinstance(resource.unknown, dict):
        return resource
    open_names = [
        name for name, unknown in resource.unknown.items() if unknown is True and name in resource.expressions
    ]
    if not open_names:
        return resource
    body = _body(resource, texts)
    after, unknown = dict(resource.after), dict(resource.unknown)
    for name in open_names:
        document = _document(argument(body, name) or "", resource, plan, symbols)
        if document is not None:
            after[name], unknown[name] = document, False
    return replace(resource, after=after, unknown=unknown)


def _body(resource: TerraformResource, texts: dict[str, str]) -> str:
    assert resource.location is not None
    file = resource.location.file
    if file not in texts:
        try:
            texts[file] = Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            texts[file] = ""
    for block in top_level_blocks(texts[file]):
        if block.line == resource.location.line and block.labels == (resource.type, resource.name):
            return texts[file][block.body : block.end - 1]
    return ""


def _document(expression: str, resource: TerraformResource, plan: TerraformPlan, symbols: Symbols) -> str | None:
    """The JSON text of a document written in place, unknown leaves marked; None when it is something else."""
    encoded, heredoc = _ENCODED.match(expression), _HEREDOC.match(expression)
    try:
        if encoded:
            import hcl2

            tree = hcl2.loads(f"document = {encoded[1]}\n")["document"]
        elif heredoc:
            tree = json.loads(_TEMPLATE.sub(lambda m: json.dumps("${" + m[1] + "}")[1:-1], heredoc[2]))
        else:
            return None
    except Exception:  # hcl2 has no error type of its own; whatever it says, the document stays unknown
        return None
    return json.dumps(_leaves(tree, bool(encoded), resource, plan, symbols)) if isinstance(tree, dict) else None


def _leaves(node: Any, hcl: bool, resource: TerraformResource, plan: TerraformPlan, symbols: Symbols) -> Any:
    """``hcl``: texts are as python-hcl2 gives them: literals in quotes, expressions as ``${…}``."""
    if isinstance(node, dict):
        keys = {name: name.strip('"') if hcl else name for name in node if not name.startswith("__")}
        return {key: _leaves(node[name], hcl, resource, plan, symbols) for name, key in keys.items()}
    if isinstance(node, list):
        return [_leaves(item, hcl, resource, plan, symbols) for item in node]
    if not isinstance(node, str):
        return node
    text = node[1:-1] if hcl and len(node) > 1 and node[0] == node[-1] == '"' else node
    unknown: list[str] = []

    def meant(found: re.Match[str]) -> str:
        value = _symbol(found[1], resource, plan, symbols)
        if value is None:
            unknown.append(found[1].strip())
        return value or ""

    told = _TEMPLATE.sub(meant, text)
    if unknown or "${" in told or "%{" in told:
        return UNKNOWN + (unknown[0] if unknown else "")
    return told


def _symbol(expression: str, resource: TerraformResource, plan: TerraformPlan, symbols: Symbols) -> str | None:
    """What a reference to an attribute of a resource of the same module is, or stands for."""
    found = _ATTRIBUTE.match(expression)
    if not found:
        return None
    address = f"{resource.module}.{found[1]}" if resource.module else found[1]
    address += found[2] or ""
    named = plan.resources.get(address)
    if named is None or named.after is None:
        return None
    known = named.after.get(found[3])
    return known if isinstance(known, str) else symbols.value(address, found[3])
