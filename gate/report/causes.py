"""Findings that one change settles, as one block: a reader has one thing to read for one cause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gate.model.decision import Finding
from gate.report.untrusted import plain

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Told:
    """A finding whose sentence is shown. ``same``: whom or what the same sentence holds of too."""

    finding: Finding
    same: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Findings of one cause, reasons to deny before warnings, worst first. ``told``: what is shown of them."""

    findings: tuple[Finding, ...]
    told: tuple[Told, ...]

    @property
    def fixes(self) -> list[str]:
        """What to change, each once."""
        return list(dict.fromkeys(plain(f.remediation) for f in self.findings))

    @property
    def rules(self) -> list[tuple[str, list[str]]]:
        """Each rule with the fingerprints of its findings."""
        found: dict[str, list[str]] = {}
        for finding in self.findings:
            found.setdefault(plain(finding.rule), []).append(plain(finding.fingerprint))
        return list(found.items())


def by_cause(findings: Iterable[Finding]) -> list[Block]:
    """Blocks in the order of their first finding: a warning whose cause is also a reason to deny stands beside that.

    Of one cause are findings with one fix at one address, those of one identity that rest on the same statement, and
    small ones that say the same of many.
    """
    listed = list(findings)
    first: dict[tuple[str, ...], int] = {}
    group = list(range(len(listed)))
    for at, finding in enumerate(listed):
        for key in _keys(finding):
            other = _root(group, first.setdefault(key, at))
            own = _root(group, at)
            group[max(other, own)] = min(other, own)
    members: dict[int, list[Finding]] = {}
    for at, finding in enumerate(listed):
        members.setdefault(_root(group, at), []).append(finding)
    return [_block(tuple(found)) for found in members.values()]


def _root(group: list[int], at: int) -> int:
    while group[at] != at:
        at = group[at]
    return at


def _keys(finding: Finding) -> Iterator[tuple[str, ...]]:
    yield ("fix", finding.address, finding.remediation)
    if finding.identity is not None:
        for item in finding.evidence:
            if item.get("statement") not in (None, ""):
                yield ("statement", finding.identity, str(item.get("address")), str(item["statement"]))
    if finding.severity == "low":
        yield ("same", finding.rule, finding.remediation, _template(finding))


def _template(finding: Finding) -> str:
    """The sentence without whom and what it is about. A longer name that begins with one of them stays as it is."""
    text = finding.message
    for name in sorted({finding.identity or finding.address, finding.address}, key=len, reverse=True):
        stands_for = "the address" if name != finding.identity else "the identity"
        text = re.sub(rf"(?<![\w./-]){re.escape(name)}(?![\w/-]|\.\w)", f"<{stands_for}>", text)
    return text


def _block(findings: tuple[Finding, ...]) -> Block:
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.rule, finding.effect, finding.severity, finding.confidence, _template(finding))
        alike.setdefault(key, []).append(finding)
    return Block(findings, tuple(Told(found[0], _others(found)) for found in alike.values()))


def _others(alike: list[Finding]) -> tuple[str, ...]:
    """Those after the first, by the name in which they differ."""
    one_identity = len({finding.identity for finding in alike}) == 1
    names = (f.address if one_identity else f.identity or f.address for f in alike[1:])
    return tuple(dict.fromkeys(plain(name) for name in names))


def listed(names: Iterable[str], shown: int = SHOWN) -> str:
    """``a, b, c and 88 more``."""
    found = list(names)
    return ", ".join(found[:shown]) + (f" and {len(found) - shown} more" if len(found) > shown else "")
