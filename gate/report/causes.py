"""Findings that one change settles, as one block: a reader has one thing to read for one cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gate.model.decision import Finding
from gate.report.untrusted import plain

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Block:
    """Findings of one cause, worst first. ``told``: those whose sentence is shown; ``same``: whom it holds of too."""

    findings: tuple[Finding, ...]
    told: tuple[Finding, ...]
    same: tuple[str, ...]

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
    """Blocks in the order of their first finding.

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
    """The sentence without whom it is about."""
    return finding.message.replace(finding.identity or finding.address, "…")


def _block(findings: tuple[Finding, ...]) -> Block:
    same = {_template(f) for f in findings} if len(findings) > SHOWN else set()
    if len(same) == 1:
        names = tuple(plain(f.identity or f.address) for f in findings[1:])
        return Block(findings, findings[:1], names)
    return Block(findings, findings, ())


def listed(names: Iterable[str], shown: int = SHOWN) -> str:
    """``a, b, c and 88 more``."""
    found = list(names)
    return ", ".join(found[:shown]) + (f" and {len(found) - shown} more" if len(found) > shown else "")
