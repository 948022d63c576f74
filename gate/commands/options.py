"""Options that several commands share, and what the terminal allows."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

Paths = Annotated[
    list[str], typer.Argument(metavar="PATH", help="Plans, manifests or folders. Use - for standard input.")
]
Source = Annotated[Path | None, typer.Option(metavar="DIR", help="The Terraform source the plan was made from.")]
Variables = Annotated[list[str] | None, typer.Option("--var", metavar="NAME=VALUE", help="A Terraform variable.")]
VariableFiles = Annotated[list[Path] | None, typer.Option("--var-file", metavar="FILE", help="Terraform variables.")]
Download = Annotated[
    bool, typer.Option("--download", help="Download Terraform modules that are not available locally.")
]
Patience = Annotated[float, typer.Option(metavar="SECONDS", min=0.1, help="Timeout for each Terraform run.")]
ConfigFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The gate.yaml to use (default: the one beside the inputs).")
]
Policies = Annotated[
    list[Path] | None, typer.Option("--policy", metavar="DIR", help="A folder with your own Rego rules. Repeatable.")
]
OpaUrl = Annotated[str | None, typer.Option(metavar="URL", help="Use a remote OPA instead of a private one.")]
TimeLimit = Annotated[
    float,
    typer.Option(metavar="SECONDS", min=1.0, envvar="GATE_TIME_LIMIT", help="Time limit for the whole check."),
]
Timeout = Annotated[float, typer.Option(metavar="SECONDS", min=0.1, help="Timeout for the decision of the engine.")]
Colour = Annotated[Literal["auto", "always", "never"], typer.Option("--color", help="Use colours in the text report.")]
OutputFile = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the report to this file.")
]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FORMAT[=FILE]",
        help="text, json, sarif, github, markdown, gitlab, junit; repeatable: sarif=gate.sarif.",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the verdict in the text report.")]
Namespace = Annotated[
    str | None,
    typer.Option(
        "--namespace", "-n", metavar="NAME", help="Namespace for objects that do not set one, like kubectl apply -n."
    ),
]
Kubeconfig = Annotated[Path | None, typer.Option(metavar="FILE", help="Default: KUBECONFIG, then ~/.kube/config.")]
Context = Annotated[
    str | None, typer.Option(metavar="NAME", help="The kubeconfig context to use (default: the current one).")
]
InCluster = Annotated[bool, typer.Option("--in-cluster", help="Use the service account of the pod that this runs in.")]


def colour(wish: str) -> bool:
    """Whether the text report may use colours."""
    if wish != "auto":
        return wish == "always"
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Columns of the text report."""
    import shutil

    return min(max(shutil.get_terminal_size((80, 24)).columns, 40), 120)
