"""What conditions of a statement can be told from their text: which hold for every call, which for none.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
A key that is missing fails a positive operator and satisfies a negated one, ``…IfExists`` and ``ForAllValues:``
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html).
The values of one condition are alternatives; under a negated operator none of them may match.
Whatever is not certain is ``None``: such a condition limits an allow, and keeps a deny from removing anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from gate.extract.aws.language import patterns
from gate.extract.aws.language.condition_facts import read_condition
from gate.model.access import Condition


@cache
def _sent(there: str) -> frozenset[str]:
    """The global keys that these requests carry, as ``data/condition_keys.txt`` has it for rules and extraction alike.

    ``always``: every request; ``signed``: every one with credentials, for nobody is told about an anonymous caller.
    """
    lines = (Path(__file__).parent / "data" / "condition_keys.txt").read_text("ascii").splitlines()
    return frozenset(key for key, _, who in (line.split("|") for line in lines) if who == there)


_ABOUT_CALLER = frozenset(
    ["aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:username", "aws:principalisawsservice",
     "aws:principalservicename"]
)  # fmt: skip
_NEGATED = {
    "stringnotequals": "StringEquals",
    "stringnotequalsignorecase": "StringEqualsIgnoreCase",
    "stringnotlike": "StringLike",
    "arnnotequals": "ArnEquals",
    "arnnotlike": "ArnLike",
    "notipaddress": "IpAddress",
}
_OPPOSITE = _NEGATED | {
    "stringequals": "StringNotEquals",
    "stringequalsignorecase": "StringNotEqualsIgnoreCase",
    "stringlike": "StringNotLike",
    "arnequals": "ArnNotEquals",
    "arnlike": "ArnNotLike",
    "ipaddress": "NotIpAddress",
}
_EVERY_ADDRESS = frozenset(["0.0.0.0/0", "::/0"])


@dataclass(frozen=True, slots=True)
class Caller:
    """What every call of one identity carries.

    ``arns``: its ARN; a role with a path is given without the path too, because a session's ARN has none. ``account``
    and ``name``: ``None`` when they are not known.
    """

    arns: tuple[str, ...]
    kind: Literal["user", "role"]
    account: str | None = None
    name: str | None = None

    def told(self, key: str) -> tuple[bool | None, tuple[str, ...] | None]:
        """Whether the calls carry the key, and the values it may have, when they are known."""
        if key == "aws:principalarn":
            return True, self.arns or None
        if key == "aws:principalaccount":
            return True, (self.account,) if self.account else None
        if key == "aws:principaltype":
            return True, ("User" if self.kind == "user" else "AssumedRole",)
        if key == "aws:username":
            return self.kind == "user", (self.name,) if self.name else None
        if key == "aws:principalisawsservice":
            return True, ("false",)
        return False, None


def about_caller(conditions: Iterable[Condition]) -> bool:
    """Whether any of the conditions may be decided by who calls."""
    return any(condition.key.lower() in _ABOUT_CALLER for condition in conditions)


def not_always_met(
    conditions: tuple[Condition, ...], caller: Caller | None = None, *, signed: bool = True
) -> tuple[Condition, ...]:
    """The conditions that do not hold for every call, as far as can be told."""
    return tuple(condition for condition in conditions if holds(condition, caller, signed=signed) is not True)


def impossible(conditions: Iterable[Condition], caller: Caller | None = None, *, signed: bool = True) -> bool:
    """Whether one of the conditions holds for no call."""
    return any(holds(condition, caller, signed=signed) is False for condition in conditions)


def holds(condition: Condition, caller: Caller | None = None, *, signed: bool = True) -> bool | None:
    """``True`` when the condition holds for every call (of ``caller``), ``False`` when for none, else ``None``.

    ``signed``: whether all calls carry credentials of AWS; those that a resource or a trust policy lets in may not.
    """
    key = condition.key.lower()
    present: bool | None = True if key in _sent("always") or (signed and key in _sent("signed")) else None
    texts: tuple[str, ...] | None = None
    if caller is not None and key in _ABOUT_CALLER:
        present, texts = caller.told(key)
    answers = {_holds(condition, there, texts) for there in ([present] if present is not None else [True, False])}
    return answers.pop() if len(answers) == 1 else None


def _holds(condition: Condition, present: bool, texts: tuple[str, ...] | None) -> bool | None:
    operator = condition.operator.lower()
    if operator == "null":
        return ("false" if present else "true") in [value.lower() for value in condition.values]
    quantifier, _, plain = operator.rpartition(":")
    optional = plain.endswith("ifexists")
    plain = plain.removesuffix("ifexists")
    negated = plain in _NEGATED
    if not present:
        if quantifier == "foranyvalue":
            return False
        return negated or optional or quantifier == "forallvalues"
    if negated:
        plain = _NEGATED[plain].lower()
    if quantifier and texts is None and quantifier != "forallvalues":
        return None  # there may be several values, or none
    matched = _matched(plain, condition.values, texts)
    if quantifier == "forallvalues" and texts is None and matched is negated:
        return None  # no value at all would do
    return matched if matched is None or not negated else not matched


def _matched(operator: str, values: tuple[str, ...], texts: tuple[str, ...] | None) -> bool | None:
    """Whether one of ``values`` matches, for certain, whichever of ``texts`` the key has; ``None``: it depends."""
    if not values:
        return False
    if operator in ("stringlike", "arnlike", "arnequals") and any(value and set(value) == {"*"} for value in values):
        return True
    if operator == "bool" and {"true", "false"} <= {value.lower() for value in values}:
        return True
    if operator == "ipaddress" and set(values) >= _EVERY_ADDRESS:
        return True
    if texts is None:
        return None
    answers = {_of(operator, values, text) for text in texts}
    return answers.pop() if len(answers) == 1 else None


def _of(operator: str, values: tuple[str, ...], text: str) -> bool | None:
    answers = [_one(operator, value, text) for value in values]
    return True if True in answers else None if None in answers else False


def _one(operator: str, value: str, text: str) -> bool | None:
    if operator in ("stringlike", "arnlike", "arnequals"):
        if not patterns.overlaps(value, text):
            return False
        # An ARN is compared part by part: a pattern with fewer parts covers none.
        whole = operator == "stringlike" or value.count(":") >= 5
        return True if whole and patterns.contains(value, text) else None
    if operator not in ("stringequals", "stringequalsignorecase", "bool"):
        return None
    if any(map(patterns.opaque, patterns.tokens(text))) or "${" in value:
        return None
    return value == text if operator == "stringequals" else value.lower() == text.lower()


def opposite(condition: Condition) -> Condition | None:
    """A condition that holds wherever ``condition`` does not: what a deny under ``condition`` asks of who gets in.

    It may hold in more cases than those; ``None`` for an operator it is not known for.
    """
    operator = condition.operator.lower()
    values = [value.lower() for value in condition.values]
    if operator == "null" and values in (["true"], ["false"]):
        return read_condition(condition.operator, condition.key, ("false" if values == ["true"] else "true",))
    quantifier, _, plain = operator.rpartition(":")
    optional = plain.endswith("ifexists")
    plain = plain.removesuffix("ifexists")
    if plain == "bool" and not quantifier and values in (["true"], ["false"]):
        flipped = ("false" if values == ["true"] else "true",)
        return read_condition("Bool" if optional else "BoolIfExists", condition.key, flipped)
    if plain not in _OPPOSITE:
        return None
    prefix = {"": "", "foranyvalue": "ForAllValues:", "forallvalues": "ForAnyValue:"}.get(quantifier)
    return None if prefix is None else read_condition(prefix + _OPPOSITE[plain], condition.key, condition.values)
