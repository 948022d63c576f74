"""The decision as GitLab's code quality report: findings beside the lines of a merge request.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gate.model.decision import Decision, Finding
from gate.report.cause_blocks import Block, by_cause
from gate.report.repository_path import region
from gate.report.shared_sentences import active
from gate.report.untrusted import json_text, plain

_SEVERITY = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}


def render(decision: Decision, *, root: Path | None = None) -> str:
    """A list of what counts, one entry a cause. ``root``: paths are relative to it (default: the current folder)."""
    base = (root or Path.cwd()).resolve()
    fallback = next((i.path for i in decision.inputs), "gate.yaml")
    blocks = by_cause([*active(decision, "deny"), *active(decision, "warn")])
    return json_text([_entry(block, fallback, base) for block in blocks])


def _entry(block: Block, fallback: str, base: Path) -> dict[str, Any]:
    first = block.findings[0]
    file, line, end = region(first.location, fallback, base)
    return {
        "description": _description(block),
        "check_name": plain(first.rule),
        # GitLab shows one entry of those that share a fingerprint; the first finding of a cause is in no other.
        "fingerprint": plain(first.fingerprint),
        "severity": _severity(first),
        "location": {"path": plain(file), "lines": {"begin": line, "end": end}},
    }


def _severity(finding: Finding) -> str:
    """A warning lets the pipeline pass, so it is never called a blocker."""
    return _SEVERITY[finding.severity] if finding.effect == "deny" else "info"


def _description(block: Block) -> str:
    said = " ".join(plain(told.finding.message) for told in block.told)
    return f"{said} Fix: {' '.join(block.fixes)}"
