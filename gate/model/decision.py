"""The decision: what people and machines read. ``gate check --format json`` prints ``Decision.to_json()`` exactly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

SCHEMA = "gate.decision/v1"

Verdict = Literal["allow", "deny"]
Severity = Literal["critical", "high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """What was judged: ``kind`` is terraform-plan, terraform-source, kubernetes or kubernetes-cluster.

    ``notes``: what the gate assumed to read it, a sentence each.
    """

    path: str
    kind: str
    sha256: str
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """``{"path", "kind", "sha256"}``, and ``"notes"`` where there are any."""
        noted = {"notes": list(self.notes)} if self.notes else {}
        return {"path": self.path, "kind": self.kind, "sha256": self.sha256} | noted


@dataclass(frozen=True, slots=True)
class Policy:
    """What judged: ``revision`` of the policy bundle, version and SHA-256 of OPA (``None``: it runs elsewhere)."""

    revision: str
    opa: str
    opa_sha256: str | None = None

    def to_json(self) -> dict[str, Any]:
        """``{"revision", "opa", "opa_sha256"}``."""
        return {"revision": self.revision, "opa": self.opa, "opa_sha256": self.opa_sha256}


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason. Fields as in ``docs/decision.md``; ``fingerprint`` covers the content judged, not a line number.

    ``status``: ``active`` (counts), ``waived``, or ``preexisting`` (outside the chosen scope). ``cause``: the
    fingerprint of the weightiest finding that the same change settles, its own where it is that one.
    """

    rule: str
    title: str
    effect: Literal["deny", "warn"]
    severity: Severity
    confidence: Literal["proven", "possible", "unverified"]
    identity: str | None
    address: str
    message: str
    remediation: str
    location: dict[str, Any] | None
    evidence: tuple[dict[str, Any], ...]
    path: tuple[dict[str, Any], ...]
    change: Literal["introduced", "preexisting"]
    status: Literal["active", "waived", "preexisting"]
    frameworks: tuple[str, ...]
    fingerprint: str
    waiver: dict[str, Any] | None
    cause: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The finding as printed."""
        return {
            "rule": self.rule,
            "title": self.title,
            "effect": self.effect,
            "severity": self.severity,
            "confidence": self.confidence,
            "identity": self.identity,
            "address": self.address,
            "message": self.message,
            "remediation": self.remediation,
            "location": self.location,
            "evidence": list(self.evidence),
            "path": list(self.path),
            "change": self.change,
            "status": self.status,
            "frameworks": list(self.frameworks),
            "fingerprint": self.fingerprint,
            "waiver": self.waiver,
            "cause": self.cause,
        }


@dataclass(frozen=True, slots=True)
class IdentitySummary:
    """What one identity reaches: ``blast_radius`` has the fields that ``docs/blast-radius.md`` lists."""

    id: str
    kind: str
    platform: str
    blast_radius: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """``{"id", "kind", "platform", "blast_radius"}``."""
        return {"id": self.id, "kind": self.kind, "platform": self.platform, "blast_radius": self.blast_radius}


@dataclass(frozen=True, slots=True)
class Decision:
    """Allow or deny, with reasons. ``summary`` counts: deny, warn, waived, preexisting, identities, resources.

    ``not_looked_into``: providers that no adapter reads, each with how many of its resources stand in the change.
    """

    decision_id: str
    verdict: Verdict
    summary: dict[str, int]
    inputs: tuple[InputFile, ...]
    policy: Policy
    findings: tuple[Finding, ...]
    identities: tuple[IdentitySummary, ...]
    not_looked_into: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The document ``gate.decision/v1``."""
        return {
            "schema": SCHEMA,
            "decision_id": self.decision_id,
            "verdict": self.verdict,
            "summary": self.summary,
            "inputs": [i.to_json() for i in self.inputs],
            "policy": self.policy.to_json(),
            "findings": [f.to_json() for f in self.findings],
            "identities": [i.to_json() for i in self.identities],
            "not_looked_into": self.not_looked_into,
        }
