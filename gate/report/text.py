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
from gate.report.cause_blocks import Block, Told, by_cause, listed
from gate.report.shared_sentences import (
    active,
    counted,
    evidence_lines,
    headline,
    judged,
    not_shown,
    place,
    short_chain,
)
from gate.report.untrusted import log_safe, plain

_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
_EVIDENCE_SHOWN = 4
_PRINTS_SHOWN = 8
_NOT_KNOWN = {
    "possible": "it depends on something outside the input",
    "unverified": "its target is not part of the input",
}


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
    for block in by_cause([*active(decision, "deny"), *active(decision, "warn")]):
        worst = block.findings[0]
        console.print()
        if worst.effect == "deny":
            _heading(console, worst, worst.severity.upper())
            _finding(console, block)
        else:
            _heading(console, worst, f"warning ({worst.severity})")
            _warning(console, block)
    console.print()
    for line in not_shown(decision):
        console.print(Text(line))
    console.print(Text(judged(decision)))


def _heading(console: Console, finding: Finding, label: str) -> None:
    console.print(Text.assemble((label, _STYLES.get(finding.severity, "")), " ", (plain(finding.title), "bold")))


def _finding(console: Console, block: Block) -> None:
    rows = _at(block)
    shown: set[str] = set()
    for told in block.told:
        finding = told.finding
        if finding.effect == "warn":
            rows += [("warning", plain(finding.message)), *_same(told)]
            continue
        if finding.identity is not None:
            rows.append(("identity", plain(finding.identity)))
        rows.append(("", plain(finding.message)) if finding.identity else ("what", plain(finding.message)))
        if finding.confidence != "proven":
            rows.append(("", f"confidence: {finding.confidence} ({_NOT_KNOWN[finding.confidence]})"))
        evidence = [line for line in evidence_lines(finding) if line not in shown]
        shown.update(evidence)
        rows += [("through" if n == 0 else "", line) for n, line in enumerate(evidence[:_EVIDENCE_SHOWN])]
        if len(evidence) > _EVIDENCE_SHOWN:
            rows.append(("", f"and {len(evidence) - _EVIDENCE_SHOWN} more: gate explain {finding.fingerprint}"))
        rows += [("chain" if n == 0 else "", line) for n, line in enumerate(short_chain(finding))]
        rows += _same(told)
    if block.findings[0].address not in {f.identity for f in block.findings}:
        rows.append(("change", plain(block.findings[0].address)))
    _grid(console, rows + _end(block))


def _warning(console: Console, block: Block) -> None:
    rows = [row for told in block.told for row in (("", plain(told.finding.message)), *_same(told))]
    _grid(console, _at(block) + rows + _end(block))


def _at(block: Block) -> list[tuple[str, str]]:
    places = list(dict.fromkeys(place(f.location) for f in block.findings if f.location))
    if len(places) > _EVIDENCE_SHOWN:
        places = [listed(places)]
    return [("at" if n == 0 else "", text) for n, text in enumerate(places)]


def _same(told: Told) -> list[tuple[str, str]]:
    return [("", f"The same of {counted(len(told.same), 'other')}: {listed(told.same)}.")] if told.same else []


def _end(block: Block) -> list[tuple[str, str]]:
    fixes = [("Fix:", text) for text in block.fixes]
    return fixes + [("rule", f"{rule}  {_prints(prints)}") for rule, prints in block.rules]


def _prints(prints: list[str]) -> str:
    more = f" and {len(prints) - _PRINTS_SHOWN} more (--format json)" if len(prints) > _PRINTS_SHOWN else ""
    return f"{' '.join(prints[:_PRINTS_SHOWN])}{more}"


def _grid(console: Console, rows: list[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=8, no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(Text(label, style="bold" if label == "Fix:" else "dim"), Text(value, overflow="fold"))
    console.print(Padding(grid, (0, 0, 0, 2)))
