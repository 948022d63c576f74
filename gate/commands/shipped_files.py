"""``gate init``, ``gate schema``, ``gate bundle``: what ships with the gate, written or printed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gate.commands.options import Policies
from gate.errors import GateError, UsageError


def init(
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a commented gate.yaml into the current folder."""
    from gate.inputs.config import NAME, template

    target = Path(NAME)
    if target.exists() and not force:
        raise UsageError("gate.yaml exists already", hint="`gate init --force` overwrites it.")
    try:
        target.write_text(template(), encoding="utf-8")
    except OSError as e:
        raise GateError(f"gate.yaml cannot be written: {e.strerror}") from e
    typer.echo("gate.yaml written: strict defaults, each with a comment.")


def schema(which: Annotated[Literal["decision", "diff", "config", "access"], typer.Argument()]) -> None:
    """Print a shipped JSON Schema."""
    from gate.report.outputs import print_out
    from gate.report.published_schemas import text

    print_out(text(which))


def bundle(output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE")], policy: Policies = None) -> None:
    """Write the policies as one OPA bundle, for a remote OPA."""
    from gate.engine.bundle import build_bundle

    built = build_bundle(policy or ())
    try:
        output.write_bytes(built.archive)
    except OSError as e:
        raise GateError(f"{output}: the bundle cannot be written there: {e.strerror}") from e
    typer.echo(f"{output}: revision {built.revision}")
