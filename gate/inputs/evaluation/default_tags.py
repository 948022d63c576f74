"""``default_tags`` of AWS provider blocks: an identity's owner often stands nowhere else."""

from __future__ import annotations

from gate.inputs.evaluation.overlay import Module
from gate.inputs.hcl_blocks import argument, top_level_blocks


def default_tags(root: Module) -> dict[str | None, dict[str, str]]:
    """Tags by the provider's alias (None for the default one), as far as they are written out as texts."""
    found: dict[str | None, dict[str, str]] = {}
    for block, text in root.named("provider"):
        if block.labels != ("aws",):
            continue
        body = text[block.body : block.end - 1]
        alias = (argument(body, "alias") or "").strip().strip('"') or None
        for nested in top_level_blocks(body):
            if nested.kind == "default_tags":
                found[alias] = _texts(argument(body[nested.body : nested.end - 1], "tags") or "{}")
    return found


def _texts(expression: str) -> dict[str, str]:
    import hcl2

    try:
        tags = hcl2.loads(f"tags = {expression.strip()}\n")["tags"]
    except Exception:  # hcl2 has no error type of its own; Terraform says what is wrong with the block
        return {}
    if not isinstance(tags, dict):
        return {}
    written = {name.strip('"'): value[1:-1] for name, value in tags.items() if _is_text(value)}
    return {name: value for name, value in written.items() if not name.startswith("__")}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value[:1] == value[-1:] == '"' and len(value) > 1 and "${" not in value
