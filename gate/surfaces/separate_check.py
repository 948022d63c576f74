"""``gate check`` in a process of its own, so that no input can take a service with it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from gate.errors import GateError
from gate.model.decision import Decision
from gate.report.saved import load


async def start(
    target: str, report: Path, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    """The process, in ``folder``; its decision goes to ``report``. ``environment``: in place of ours."""
    command = [sys.executable, "-P", "-m", "gate", "check", target, "--format", f"json={report}", *arguments]
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )


def decided(status: int | None, said: bytes, report: Path) -> Decision:
    """The decision of a process that ended with ``status`` and printed ``said``.

    Raises ``GateError`` with the process's own reason when there is none, and when both contradict each other.
    """
    if status not in (0, 1):
        lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
        raise GateError(lines[0].removeprefix("gate: error: ") if lines else "the gate ended without a word")
    decision = load(report)
    if (decision.verdict == "allow") != (status == 0):
        raise GateError("the exit status and the decision contradict each other")
    return decision
