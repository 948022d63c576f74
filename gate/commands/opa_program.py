"""``gate engine``: the programs that decide and evaluate, found and put in place."""

from __future__ import annotations

from typing import Annotated

import typer

engine_app = typer.Typer(help="Install and locate Open Policy Agent.", rich_markup_mode=None)


@engine_app.command("install")
def engine_install(
    missing: Annotated[
        bool, typer.Option("--missing", help="Install only what is missing, and keep a usable OPA.")
    ] = False,
) -> None:
    """Install the pinned OPA, and the program that evaluates Terraform, into the user's cache."""
    from gate.engine.binary import find_opa
    from gate.engine.install import install
    from gate.errors import EngineNotFound, EvaluationError
    from gate.inputs.terraform.evaluation.inert_program import install_program, installed_program

    try:
        typer.echo(str(find_opa().path if missing else install()))
    except EngineNotFound:
        typer.echo(str(install()))
    try:
        typer.echo(str((installed_program() if missing else None) or install_program()))
    except EvaluationError as error:  # plans whose documents are known need only OPA
        typer.echo(f"{error.message}\n  {error.hint or ''}", err=True)


@engine_app.command("where")
def engine_where() -> None:
    """Print the path of the OPA executable that would be used."""
    from gate.engine.binary import find_opa

    typer.echo(str(find_opa().path))
