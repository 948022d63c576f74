"""The answer to an AdmissionReview: what kubectl shows, what an audit log keeps.

Format: ``admission.k8s.io/v1`` of the Kubernetes API reference. An API server cuts off a warning at 256 characters, and
warnings at 4,096 in all, so the sentences come first and the counting last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gate.model.decision import Decision, Finding
from gate.model.grouping import grouped
from gate.report.shared_sentences import active
from gate.report.untrusted import plain

REFUSED, NO_DECISION = 403, 503
_WARNING = 250
_WARNINGS = 12
_REASONS = 3


def response(
    uid: str,
    *,
    allowed: bool,
    message: str = "",
    code: int = REFUSED,
    warnings: Sequence[str] = (),
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The review that goes back. ``message``: why, when it is not allowed; ``code``: HTTP status told to the client."""
    answer: dict[str, Any] = {"uid": uid, "allowed": allowed}
    if not allowed:
        answer["status"] = {"code": code, "message": message}
    if warnings:
        answer["warnings"] = [_short(warning) for warning in warnings[:_WARNINGS]]
    if annotations:
        answer["auditAnnotations"] = dict(annotations)
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": answer}


def refusal(decision: Decision) -> str:
    """Why, what to change, and the fingerprint that a waiver names: the worst reasons in full, the others counted."""
    reasons = active(decision, "deny")
    told = [_reason(finding) for finding in reasons[:_REASONS]]
    more = f" And {len(reasons) - _REASONS} more, see the warnings." if len(reasons) > _REASONS else ""
    causes = len(grouped(reasons))
    lead = f"({causes} reasons) " if causes > 1 else ""
    return f"{lead}{' '.join(told)}{more} Decision {decision.decision_id}."


def warnings_of(decision: Decision, *, enforced: bool) -> list[str]:
    """A line for each finding that the refusal does not tell; where nothing is enforced, for each."""
    denying = active(decision, "deny")
    told = [] if enforced else [f"would be refused: {_line(f)}" for f in denying]
    told += [_line(f) for f in denying[_REASONS:]] if enforced else []
    return told + [_line(f) for f in active(decision, "warn")]


def annotations_of(decision: Decision, mode: str) -> dict[str, str]:
    """What the audit log keeps beside the request; an API server puts the webhook's name before each key."""
    rules = sorted({f.rule for f in active(decision, "deny")})
    prints = [f.fingerprint for f in active(decision, "deny")]
    said = {
        "verdict": decision.verdict,
        "mode": mode,
        "decision-id": decision.decision_id,
        "policy-revision": decision.policy.revision,
        "rules": ",".join(rules),
        "fingerprints": ",".join(prints[:20]),
    }
    return {key: value for key, value in said.items() if value}


def _reason(finding: Finding) -> str:
    named = f"[{plain(finding.rule)} {plain(finding.fingerprint)}]"
    return f"{_sentence(finding.message)} Fix: {_sentence(finding.remediation)} {named}"


def _sentence(text: str) -> str:
    return f"{plain(text).rstrip('.')}."


def _line(finding: Finding) -> str:
    return f"[{plain(finding.rule)}] {plain(finding.message)}"


def _short(text: str) -> str:
    # Bytes, since that is what the API server counts.
    data = text.encode("utf-8", "replace")
    return text if len(data) <= _WARNING else data[: _WARNING - 3].decode("utf-8", "ignore") + "…"
