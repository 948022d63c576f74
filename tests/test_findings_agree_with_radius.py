"""A finding and the blast radius answer from the same facts: on every fixture they name the same administrators."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.engine.engine import Engine
from gate.model.decision import Decision, Finding
from tests.judging import FIXTURES, judged

_SAYS_ADMINISTRATOR = {
    "effective-admin",
    "cluster-admin",
    "wildcard-actions",
    "wildcard-rbac",
    "privilege-escalation",
    "rbac-escalation",
    "privileged-cloud-identity",
}
# Critical for what they may find in a cluster; that it is an administrator nobody has shown.
_MAY_FIND_ONE = {"read-secrets", "get-secrets", "proxy-nodes"}


def _folders() -> list[Path]:
    coverage = (FIXTURES / "coverage").rglob("*")
    given = {file.parent for file in coverage if file.name in ("plan.json", "manifests.yaml")}
    return sorted(given | {file.parent for file in (FIXTURES / "cases").glob("*/expected.json")})


def _administrators(decision: Decision) -> set[str]:
    return {identity.id for identity in decision.identities if identity.blast_radius["admin"]}


def _becomes_one(finding: Finding) -> bool:
    """Whether an escalation is proven to end at an administrator."""
    if (finding.severity, finding.confidence) != ("critical", "proven"):
        return False
    if finding.rule == "rbac-escalation":
        return not _MAY_FIND_ONE & {step["via"] for step in finding.path}
    return finding.rule == "privilege-escalation"


@pytest.mark.parametrize("folder", _folders(), ids=lambda folder: str(folder.relative_to(FIXTURES)))
def test_who_provably_becomes_an_administrator_has_its_radius(folder: Path, engine: Engine) -> None:
    decision = judged(folder, engine)
    listed = {identity.id for identity in decision.identities}
    becoming = {finding.identity for finding in decision.findings if _becomes_one(finding)} & listed
    assert sorted(becoming - _administrators(decision)) == []


@pytest.mark.parametrize("folder", _folders(), ids=lambda folder: str(folder.relative_to(FIXTURES)))
def test_an_administrator_has_a_finding_that_says_so(folder: Path, engine: Engine) -> None:
    decision = judged(folder, engine)
    said = {finding.identity for finding in decision.findings if finding.rule in _SAYS_ADMINISTRATOR}
    assert sorted(_administrators(decision) - said) == []


def test_the_fixtures_hold_both_kinds(engine: Engine) -> None:
    """Of each platform somebody escalates to an administrator: the other tests compare something."""
    decisions = [judged(folder, engine) for folder in _folders()]
    rules = {finding.rule for decision in decisions for finding in decision.findings if _becomes_one(finding)}
    assert rules == {"privilege-escalation", "rbac-escalation"}
