"""``gate model``: what the gate found in the author's own input, as Rego reads it."""

from __future__ import annotations

import gc
import sys
from typing import Annotated, Literal

import typer

from gate.commands.options import Download, Paths, Patience, Source, VariableFiles, Variables

Side = Annotated[Literal["after", "before"], typer.Option(help="The side of the change.")]


def model(
    paths: Paths,
    side: Side = "after",
    source: Source = None,
    var: Variables = None,
    var_file: VariableFiles = None,
    terraform_timeout: Patience = 300.0,
    download: Download = False,
) -> None:
    """Print the access model of plans and manifests as JSON: what a rule reads as `input.access`. It judges nothing."""
    from gate.inputs.terraform.source_directory import TerraformInputs
    from gate.pipeline import facts
    from gate.report.outputs import print_out
    from gate.report.progress import progress
    from gate.report.untrusted import json_text

    gc.disable()  # one answer, and the process ends
    with progress() as say:
        found = facts(
            paths,
            side,
            source=source,
            terraform=TerraformInputs.given(var or (), var_file or (), terraform_timeout, say, download),
            stdin=getattr(sys.stdin, "buffer", None),
        )
    print_out(json_text(found))
