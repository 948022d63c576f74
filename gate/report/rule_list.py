"""The catalogue of rules, for reading."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from gate.errors import UsageError
from gate.report.untrusted import log_safe, plain

if TYPE_CHECKING:
    from gate.engine.catalog import Rule

_SEVERITIES = ("critical", "high", "medium", "low")


def as_text(rules: Sequence[Rule]) -> str:
    """One line a rule, worst first: severity, id, title."""
    ordered = sorted(rules, key=lambda r: (_SEVERITIES.index(r.severity), r.id))
    width = max((len(r.id) for r in ordered), default=0)
    lines = [f"{r.severity:8}  {r.id:{width}}  {plain(r.title)}\n" for r in ordered]
    return log_safe("".join(lines) + f"\n{len(ordered)} rules; `gate rules show ID` explains one.\n")


def as_json(rules: Sequence[Rule]) -> str:
    """A list of objects, ordered by id."""
    return json.dumps([_object(r) for r in sorted(rules, key=lambda r: r.id)], indent=2) + "\n"


def one(rule: Rule) -> str:
    """One rule in full."""
    described = "\n".join(f"  {plain(line)}" for line in rule.description.strip().splitlines())
    return log_safe(
        f"{plain(rule.title)}\n\n"
        f"  id          {plain(rule.id)}\n"
        f"  severity    {plain(rule.severity)}\n"
        f"  confidence  {plain(rule.confidence)}\n"
        f"  frameworks  {', '.join(map(plain, rule.frameworks)) or '-'}\n"
        f"  package     {plain(rule.package)}\n\n"
        f"{described}\n\n  Fix: {plain(rule.remediation)}\n"
    )


def find(rules: Sequence[Rule], wanted: str) -> Rule:
    """The rule with this id. Raises ``UsageError`` naming the nearest."""
    for rule in rules:
        if rule.id == wanted:
            return rule
    near = get_close_matches(wanted, [r.id for r in rules], n=1, cutoff=0.4)
    raise UsageError(
        f"no rule has the id {wanted!r}",
        hint=f"Did you mean {near[0]!r}?" if near else "`gate rules` lists them.",
    )


def _object(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "title": rule.title,
        "description": rule.description,
        "severity": rule.severity,
        "confidence": rule.confidence,
        "frameworks": list(rule.frameworks),
        "remediation": rule.remediation,
        "package": rule.package,
    }
