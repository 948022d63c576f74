"""Input variables of the root module: what was given, and what stands in for the rest."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence, Set
from pathlib import Path
from typing import Any

from gate.inputs.evaluation.overlay import Module

_ASSIGNED = re.compile(r"^([A-Za-z_][\w-]*)\s*=", re.MULTILINE)
# Texts survive in names and documents, so a missing one stays recognisable; other types get the least that is valid.
_FILLERS: dict[str, Any] = {"number": 1, "bool": False, "list": [], "set": [], "map": {}, "object": {}, "tuple": []}


def missing_variables(root: Module, given: Set[str]) -> dict[str, Any]:
    """A value for each required variable that is not ``given``: recognisable instead of an error."""
    values: dict[str, Any] = {}
    for block, text in root.named("variable"):
        body = text[block.body : block.end]
        if len(block.labels) != 1 or block.labels[0] in given or re.search(r"^\s*default\s*=", body, re.MULTILINE):
            continue
        kind = re.search(r"^\s*type\s*=\s*([a-z]+)", body, re.MULTILINE)
        values[block.labels[0]] = _FILLERS.get(kind[1] if kind else "string", f"var-{block.labels[0]}")
    return values


def set_elsewhere(place: Path, files: Sequence[Path]) -> set[str]:
    """Names that Terraform finds a value for by itself: ``*.tfvars`` it loads, ``TF_VAR_…``, and those of ``files``.

    https://developer.hashicorp.com/terraform/language/values/variables#assigning-values-to-root-module-variables
    """
    names = {name.removeprefix("TF_VAR_") for name in os.environ if name.startswith("TF_VAR_")}
    for path in [*place.glob("terraform.tfvars*"), *place.glob("*.auto.tfvars*"), *files]:
        try:
            text = path.read_text(encoding="utf-8")
            names |= set(json.loads(text)) if path.suffix == ".json" else set(_ASSIGNED.findall(text))
        except (OSError, ValueError):
            continue  # Terraform reads the file too, and says what is wrong with it
    return names
