"""The decision as GitHub Actions shows it: annotations on the change, and a summary of the job.

Workflow commands: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from gate.model.decision import Decision, Finding
from gate.report import markdown
from gate.report.untrusted import plain
from gate.report.words import active, chain_lines, counted, headline, nothing_to_judge

ANNOTATIONS = 10  # of a level that GitHub keeps in one step; it drops the rest silently
SUMMARY_LIMIT = 1_000_000  # bytes; GitHub refuses a step's summary above 1 MiB


def render(decision: Decision) -> str:
    """Workflow commands: one error a reason to deny, one warning a warning, at most ten of each, worst first."""
    lines = [*_annotations("error", active(decision, "deny")), *_annotations("warning", active(decision, "warn"))]
    if nothing_to_judge(decision):
        lines.append(_command("notice", {"title": "gate"}, headline(decision)))
    return "".join(f"{line}\n" for line in lines)


def step_summary(decision: Decision) -> str:
    """Markdown for ``$GITHUB_STEP_SUMMARY``."""
    return markdown.render(decision, limit=SUMMARY_LIMIT)


def _annotations(level: str, findings: list[Finding]) -> list[str]:
    shown = findings if len(findings) <= ANNOTATIONS else findings[: ANNOTATIONS - 1]
    lines = [_annotation(level, f) for f in shown]
    if rest := len(findings) - len(shown):
        text = f"{counted(rest, 'more finding')} in the log, the job's summary and the SARIF file."
        lines.append(_command(level, {"title": "gate"}, text))
    return lines


def _annotation(level: str, finding: Finding) -> str:
    properties: dict[str, str] = {}
    if finding.location:
        properties = {
            "file": str(finding.location["file"]),
            "line": str(finding.location["line"]),
            "endLine": str(finding.location.get("end_line") or finding.location["line"]),
        }
    properties["title"] = f"{finding.title} ({finding.severity})"
    chain = [f"chain: {line}" for line in chain_lines(finding)]
    fix = f"Fix: {plain(finding.remediation)}"
    origin = f"rule {plain(finding.rule)}, fingerprint {plain(finding.fingerprint)}"
    return _command(level, properties, "\n".join([plain(finding.message), *chain, fix, origin]))


def _command(level: str, properties: dict[str, str], message: str) -> str:
    listed = ",".join(f"{key}={_property(plain(value))}" for key, value in properties.items())
    return f"::{level} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
