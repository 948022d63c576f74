"""The command ``gate``: arguments and exit codes, nothing else.

0 allow, 1 deny, 2 no decision. Nothing is imported before it is needed: ``gate --help`` answers at once.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, cast

import typer

from gate import __version__
from gate.commands.comment import comment
from gate.commands.ending import ENDING
from gate.commands.language_server import lsp
from gate.commands.model import model
from gate.commands.opa_program import engine_app
from gate.commands.options import (
    Colour,
    ConfigFile,
    Download,
    Formats,
    Namespace,
    OpaUrl,
    OutputFile,
    Paths,
    Patience,
    Policies,
    Quiet,
    Source,
    TimeLimit,
    Timeout,
    VariableFiles,
    Variables,
    colour,
    width,
)
from gate.commands.rules import rules_app
from gate.commands.scan import scan_app
from gate.commands.serve import serve_app
from gate.commands.shipped_files import bundle, init, schema
from gate.errors import GateError

NO_DECISION = 2

app = typer.Typer(
    name="gate",
    help="What could each identity do if this change goes live? Exit: 0 allow, 1 deny, 2 no decision.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(rules_app, name="rules")
app.add_typer(engine_app, name="engine")
app.add_typer(scan_app, name="scan")
app.add_typer(serve_app, name="serve")

Scope = Annotated[Literal["changed", "all"] | None, typer.Option(help="Judge only what changes, or everything.")]


def _version(asked: bool) -> None:
    if asked:
        from gate.engine.binary import find_opa
        from gate.engine.bundle import build_bundle

        typer.echo(f"gate {__version__}\npolicies {build_bundle().revision}")
        try:
            opa = find_opa()
            typer.echo(f"Open Policy Agent {opa.version} ({opa.path})")
        except GateError as error:
            typer.echo(f"Open Policy Agent: {error.message}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the versions of the gate, its policies and OPA."
        ),
    ] = False,
) -> None:
    """Options of the command itself."""


@app.command()
def check(
    paths: Paths,
    source: Source = None,
    config: ConfigFile = None,
    policy: Policies = None,
    opa_url: OpaUrl = None,
    scope: Scope = None,
    namespace: Namespace = None,
    format: Formats = None,  # the option's name
    output: OutputFile = None,
    timeout: Timeout = 60.0,
    var: Variables = None,
    var_file: VariableFiles = None,
    terraform_timeout: Patience = 300.0,
    time_limit: TimeLimit = 900.0,
    download: Download = False,
    color: Colour = "auto",
    quiet: Quiet = False,
) -> None:
    """Judge plans and manifests together as one change: allow (exit 0) or deny (exit 1), with reasons."""
    from gate.inputs.terraform.source_directory import TerraformInputs
    from gate.pipeline import check as decide
    from gate.report.outputs import outputs, write
    from gate.report.progress import progress

    ENDING.limit(time_limit)
    gc.disable()  # one check, and the process ends: nothing it leaves behind is worth looking for
    reports = outputs(format or (), output, paths)
    with progress() as say:
        decision = decide(
            paths,
            source=source,
            config=config,
            policies=policy or (),
            opa_url=opa_url,
            scope=scope,
            namespace=namespace,
            timeout=timeout,
            terraform=TerraformInputs.given(var or (), var_file or (), terraform_timeout, say, download),
            stdin=getattr(sys.stdin, "buffer", None),
        )
    write(reports, decision, policy or (), colour=colour(color), width=width(), quiet=quiet)
    raise typer.Exit(1 if decision.verdict == "deny" else 0)


@app.command()
def diff(
    paths: Paths,
    source: Source = None,
    format: Annotated[Literal["text", "markdown", "json"], typer.Option(help="Output format.")] = "text",
    namespace: Namespace = None,
    opa_url: OpaUrl = None,
    timeout: Timeout = 60.0,
    var: Variables = None,
    var_file: VariableFiles = None,
    terraform_timeout: Patience = 300.0,
    time_limit: TimeLimit = 900.0,
    download: Download = False,
) -> None:
    """Show what each identity gains and loses through the change. It only informs: the exit status is 0."""
    from gate.inputs.terraform.source_directory import TerraformInputs
    from gate.pipeline import diff as compare
    from gate.report import difference_json, difference_markdown, difference_text
    from gate.report.outputs import print_out
    from gate.report.progress import progress

    ENDING.limit(time_limit)
    gc.disable()  # as in check
    with progress() as say:
        difference = compare(
            paths,
            source=source,
            namespace=namespace,
            opa_url=opa_url,
            timeout=timeout,
            terraform=TerraformInputs.given(var or (), var_file or (), terraform_timeout, say, download),
            stdin=getattr(sys.stdin, "buffer", None),
        )
    renders = {"text": difference_text, "markdown": difference_markdown, "json": difference_json}
    print_out(renders[format].render(difference))


@app.command()
def explain(
    what: Annotated[list[str], typer.Argument(metavar="FINGERPRINT|RULE|PATH", help="What to explain.")],
    decision: Annotated[Path | None, typer.Option(metavar="FILE", help="A decision that --format json wrote.")] = None,
    source: Source = None,
    config: ConfigFile = None,
    policy: Policies = None,
    time_limit: TimeLimit = 900.0,
) -> None:
    """Show the chain behind each finding: evidence, path, and the lines of the source if available."""
    from gate.report import explain as report
    from gate.report.outputs import print_out
    from gate.report.saved import load, refuse_names, select

    ENDING.limit(time_limit)
    if decision is not None:
        findings = select(load(decision), what)
    else:
        from gate.pipeline import check as decide

        refuse_names(what)
        stdin = getattr(sys.stdin, "buffer", None)
        findings = decide(what, source=source, config=config, policies=policy or (), stdin=stdin).findings
    print_out(report.render(findings, width=width(), root=source))


for command in (model, init, schema, bundle, comment, lsp):
    app.command()(command)


def main() -> NoReturn:
    """Run the command: every way out of here is 0, 1 or 2, and an error says that no decision was made."""
    sys.exit(_run())


def _run() -> int:
    ENDING.install()
    problem = cast("type[Exception]", typer.BadParameter.__mro__[2])  # ClickException: click's, or typer's own copy
    try:
        status: Any = typer.main.get_command(app).main(prog_name="gate", standalone_mode=False)
    except GateError as e:
        # What else failed meanwhile, failed because our children were ended.
        told = ENDING.why or e
        return _fail(told.message, told.hint)
    except problem as e:
        return _fail(cast("Any", e).format_message().replace("\t", ""), "`gate --help` lists commands and options.")
    except (KeyboardInterrupt, typer.Abort):
        return _ended()
    except Exception as e:  # whatever it is, it must not look like a deny or an allow
        return _fail(*_bug(e))
    return _ended() if status == 130 else int(status or 0)


def _ended() -> int:
    told = ENDING.why or GateError("interrupted")
    return _fail(told.message, told.hint)


def _bug(e: Exception) -> tuple[str, str]:
    """An unforeseen exception: its type only, since its text may quote an input."""
    if os.environ.get("GATE_DEBUG") == "1":
        import traceback

        typer.echo("".join(traceback.format_tb(e.__traceback__)), err=True, nl=False)
    return (
        f"unexpected {type(e).__name__}: this is a bug in the gate",
        "Set GATE_DEBUG=1 to see where, and please report it.",
    )


def _fail(message: str, hint: str | None = None) -> int:
    from gate.report.untrusted import log_safe, plain

    lines = [plain(line) for line in message.splitlines()] or ["error"]
    text = "\n  ".join(
        [f"gate: error: {lines[0]}", *lines[1:], *([plain(hint)] if hint else []), "no decision was made"]
    )
    typer.echo(log_safe(text), err=True)
    return NO_DECISION
