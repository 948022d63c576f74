"""``gate comment``: a report as one comment on a pull request."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from gate.errors import InputError, UsageError

_NEEDED = ("GITHUB_REPOSITORY", "GITHUB_TOKEN")


def comment(
    report: Annotated[Path, typer.Argument(metavar="FILE", help="A report written with --format markdown.")],
    pull_request: Annotated[int, typer.Option(metavar="NUMBER", min=1, help="The pull request.")],
    name: Annotated[str, typer.Option(help="Name that distinguishes the comments of several gates.")] = "gate",
    account: Annotated[str, typer.Option(help="Login of the account that owns the token.")] = "github-actions[bot]",
) -> None:
    """Put a report on a pull request of GitHub, in one comment that is updated from run to run.

    Reads GITHUB_REPOSITORY, GITHUB_TOKEN and GITHUB_API_URL as a workflow has them.
    """
    from gate.surfaces.pull_request import PullRequest, named

    if missing := [variable for variable in _NEEDED if not os.environ.get(variable)]:
        raise UsageError(f"{' and '.join(missing)} must be set")
    try:
        body = report.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{report}: the report cannot be read: {type(error).__name__}") from error
    api = os.environ.get("GITHUB_API_URL") or "https://api.github.com"
    there = PullRequest(api, os.environ["GITHUB_REPOSITORY"], pull_request, os.environ["GITHUB_TOKEN"], account)
    typer.echo(there.comment(body, named(name)))
