"""``gate serve admission`` and ``gate serve runtask``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gate.commands.options import Context, Policies

serve_app = typer.Typer(help="Run the gate as a service.", rich_markup_mode=None)

Certificate = Annotated[
    Path, typer.Option(metavar="FILE", help="PEM certificate of the server; reloaded when it changes.")
]
Key = Annotated[Path, typer.Option(metavar="FILE", help="PEM key of the certificate.")]
ClientCa = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Accept only clients with a certificate from this CA.")
]
Mode = Annotated[
    Literal["enforce", "warn", "dry-run"] | None, typer.Option(help="Override admission.mode in gate.yaml.")
]


@serve_app.callback()
def _options() -> None:
    """Options of the command itself."""


@serve_app.command()
def admission(
    tls_cert: Certificate,
    tls_key: Key,
    client_ca: ClientCa = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "0.0.0.0",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port for the API server (HTTPS, /validate).")] = 8443,
    probe_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port for /healthz, /readyz and /metrics (HTTP).")
    ] = 8080,
    kubeconfig: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The kubeconfig to use (default: the pod's service account).")
    ] = None,
    context: Context = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The gate.yaml to use (default: the one in this folder).")
    ] = None,
    policy: Policies = None,
    mode: Mode = None,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=0.1, help="Timeout for one decision.")] = 8.0,
    max_stale: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=1.0, help="Deny when the known state of the cluster is older than this."),
    ] = 300.0,
    drain: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.0, help="Keep answering for this long after the signal to end.")
    ] = 5.0,
) -> None:
    """Run a validating webhook that judges what an API server is about to store. Without a decision it denies."""
    import asyncio
    from dataclasses import replace

    from gate.engine.serving import ServingEngine
    from gate.inputs.config import load_config
    from gate.surfaces.admission.reviews import Limits
    from gate.surfaces.admission.webhook_server import Options, serve

    settings = load_config(config)
    if mode is not None:
        settings = replace(settings, mode=mode, tiers=tuple(replace(tier, mode=None) for tier in settings.tiers))
    engine = ServingEngine([*settings.policies, *(policy or ())], settings.data, pinned=settings.engine == "pinned")
    options = Options(
        certificate=tls_cert,
        key=tls_key,
        client_ca=client_ca,
        host=host,
        port=port,
        probe_port=probe_port,
        kubeconfig=kubeconfig,
        context=context,
        in_cluster=kubeconfig is None and context is None,
        limits=Limits(timeout, max_stale),
        drain=drain,
    )
    asyncio.run(serve(options, settings, engine))


@serve_app.command()
def runtask(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "0.0.0.0",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port for HCP Terraform (POST /).")] = 8443,
    tls_cert: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="PEM certificate of the server; omit it behind a proxy that terminates TLS."),
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="PEM key of the certificate.")] = None,
    tfc_host: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="Host of HCP Terraform that may be called back. Repeatable."),
    ] = None,
    tfc_ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="PEM file with the CA of your own Terraform Enterprise.")
    ] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="gate.yaml (default: in this folder).")] = None,
    policy: Policies = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Number of plans judged at the same time.")] = 2,
    time_limit: Annotated[float, typer.Option(metavar="SECONDS", min=1.0, help="Time limit for one plan.")] = 300.0,
    plan_limit: Annotated[int, typer.Option(metavar="MIB", min=1, help="Largest plan.")] = 256,
) -> None:
    """Judge plans as a run task of HCP Terraform or Terraform Enterprise; whatever goes wrong is a failed task.

    Reads the key that requests are signed with from GATE_RUN_TASK_KEY.
    """
    import asyncio
    import os

    from gate.errors import UsageError
    from gate.inputs.config import load_config
    from gate.surfaces.run_task.calls import Calls
    from gate.surfaces.run_task.service import Options, serve

    key = os.environ.get("GATE_RUN_TASK_KEY", "").encode()
    if not key:
        raise UsageError("GATE_RUN_TASK_KEY is not set", hint="Give the run task an HMAC key, and set it here.")
    if (tls_cert is None) != (tls_key is None):
        raise UsageError("--tls-cert and --tls-key must be given together")
    found = config or (Path("gate.yaml") if Path("gate.yaml").is_file() else None)
    load_config(found)
    arguments = ["--config", str(found.resolve())] if found else []
    arguments += [text for one in policy or () for text in ("--policy", str(one.resolve()))]
    options = Options(
        key=key,
        hosts=frozenset(tfc_host or ["app.terraform.io"]),
        host=host,
        port=port,
        certificate=(tls_cert, tls_key) if tls_cert and tls_key else None,
        arguments=arguments,
        workers=workers,
        seconds=time_limit,
    )
    asyncio.run(serve(options, Calls(plan_limit << 20, tfc_ca)))
