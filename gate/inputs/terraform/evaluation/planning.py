"""Terraform plans a copy, and what stands in the way of that is taken out, one expression at a time."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gate.errors import EvaluationError
from gate.inputs.terraform.evaluation.inert_program import find_program
from gate.inputs.terraform.evaluation.terraform import Terraform, environment, errors, run
from gate.inputs.terraform.evaluation.workspace import Copy

_ROUNDS = 12
_VALUES = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|`[^`]*`|(?<=got )[\s\S]*|(?<=got: )[\s\S]*')


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan as ``terraform show -json`` tells it, and the expressions that could not be evaluated: why each."""

    document: dict[str, Any]
    blanked: tuple[str, ...]


def planned(
    terraform: Terraform, one: Copy, directory: Path, variables: Mapping[str, str], files: list[Path], timeout: float
) -> Planned:
    """Plan one copy. ``variables``: ``TF_VAR_…`` of invented values; ``files``: ``.tfvars``, the last goes first.

    EvaluationError with Terraform's own words, in terms of the user's files, when it cannot.
    """
    settings = dict(variables) | environment(one.folder)
    plan = one.folder / "plan.out"
    command = [*confined(terraform, one), "plan", "-json", "-input=false", "-lock=false", f"-out={plan}"]
    for number, path in enumerate(files):
        inside = one.folder / f"given-{number}{''.join(path.suffixes[-2:])}"
        inside.touch(mode=0o600)
        shutil.copyfile(path, inside)
        command.append(f"-var-file={inside}")
    blanked: list[str] = []
    for _ in range(_ROUNDS):
        status, output = run(command, one.root, settings, timeout=timeout, doing=f"{directory}: evaluating")
        if status == 0:
            return Planned(_shown(terraform, one, settings, timeout, directory), tuple(blanked))
        found = errors(output)
        taken = _blank(one, found)
        if not taken:
            said = diagnosed(found) if found else _last(output)
            raise EvaluationError(f"{directory}: Terraform cannot evaluate this configuration: {said}")
        blanked += taken
    raise EvaluationError(f"{directory}: Terraform cannot evaluate this configuration: {blanked[-1]}")


@cache
def missing_confinement() -> tuple[str, ...]:
    """What of the confinement this system does not permit: ``Landlock``, ``seccomp``."""
    ran = subprocess.run([find_program(), "confine"], capture_output=True, check=False, env={})
    permitted = json.loads(ran.stdout) if ran.returncode == 0 else {}
    return tuple(name for name in ("Landlock", "seccomp") if not permitted.get(name.lower()))


def confined(terraform: Terraform, one: Copy) -> list[str]:
    """``confinement`` of the evaluation of one copy."""
    return confinement(terraform, one.folder)


def confinement(terraform: Terraform, folder: Path) -> list[str]:
    """The command that starts Terraform without a network, and with nothing to read or write but ``folder``.

    EvaluationError where ``GATE_SANDBOX=required`` asks for more than the system permits.
    """
    if os.environ.get("GATE_SANDBOX") == "required" and missing_confinement():
        missing = " and ".join(missing_confinement())
        raise EvaluationError(
            f"this system does not confine programs by {missing}, and GATE_SANDBOX requires it",
            hint="Use Linux ≥ 5.13 with Landlock, or unset GATE_SANDBOX.",
        )
    return [str(find_program()), "confine", str(folder), str(Path(terraform.path).resolve())]


def _shown(
    terraform: Terraform, one: Copy, settings: dict[str, str], timeout: float, directory: Path
) -> dict[str, Any]:
    command = [*confined(terraform, one), "show", "-json", str(one.folder / "plan.out")]
    status, output = run(command, one.root, settings, timeout=timeout, doing=f"{directory}: reading the evaluation")
    start = output.find(b'{"format_version"')  # a warning about development overrides may stand before it
    if status != 0 or start < 0:
        raise EvaluationError(f"{directory}: Terraform cannot show what it evaluated: {_last(output)}")
    document: dict[str, Any] = json.JSONDecoder().raw_decode(output[start:].decode())[0]
    return document


def _blank(one: Copy, found: list[dict[str, Any]]) -> list[str]:
    """Make each expression that an error names unknown; what was made unknown, with its place and reason."""
    places = [
        {
            "file": str(one.root / diagnostic["range"]["filename"]),
            "start": diagnostic["range"]["start"]["byte"],
            "end": diagnostic["range"]["end"]["byte"],
            "said": diagnosed([diagnostic]),
        }
        for diagnostic in found
        if isinstance(diagnostic.get("range"), dict)
    ]
    if not places:
        return []
    ran = subprocess.run(
        [find_program(), "blank"], input=json.dumps(places).encode(), capture_output=True, check=False, env={}
    )
    return list(json.loads(ran.stdout)) if ran.returncode == 0 else []


def diagnosed(found: list[dict[str, Any]]) -> str:
    """The first error with its place. Only its summary is passed on, and nothing it quotes: it may be a value."""
    if not found:
        return "no plan came back"
    place = found[0].get("range") or {}
    where = f"{place['filename']}:{place['start']['line']}: " if place.get("filename") else ""
    return where + _VALUES.sub("…", str(found[0].get("summary")))


def _last(output: bytes) -> str:
    lines = [line.strip(" │╷╵") for line in output.decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "it ended without a message; trying again may help")
