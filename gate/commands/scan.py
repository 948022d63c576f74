"""``gate scan``: judge what stands somewhere now, not a change of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from gate.commands.options import (
    Colour,
    ConfigFile,
    Context,
    Formats,
    InCluster,
    Kubeconfig,
    OpaUrl,
    OutputFile,
    Policies,
    Quiet,
    Timeout,
    colour,
    width,
)
from gate.errors import UsageError


class Extra(StrEnum):
    """What else to read."""

    configmaps = "configmaps"
    secrets = "secrets"


scan_app = typer.Typer(help="Judge a running cluster.", rich_markup_mode=None)


@scan_app.callback()
def _scan() -> None:
    """Judge a running cluster: allow (exit 0) or deny (exit 1), with reasons."""


@scan_app.command("cluster")
def scan_cluster(
    kubeconfig: Kubeconfig = None,
    context: Context = None,
    in_cluster: InCluster = False,
    namespace: Annotated[
        str | None,
        typer.Option("--namespace", "-n", metavar="NAME", help="Judge one namespace, and what applies to all of them."),
    ] = None,
    include: Annotated[
        list[Extra] | None,
        typer.Option(
            metavar="WHAT",
            help="configmaps: look for plaintext secrets; secrets: names of token Secrets, never values.",
        ),
    ] = None,
    config: ConfigFile = None,
    policy: Policies = None,
    opa_url: OpaUrl = None,
    format: Formats = None,  # the option's name
    output: OutputFile = None,
    timeout: Timeout = 60.0,
    color: Colour = "auto",
    quiet: Quiet = False,
) -> None:
    """Judge everything in a running cluster: allow (exit 0) or deny (exit 1), with reasons."""
    from gate.report.outputs import outputs, write
    from gate.surfaces.cluster_scan import scan

    if in_cluster and (kubeconfig or context):
        raise UsageError("--in-cluster and a kubeconfig exclude each other", hint="Leave one of them out.")
    reports = outputs(format or (), output, ())
    decision = scan(
        kubeconfig=kubeconfig,
        context=context,
        in_cluster=in_cluster,
        namespace=namespace,
        extra=[extra.value for extra in include or ()],
        config=config,
        policies=policy or (),
        opa_url=opa_url,
        timeout=timeout,
    )
    write(reports, decision, policy or (), colour=colour(color), width=width(), quiet=quiet)
    raise typer.Exit(1 if decision.verdict == "deny" else 0)
