"""``gate lsp``."""

from __future__ import annotations

from typing import Annotated

import typer

from gate.errors import GateError


def lsp(
    time_limit: Annotated[float, typer.Option(metavar="SECONDS", min=1.0, help="Time limit for one check.")] = 60.0,
) -> None:
    """Show findings in an editor while one writes: a language server on standard input and output.

    Needs the extra of the package: pip install 'nhi-gate[lsp]'.
    """
    try:
        from gate.surfaces.language_server.server import server
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith(("pygls", "lsprotocol")):
            raise
        raise GateError("pygls is not installed", hint="pip install 'nhi-gate[lsp]'") from error
    server(time_limit).start_io()
