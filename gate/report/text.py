"""The decision for a person at a terminal or in a CI log.

Laid out for 80 columns and for no colour: words carry the meaning. The verdict stands first and last, since a log is
read from either end.
"""

from __future__ import annotations

import io

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gate.model.decision import Decision, Finding
from gate.report.untrusted import log_safe, plain
from gate.report.words import active, by_fix, chain_lines, evidence_lines, headline, judged, not_shown, place

_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
_EVIDENCE_SHOWN = 4


def render(decision: Decision, *, width: int = 80, colour: bool = False, quiet: bool = False) -> str:
    """Verdict, reasons to deny worst first, warnings, what is only counted, verdict.

    ``quiet``: the verdict line alone. Every text of the decision is neutralised first: nothing in it can move the
    cursor, colour the output or speak to a CI runner.
    """
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    verdict = Text(headline(decision), style="bold red" if decision.verdict == "deny" else "bold green")
    console.print(verdict)
    if not quiet:
        _body(console, decision)
        console.print(verdict)
    return log_safe("".join(line.rstrip() + "\n" for line in buffer.getvalue().splitlines()))


def _body(console: Console, decision: Decision) -> None:
    for group in by_fix(active(decision, "deny")):
        console.print()
        _heading(console, group[0], group[0].severity.upper())
        _finding(console, group)
    for group in by_fix(active(decision, "warn")):
        console.print()
        _heading(console, group[0], f"warning ({group[0].severity})")
        _warning(console, group)
    console.print()
    for line in not_shown(decision):
        console.print(Text(line))
    console.print(Text(judged(decision)))


def _heading(console: Console, finding: Finding, label: str) -> None:
    console.print(Text.assemble((label, _STYLES.get(finding.severity, "")), " ", (plain(finding.title), "bold")))


def _finding(console: Console, group: list[Finding]) -> None:
    rows = _at(group)
    for finding in group:
        if finding.identity is not None:
            rows.append(("identity", plain(finding.identity)))
        rows.append(("", plain(finding.message)) if finding.identity else ("what", plain(finding.message)))
        if finding.confidence != "proven":
            rows.append(("", f"confidence: {finding.confidence}"))
        evidence = evidence_lines(finding)
        rows += [("through" if n == 0 else "", line) for n, line in enumerate(evidence[:_EVIDENCE_SHOWN])]
        if len(evidence) > _EVIDENCE_SHOWN:
            rows.append(("", f"and {len(evidence) - _EVIDENCE_SHOWN} more: gate explain {finding.fingerprint}"))
        rows += [("chain" if n == 0 else "", line) for n, line in enumerate(chain_lines(finding))]
    if group[0].address not in {f.identity for f in group}:
        rows.append(("change", plain(group[0].address)))
    rows.append(("Fix:", plain(group[0].remediation)))
    rows += _ids(group)
    _grid(console, rows)


def _warning(console: Console, group: list[Finding]) -> None:
    rows = _at(group) + [("", plain(finding.message)) for finding in group]
    rows.append(("Fix:", plain(group[0].remediation)))
    _grid(console, rows + _ids(group))


def _at(group: list[Finding]) -> list[tuple[str, str]]:
    places = list(dict.fromkeys(place(f.location) for f in group if f.location))
    return [("at" if n == 0 else "", text) for n, text in enumerate(places)]


def _ids(group: list[Finding]) -> list[tuple[str, str]]:
    prints = " ".join(plain(f.fingerprint) for f in group)
    return [("rule", f"{plain(group[0].rule)}  {prints}")]


def _grid(console: Console, rows: list[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=8, no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(Text(label, style="bold" if label == "Fix:" else "dim"), Text(value, overflow="fold"))
    console.print(Padding(grid, (0, 0, 0, 2)))
