"""Hatchling's build hook: puts the programs of one platform into the wheel (``tools/wheels/build.py`` calls it).

Without ``GATE_WHEEL_PROGRAMS`` it does nothing, and the wheel is the pure one: ``gate engine install`` gets the
programs then. https://hatch.pypa.io/latest/plugins/build-hook/custom/
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ProgramsHook(BuildHookInterface):  # type: ignore[type-arg]
    """``GATE_WHEEL_PROGRAMS``: a folder; what is in it goes to ``gate/bin/``. ``GATE_WHEEL_TAG``: the wheel's tag."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """As ``BuildHookInterface`` asks for."""
        folder = os.environ.get("GATE_WHEEL_PROGRAMS")
        if not folder or version == "editable":
            return
        programs = sorted(Path(folder).iterdir())
        build_data["pure_python"] = False
        build_data["tag"] = os.environ["GATE_WHEEL_TAG"]
        for program in programs:
            if program.name.endswith(".cdx.json"):
                build_data["sbom_files"].append(str(program))
            else:
                build_data["force_include"][str(program)] = f"gate/bin/{program.name}"
