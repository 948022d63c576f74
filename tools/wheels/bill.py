"""The bill of materials of the Go programs in a wheel: CycloneDX 1.6, from what ``go version -m`` reads in them.

PEP 770 says where it goes: ``nhi_gate-….dist-info/sboms/``. The Python packages that the gate needs are in no wheel of
ours; ``requirements.lock`` names them.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any


def bill(programs: list[Path], version: str) -> str:
    """The bill as JSON text; ``version``: of the gate."""
    components: dict[str, dict[str, Any]] = {}
    depending: list[dict[str, Any]] = []
    for program in programs:
        modules = _modules(program)
        for name, its_version in modules:
            reference = _reference(name, its_version)
            components[reference] = {
                "type": "library",
                "bom-ref": reference,
                "name": name,
                "version": its_version,
                "purl": reference,
            }
        components[program.name] = {"type": "application", "bom-ref": program.name, "name": program.stem}
        depending.append({"ref": program.name, "dependsOn": sorted({_reference(*module) for module in modules})})
    main = {"type": "application", "bom-ref": "nhi-gate", "name": "nhi-gate", "version": version}
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {"component": main},
            "components": [components[reference] for reference in sorted(components)],
            "dependencies": [{"ref": "nhi-gate", "dependsOn": [program.name for program in programs]}, *depending],
        },
        indent=1,
    )


def _modules(program: Path) -> list[tuple[str, str]]:
    """Name and version of each module linked in, the standard library's included."""
    said = subprocess.run(["go", "version", "-m", str(program)], capture_output=True, text=True, check=True).stdout
    toolchain = said.splitlines()[0].rpartition(": go")[2]
    rows = [line.split("\t") for line in said.splitlines()[1:]]
    listed = [(row[2], row[3]) for row in rows if len(row) > 3 and row[1] in ("mod", "dep")]
    return [("stdlib", toolchain), *((name, version) for name, version in listed if version.startswith("v"))]


def _reference(name: str, version: str) -> str:
    return f"pkg:golang/{name}@{version}"
