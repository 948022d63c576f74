"""Findings that one change settles, as one block: a reader has one thing to read for one cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gate.model.decision import Finding
from gate.model.grouping import grouped, template
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
    """Blocks in the order of their first finding: a warning whose cause is also a reason to deny stands beside that."""
    return [_block(found) for found in grouped(findings)]


def _block(findings: tuple[Finding, ...]) -> Block:
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.rule, finding.effect, finding.severity, finding.confidence, template(finding))
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
