"""Is an answer a decision? Its keys and types, and that every rule which must run did run."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from gate.engine.bundle import rego_root
from gate.engine.client import Answer
from gate.engine.shape import compile_schema
from gate.errors import DecisionError

_DECISION = {"verdict": str, "findings": list, "summary": dict, "identities": list, "ran": list}
_SUMMARY = {"deny", "warn", "waived", "preexisting", "identities", "resources"}
_TEXTS = {"rule", "title", "address", "message", "remediation", "fingerprint"}
_CHOICES = {
    "effect": {"deny", "warn"},
    "severity": {"critical", "high", "medium", "low"},
    "confidence": {"proven", "possible", "unverified"},
    "change": {"introduced", "preexisting"},
    "status": {"active", "waived", "preexisting"},
}
_LISTS = {"evidence": dict, "path": dict, "frameworks": str}
_NULLABLE = {"identity": str, "location": dict, "waiver": dict}
_JUDGED = ("rule", "identity", "address", "message", "severity", "facts")
_FINDING = _TEXTS | _CHOICES.keys() | _LISTS.keys() | _NULLABLE.keys()
_IDENTITY = {"id": str, "kind": str, "platform": str, "blast_radius": dict}


def check_envelope(envelope: dict[str, Any]) -> None:
    """Raises ``DecisionError`` for an envelope without the shape of the schema: Rego would find nothing in it."""
    wrong = compile_schema(rego_root() / "schema" / "envelope.json")(envelope)
    if wrong is not None:
        raise DecisionError(f"the access model does not match the schema that the rules expect: envelope{wrong}")


def check_bundle(answer: Answer, revision: str) -> None:
    """Raises ``DecisionError`` when a private OPA judged by anything but the bundle of ``revision``."""
    if list(answer.revisions.values()) != [revision]:
        raise DecisionError("Open Policy Agent answered from another bundle than the one it was given")


def checked_decision(
    result: object, expected: AbstractSet[str], *, more_may_run: bool, places: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The result itself, when it is a decision in which every ``expected`` rule package ran.

    ``more_may_run``: further packages in ``ran`` are accepted (an OPA elsewhere with policies of its own). ``places``:
    where the findings of an organisation's packages stand.
    Raises ``DecisionError`` naming what is missing or of the wrong type.
    """
    if not isinstance(result, dict) or result.keys() != _DECISION.keys():
        raise DecisionError(
            f"the answer of Open Policy Agent is not a decision: it needs exactly {', '.join(_DECISION)}"
        )
    for key, kind in _DECISION.items():
        if not isinstance(result[key], kind):
            raise DecisionError(f"the answer of Open Policy Agent is not a decision: {key} must be a {kind.__name__}")
    broken = [cause for finding in result["findings"] if (cause := _broken(finding))]
    _check_ran({str(name) for name in result["ran"]}, expected, broken, places or {}, more_may_run=more_may_run)
    summary = result["summary"]
    if summary.keys() != _SUMMARY or not all(type(n) is int and n >= 0 for n in summary.values()):
        raise DecisionError(f"the answer of Open Policy Agent is not a decision: summary must count {sorted(_SUMMARY)}")
    for finding in result["findings"]:
        _check_finding(finding)
    for identity in result["identities"]:
        if not isinstance(identity, dict) or {k: type(v) for k, v in identity.items()} != _IDENTITY:
            raise DecisionError(
                "the answer of Open Policy Agent is not a decision: an identity's summary has another shape"
            )
    counted = sum(f["effect"] == "deny" and f["status"] == "active" for f in result["findings"])
    if result["verdict"] != ("deny" if counted else "allow") or summary["deny"] != counted:
        raise DecisionError(
            "the answer of Open Policy Agent contradicts itself: "
            f"verdict {result['verdict']!r}, {counted} findings that deny, {summary['deny']} counted"
        )
    return result


def _check_ran(
    ran: set[str], expected: AbstractSet[str], broken: list[str], places: Mapping[str, str], *, more_may_run: bool
) -> None:
    if missing := sorted(expected - ran):
        named = ", ".join(f"{name} ({places[name]})" if name in places else name for name in missing)
        raise DecisionError(
            f"no decision: {named} did not return a set of findings{_because(broken)}",
            hint="a rule that does not run finds nothing, and that is never an allow",
        )
    if not more_may_run and (more := sorted(ran - expected)):
        raise DecisionError(f"no decision: {', '.join(more)} answered but was not given to this engine")


def _because(broken: list[str]) -> str:
    return f": {broken[0]}{f', and {len(broken) - 1} more' if len(broken) > 1 else ''}" if broken else ""


def _broken(finding: object) -> str | None:
    """What a finding lacks that Rego needs to judge it (``_well_formed`` in main.rego); ``None`` when it was judged."""
    if not isinstance(finding, dict):
        return "a finding is not an object; build it with data.gate.lib.finding"
    if "fingerprint" in finding:
        return None
    rule = finding.get("rule")
    name = f"a finding of {rule}" if isinstance(rule, str) else "a finding without a rule id"
    if lacks := [field for field in _JUDGED if field not in finding]:
        return f"{name} has no {', '.join(lacks)}; build the finding with data.gate.lib.finding"
    if finding["severity"] not in _CHOICES["severity"]:
        return f"{name} has a severity other than critical, high, medium, low"
    facts = finding["facts"]
    if not isinstance(facts, list) or not facts or not all(isinstance(fact, str) for fact in facts):
        return f"{name} has no facts: expected a set with at least one string"
    wrong = [field for field in ("rule", "address", "message") if not isinstance(finding[field], str)]
    if not isinstance(finding["identity"], str | None):
        wrong.append("identity")
    return f"{name} has {', '.join(wrong)} that must be a string" if wrong else f"{name} has facts that must be a set"


def _check_finding(finding: object) -> None:
    if not isinstance(finding, dict):
        raise DecisionError("no decision: a finding is not an object")
    rule = finding.get("rule")
    name = rule if isinstance(rule, str) else "without a rule id"
    if finding.keys() != _FINDING:
        odd = sorted(finding.keys() ^ _FINDING)
        raise DecisionError(f"no decision: a finding of {name} has missing or extra fields: {', '.join(odd)}")
    wrong = [key for key in _TEXTS if not isinstance(finding[key], str)]
    wrong += [key for key, choices in _CHOICES.items() if finding[key] not in choices]
    wrong += [
        key
        for key, kind in _LISTS.items()
        if not isinstance(finding[key], list) or not all(isinstance(item, kind) for item in finding[key])
    ]
    wrong += [key for key, kind in _NULLABLE.items() if finding[key] is not None and not isinstance(finding[key], kind)]
    if wrong:
        raise DecisionError(f"no decision: a finding of {name} has {', '.join(sorted(wrong))} of the wrong type")
