"""The chain behind each finding, in full: nothing left out but what the source may hold of secrets."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from gate.model.decision import Finding
from gate.report.excerpt import excerpt
from gate.report.shared_sentences import chain_lines, evidence_line, place
from gate.report.untrusted import log_safe, plain


def render(findings: Sequence[Finding], *, width: int = 80, root: Path | None = None) -> str:
    """Each finding with all its evidence, its path step by step and, when the source is at hand, the lines behind it.

    ``root``: the folder of the source, tried besides the current one.
    """
    if not findings:
        return "No finding: there is nothing to explain.\n"
    return log_safe("\n".join("\n".join(_one(f, width, root)) + "\n" for f in findings))


def _one(finding: Finding, width: int, root: Path | None) -> Iterable[str]:
    def row(label: str, text: str) -> Iterable[str]:
        return textwrap.wrap(
            text, width, initial_indent=f"  {label:<12}", subsequent_indent=" " * 14, break_on_hyphens=False
        ) or [f"  {label}"]

    yield f"{finding.severity.upper()} {plain(finding.title)}"
    yield from row("what", plain(finding.message))
    if finding.identity is not None:
        yield from row("identity", plain(finding.identity))
    yield from row("change", plain(finding.address) + (f" ({at})" if (at := place(finding.location)) else ""))
    yield from row("standing", f"{finding.effect}, {finding.status}, {finding.change}, confidence {finding.confidence}")
    if finding.waiver:
        text = ", ".join(
            f"{key} {plain(str(finding.waiver[key]))}" for key in ("owner", "approver", "expires", "reason")
        )
        yield from row("waiver", text)
    for n, line in enumerate(chain_lines(finding), start=1):
        yield from row(f"step {n}", line)
    shown: set[tuple[str, int]] = set()
    for location, text in [(finding.location, ""), *((e.get("location"), evidence_line(e)) for e in finding.evidence)]:
        if text:
            yield from row("evidence", text)
        key = (str(location["file"]), int(location["line"])) if location else None
        if key is not None and key not in shown:
            shown.add(key)
            yield from (f"    {line}" for line in excerpt(location, root))
    yield from row("Fix:", plain(finding.remediation))
    yield from row("frameworks", ", ".join(plain(f) for f in finding.frameworks) or "-")
    yield from row("rule", f"{plain(finding.rule)}  {plain(finding.fingerprint)}")
