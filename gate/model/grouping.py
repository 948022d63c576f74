"""Findings that one change settles: a reader has one thing to read, and to count, for one cause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gate.model.decision import Finding


def grouped(findings: Iterable[Finding]) -> list[tuple[Finding, ...]]:
    """The findings of each cause, in the order of their first one.

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
    return [tuple(found) for found in members.values()]


def with_causes(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, each with the fingerprint of the weightiest one of its cause; those that count come apart."""
    listed = list(findings)
    found: dict[int, str] = {}
    for status in ("active", "waived", "preexisting"):
        several = [finding for finding in listed if finding.status == status]
        for cause in grouped(sorted(several, key=lambda finding: finding.effect != "deny")):
            found.update((id(finding), cause[0].fingerprint) for finding in cause)
    return tuple(replace(finding, cause=found[id(finding)]) for finding in listed)


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
        yield ("same", finding.rule, finding.remediation, template(finding))


def template(finding: Finding) -> str:
    """The sentence without whom and what it is about. A longer name that begins with one of them stays as it is."""
    text = finding.message
    for name in sorted({finding.identity or finding.address, finding.address}, key=len, reverse=True):
        stands_for = "the address" if name != finding.identity else "the identity"
        text = re.sub(rf"(?<![\w./-]){re.escape(name)}(?![\w/-]|\.\w)", f"<{stands_for}>", text)
    return text
