"""``gate rules``: which rules judge, and what each says."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from gate.commands.options import Policies

rules_app = typer.Typer(help="List and explain the rules.", invoke_without_command=True, rich_markup_mode=None)


@rules_app.callback()
def rules(
    context: typer.Context,
    format: Annotated[Literal["text", "json"], typer.Option(help="Output format.")] = "text",
    policy: Policies = None,
) -> None:
    """List the rules."""
    if context.invoked_subcommand is None:
        from gate.engine.catalog import rules as catalogue
        from gate.report import rule_list as report
        from gate.report.outputs import print_out

        render = report.as_json if format == "json" else report.as_text
        print_out(render(catalogue(policy or ())))


@rules_app.command("show")
def rules_show(rule: Annotated[str, typer.Argument(metavar="ID")], policy: Policies = None) -> None:
    """Explain one rule."""
    from gate.engine.catalog import rules as catalogue
    from gate.report import rule_list as report
    from gate.report.outputs import print_out

    print_out(report.one(report.find(catalogue(policy or ()), rule)))
