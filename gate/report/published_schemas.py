"""The JSON Schemas that ship with the package."""

from __future__ import annotations

from importlib.resources import files
from typing import Literal


def text(which: Literal["decision", "diff", "config", "access"]) -> str:
    """The schema's text: of the JSON of ``gate check`` or ``gate diff``, of ``gate.yaml``, or of what OPA reads."""
    if which in ("decision", "diff"):
        place = files("gate.report").joinpath(f"{which}.schema.json")
    elif which == "config":
        place = files("gate.inputs").joinpath("schemas", "gate.yaml.schema.json")
    else:
        from gate.engine.bundle import rego_root

        return (rego_root() / "schema" / "envelope.json").read_text(encoding="utf-8")
    return place.read_text(encoding="utf-8")
