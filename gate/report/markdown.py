"""The decision as GitHub Markdown: for a pull request's comment and for a job's summary.

Whatever comes from the change stands in code spans: there GitHub renders no HTML, link, image, mention or reference.
"""

from __future__ import annotations

import re

from gate.model.decision import Decision
from gate.report.cause_blocks import SHOWN, Block, by_cause
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
from gate.report.untrusted import plain

COMMENT_LIMIT = 65_536  # characters a comment of GitHub holds
MARKER = "<!-- gate.decision/v1 -->"  # finds the comment to update

_SAFE_WORD = re.compile(r"[(\"']?(?:[A-Za-z]+(?:['-][A-Za-z]+)*|\d{1,5})[\"')]?[.,;:?]*")
_AROUND = re.compile(r"([(]?)(.*[^).,;:?])([).,;:?]*)")
_EVIDENCE_SHOWN = 4


def render(decision: Decision, *, limit: int = COMMENT_LIMIT) -> str:
    """Verdict, reasons, warnings, what is only counted: at most ``limit`` bytes of UTF-8, cut between findings."""
    head = f"{MARKER}\n## {prose(headline(decision))}\n\n"
    tail = "\n".join([*(f"_{prose(line)}_\n" for line in not_shown(decision)), prose(judged(decision)), ""])
    groups = by_cause([*active(decision, "deny"), *active(decision, "warn")])
    room = limit - len((head + tail).encode()) - 200
    body: list[str] = []
    for n, group in enumerate(groups):
        text = block_text(group)
        room -= len(text.encode())
        if room < 0:
            left = sum(len(block.findings) for block in groups[n:])
            body.append(f"**{counted(left, 'more finding')} cut here**: the JSON or SARIF report has them all.\n\n")
            break
        body.append(text)
    return head + "".join(body) + tail


def block_text(block: Block) -> str:
    """One cause: its findings, what they rest on, and what to do."""
    first = block.findings[0]
    label = first.severity if first.effect == "deny" else f"warning, {first.severity}"
    at = place(first.location)
    lines = [f"### {prose(first.title)} ({label}){f' at {code(at)}' if at else ''}", ""]
    shown: set[str] = set()
    for told in block.told:
        finding = told.finding
        who = f"{code(finding.identity)}: " if finding.identity else ""
        weight = "warning: " if finding.effect != first.effect else ""
        lines.append(f"- {weight}{who}{prose(finding.message)}")
        evidence = [line for line in evidence_lines(finding) if line not in shown]
        shown.update(evidence)
        lines += [f"  - through {code(line)}" for line in evidence[:_EVIDENCE_SHOWN]]
        if len(evidence) > _EVIDENCE_SHOWN:
            lines.append(f"  - and {len(evidence) - _EVIDENCE_SHOWN} more")
        lines += [f"  - chain {code(line)}" for line in short_chain(finding)]
        if told.same:
            named = ", ".join(code(name) for name in told.same[:SHOWN])
            more = f" and {len(told.same) - SHOWN} more" if len(told.same) > SHOWN else ""
            lines.append(f"- The same of {counted(len(told.same), 'other')}: {named}{more}.")
    lines.append("")
    lines += [f"**Fix:** {prose(text)}\n" for text in block.fixes]
    for rule, prints in block.rules:
        lines.append(f"rule {code(rule)}, fingerprint {' '.join(code(text) for text in prints)}")
    return "\n".join([*lines, "", ""])


def prose(text: str) -> str:
    """``text`` with each word that is more than letters or a short number in a code span.

    A backslash would not do: GitHub looks for mentions, references and addresses after it has rendered the Markdown.
    """
    return " ".join(w if _SAFE_WORD.fullmatch(w) else _wrapped(w) for w in plain(text).split())


def _wrapped(word: str) -> str:
    core = _AROUND.fullmatch(word)
    return f"{core[1]}{code(core[2])}{core[3]}" if core else code(word)


def code(text: str) -> str:
    """A code span that ``text`` cannot leave (CommonMark 6.1: a run of backticks as long as the first ends it)."""
    text = plain(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest or not text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}"
