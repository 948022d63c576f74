"""The decision as SARIF 2.1.0, within what GitHub code scanning accepts.

https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
One result without a location, or with an address that is no path inside the repository, makes GitHub refuse the whole
file: each result gets a location, and each path is made relative.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gate import __version__
from gate.model.decision import Decision, Finding
from gate.report.repository_path import region
from gate.report.shared_sentences import evidence_line, short_chain
from gate.report.untrusted import plain

if TYPE_CHECKING:
    from gate.engine.catalog import Rule

RESULTS = 25_000
RELATED = 100
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SECURITY = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0"}
_PRECISION = {"proven": "very-high", "possible": "high", "unverified": "medium"}
_ORDER = ("low", "medium", "high", "critical")
_STATUS_ORDER = {"active": 0, "waived": 1, "preexisting": 2}


def render(decision: Decision, catalogue: Sequence[Rule] = (), *, root: Path | None = None) -> str:
    """One run. ``catalogue`` describes the rules; paths are relative to ``root`` (default: the current folder)."""
    base = (root or Path.cwd()).resolve()
    findings = sorted(decision.findings, key=lambda f: _STATUS_ORDER[f.status])[:RESULTS]
    rules = _rules(findings, catalogue)
    index = {rule["id"]: n for n, rule in enumerate(rules)}
    fallback = next((i.path for i in decision.inputs), "gate.yaml")
    run = {
        "tool": {"driver": {"name": "gate", "semanticVersion": __version__, "version": __version__, "rules": rules}},
        "automationDetails": {"id": f"gate/{decision.decision_id}"},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "utf16CodeUnits",
        "results": [_result(f, index[f.rule], fallback, base) for f in findings],
        "properties": {
            "verdict": decision.verdict,
            "summary": decision.summary,
            "policy": decision.policy.to_json(),
            "resultsLeftOut": len(decision.findings) - len(findings),
        },
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=True) + "\n"


def _rules(findings: Sequence[Finding], catalogue: Sequence[Rule]) -> list[dict[str, Any]]:
    """The catalogue, and what the findings themselves say of a rule that is not in it (an organisation's)."""
    first: dict[str, Finding] = {}
    worst: dict[str, str] = {}
    for finding in findings:
        first.setdefault(finding.rule, finding)
        worst[finding.rule] = max(worst.get(finding.rule, "low"), finding.severity, key=_ORDER.index)
    known = [
        _rule(r.id, r.title, r.description, worst.get(r.id, r.severity), r.confidence, r.remediation, r.frameworks)
        for r in catalogue
    ]
    ids = {r.id for r in catalogue}
    return known + [
        _rule(rule, f.title, f.title, worst[rule], f.confidence, f.remediation, f.frameworks)
        for rule, f in first.items()
        if rule not in ids
    ]


def _rule(
    rule: str, title: str, description: str, severity: str, confidence: str, remediation: str, frameworks: Sequence[str]
) -> dict[str, Any]:
    described = " ".join(plain(line) for line in description.split("\n")).strip() or plain(title)
    fix = plain(remediation)
    return {
        "id": rule,
        "name": "".join(part.capitalize() for part in rule.split("-")),
        "shortDescription": {"text": plain(title)[:1000]},
        "fullDescription": {"text": described[:1000]},
        "help": {"text": f"{described}\n\nFix: {fix}", "markdown": f"{described}\n\n**Fix:** {fix}"},
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "security-severity": _SECURITY[severity],
            "precision": _PRECISION[confidence],
            "tags": ["security", *(plain(f) for f in frameworks)][:20],
        },
    }


def _result(finding: Finding, rule_index: int, fallback: str, base: Path) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": "error" if finding.effect == "deny" else "warning",
        "message": {"text": _message(finding)},
        "locations": [_location(finding.location, fallback, base, finding.identity or finding.address)],
        "partialFingerprints": {"primaryLocationLineHash": finding.fingerprint, "gate/v1": finding.fingerprint},
        "baselineState": "unchanged" if finding.change == "preexisting" else "new",
        "properties": {
            "severity": finding.severity,
            "confidence": finding.confidence,
            "identity": finding.identity,
            "address": finding.address,
            **({"cause": finding.cause} if finding.cause else {}),
        },
    }
    related = [e for e in finding.evidence if e.get("location")][:RELATED]
    if related:
        result["relatedLocations"] = [
            _location(e["location"], fallback, base, str(e.get("address") or ""))
            | {"id": n, "message": {"text": _text(evidence_line(e))}}
            for n, e in enumerate(related)
        ]
    if finding.status == "waived" and finding.waiver:
        reason = f"{finding.waiver.get('reason')} (until {finding.waiver.get('expires')})"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": plain(reason)}]
    return result


def _message(finding: Finding) -> str:
    chain = [f"chain: {line}" for line in short_chain(finding)]
    return _text("\n".join([plain(finding.message), *chain, f"Fix: {plain(finding.remediation)}"]))


def _text(text: str) -> str:
    """SARIF 3.11.6: ``[text](target)`` in a plain message is a link; ours has none."""
    return text.replace("](", "] (") or "-"


def _location(location: Mapping[str, Any] | None, fallback: str, base: Path, name: str) -> dict[str, Any]:
    file, line, end = region(location, fallback, base)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(file, errors="replace"), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": line, "endLine": end},
        },
        "logicalLocations": [{"fullyQualifiedName": plain(name) or "-", "kind": "resource"}],
    }
