"""The decision as GitHub Actions shows it: annotations on the change, and a summary of the job.

Workflow commands: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from gate.model.decision import Decision
from gate.report import markdown
from gate.report.cause_blocks import Block, by_cause
from gate.report.shared_sentences import active, counted, headline, nothing_to_judge, short_chain
from gate.report.untrusted import plain

ANNOTATIONS = 10  # of a level that GitHub keeps in one step; it drops the rest silently
PRINTS = 8  # fingerprints of a rule in one annotation; the summary has them all
SUMMARY_LIMIT = 1_000_000  # bytes; GitHub refuses a step's summary above 1 MiB


def render(decision: Decision) -> str:
    """Workflow commands: one error or warning a cause, at most ten of each, worst first."""
    blocks = by_cause([*active(decision, "deny"), *active(decision, "warn")])
    lines = [
        *_annotations("error", [block for block in blocks if block.findings[0].effect == "deny"]),
        *_annotations("warning", [block for block in blocks if block.findings[0].effect == "warn"]),
    ]
    if nothing_to_judge(decision):
        lines.append(_command("notice", {"title": "gate"}, headline(decision)))
    return "".join(f"{line}\n" for line in lines)


def step_summary(decision: Decision) -> str:
    """Markdown for ``$GITHUB_STEP_SUMMARY``."""
    return markdown.render(decision, limit=SUMMARY_LIMIT)


def _annotations(level: str, blocks: list[Block]) -> list[str]:
    shown = blocks if len(blocks) <= ANNOTATIONS else blocks[: ANNOTATIONS - 1]
    lines = [_annotation(level, block) for block in shown]
    if rest := sum(len(block.findings) for block in blocks[len(shown) :]):
        text = f"{counted(rest, 'more finding')} in the log, the job's summary and the SARIF file."
        lines.append(_command(level, {"title": "gate"}, text))
    return lines


def _annotation(level: str, block: Block) -> str:
    """At the first finding's line, which weighs most; the others of its cause by rule and fingerprint."""
    finding = block.findings[0]
    properties: dict[str, str] = {}
    if finding.location:
        properties = {
            "file": str(finding.location["file"]),
            "line": str(finding.location["line"]),
            "endLine": str(finding.location.get("end_line") or finding.location["line"]),
        }
    properties["title"] = f"{finding.title} ({finding.severity})"
    chain = [f"chain: {line}" for line in short_chain(finding)]
    more = len(block.findings) - 1
    also = [f"{counted(more, 'more finding')} of the same cause."] if more else []
    fixes = [f"Fix: {text}" for text in block.fixes]
    origins = [f"rule {rule}, fingerprint {' '.join(prints[:PRINTS])}" for rule, prints in block.rules]
    return _command(level, properties, "\n".join([plain(finding.message), *chain, *also, *fixes, *origins]))


def _command(level: str, properties: dict[str, str], message: str) -> str:
    listed = ",".join(f"{key}={_property(plain(value))}" for key, value in properties.items())
    return f"::{level} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
