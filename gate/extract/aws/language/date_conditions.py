"""Conditions on dates, decided against the time of the check: time only goes on.

An allow until a date that has passed holds for no call from now on, a deny from such a date on for every call.
``aws:CurrentTime`` and ``aws:EpochTime`` are in every request; ``aws:TokenIssueTime`` is in those of temporary
credentials, which live 36 hours at most (``GetSessionToken``, ``GetFederationToken``).
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gate.extract.aws.language.statements import PolicyDocument, Statement
from gate.model.access import Condition

# Key → the age that its value can have at most, and whether every request carries it.
_KEYS = {
    "aws:currenttime": (timedelta(0), True),
    "aws:epochtime": (timedelta(0), True),
    "aws:tokenissuetime": (timedelta(hours=36), False),
}
_OPERATORS = ("lessthan", "lessthanequals", "greaterthan", "greaterthanequals", "equals", "notequals")


def decided(document: PolicyDocument, now: datetime | None) -> PolicyDocument:
    """The document as it counts from ``now`` on: without the statements that hold no more, and without the conditions
    that hold for good. ``None``: no date is decided.
    """
    if now is None or not any(_timed(c) for s in document.statements for c in s.conditions):
        return document
    kept = (_from(statement, now) for statement in document.statements)
    return replace(document, statements=tuple(statement for statement in kept if statement is not None))


def _timed(condition: Condition) -> bool:
    return condition.key.lower() in _KEYS


def _from(statement: Statement, now: datetime) -> Statement | None:
    answers = [(condition, holds_from(condition, now)) for condition in statement.conditions]
    if any(answer is False for _, answer in answers):
        return None
    return replace(statement, conditions=tuple(condition for condition, answer in answers if answer is None))


def holds_from(condition: Condition, now: datetime) -> bool | None:
    """``True`` when a condition holds for every call from ``now`` on, ``False`` when for none; ``None`` if it depends,
    or is about no date.
    """
    if not _timed(condition):
        return None
    age, there = _KEYS[condition.key.lower()]
    quantifier, _, plain = condition.operator.lower().rpartition(":")
    optional = plain.endswith("ifexists") or quantifier == "forallvalues"
    plain = plain.removesuffix("ifexists")
    kind = "numeric" if condition.key.lower() == "aws:epochtime" and plain.startswith("numeric") else "date"
    operator = plain.removeprefix(kind)
    if not plain.startswith(kind) or operator not in _OPERATORS:
        return None
    answers = [_one(operator, _moment(value), now - age) for value in condition.values]
    if operator == "notequals":  # none may be equal
        return True if all(answer is True for answer in answers) else None
    answer = True if True in answers else None if None in answers else False
    if there or answer is None or answer is optional:
        return answer
    return None  # a request without the key gives the other answer


def _one(operator: str, value: datetime | None, earliest: datetime) -> bool | None:
    """Whether moments from ``earliest`` on compare with ``value`` as the operator says."""
    if value is None or value >= earliest:
        return None
    return operator.startswith(("greater", "not"))


def _moment(text: str) -> datetime | None:
    """A date of ISO 8601, or seconds since 1970; ``None`` for anything else."""
    try:
        if text.lstrip("-").replace(".", "", 1).isdigit() and len(text) > 4:
            return datetime.fromtimestamp(float(text), UTC)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
