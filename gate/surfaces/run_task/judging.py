"""A plan to a result: ``gate check`` in a process of its own, so that no plan can take the service with it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gate.errors import GateError
from gate.model.decision import Decision
from gate.report.cause_blocks import Block, by_cause
from gate.report.markdown import block_text
from gate.report.shared_sentences import active, headline, judged
from gate.report.untrusted import plain
from gate.surfaces.separate_check import decided, start

_OUTCOMES = 100
"""HCP Terraform shows a result's outcomes as a list to unfold; the JSON report has all."""
_DESCRIPTION = 300
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "info"}
_KEPT = ("PATH", "HOME", "XDG_CACHE_HOME", "TMPDIR", "LANG", "LC_ALL", "PYTHONPATH")
_OURS = ("GATE_OPA", "GATE_ENGINE", "GATE_INERT")


@dataclass(frozen=True, slots=True)
class Result:
    """``outcomes``: as JSON:API ``task-result-outcomes``."""

    status: Literal["running", "passed", "failed"]
    message: str
    outcomes: tuple[dict[str, Any], ...] = ()


def no_decision(why: str) -> Result:
    """The result where nothing could be judged: never a pass."""
    return Result("failed", f"No decision was made: {plain(why)}"[:_DESCRIPTION])


async def judge(folder: Path, arguments: Sequence[str], seconds: float) -> Result:
    """The result for ``folder/plan.json``; ``arguments``: of ``gate check``; killed after ``seconds``."""
    report = folder / "decision.json"
    # Not the key that requests are signed with, nor anything else of the service.
    environment = {name: os.environ[name] for name in (*_KEPT, *_OURS) if name in os.environ}
    process = await start("plan.json", report, arguments, folder=folder, environment=environment)
    try:
        _, said = await asyncio.wait_for(process.communicate(), seconds)
    except TimeoutError:
        return no_decision(f"judging took longer than {seconds:g} s")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        return _result(decided(process.returncode, said, report))
    except GateError as error:
        return no_decision(error.message)


def _result(decision: Decision) -> Result:
    blocks = by_cause([*active(decision, "deny"), *active(decision, "warn")])
    message = f"{headline(decision)}. {judged(decision)}"
    more = f" {len(blocks) - _OUTCOMES} more causes are not shown." if len(blocks) > _OUTCOMES else ""
    outcomes = tuple(_outcome(block) for block in blocks[:_OUTCOMES])
    return Result("passed" if decision.verdict == "allow" else "failed", message + more, outcomes)


def _outcome(block: Block) -> dict[str, Any]:
    first = block.findings[0]
    denies = first.effect == "deny"
    level = _LEVELS[first.severity] if denies else "info"
    return {
        "type": "task-result-outcomes",
        "attributes": {
            "outcome-id": plain(first.fingerprint),
            "description": plain(first.message)[:_DESCRIPTION],
            "body": block_text(block),
            "tags": {
                "Status": [{"label": "Denied" if denies else "Warning", "level": "error" if denies else "warning"}],
                "Severity": [{"label": first.severity, "level": level}],
            },
        },
    }
