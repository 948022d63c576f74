"""Which conditions limit anything: one that holds for every call is as good as none."""

from __future__ import annotations

from gate.model.access import Condition

# Keys that every signed request carries.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_ALWAYS_THERE = frozenset(
    ["aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid", "aws:currenttime", "aws:epochtime"]
)
_LIKE = frozenset(["stringlike", "arnlike", "arnequals"])


def limiting(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """The conditions that do not hold for every call, as far as can be told from the text."""
    return tuple(condition for condition in conditions if not _always_holds(condition))


def _always_holds(condition: Condition) -> bool:
    operator = condition.operator.lower()
    if operator == "null":
        return condition.key.lower() in _ALWAYS_THERE and [v.lower() for v in condition.values] == ["false"]
    quantifier, _, plain = operator.rpartition(":")
    there = condition.key.lower() in _ALWAYS_THERE
    if plain.endswith("ifexists"):
        plain, there = plain.removesuffix("ifexists"), True
    if quantifier == "forallvalues":
        there = True  # holds for a key that is not there
    anything = any(value and set(value) == {"*"} for value in condition.values)
    return plain in _LIKE and anything and there and quantifier in ("", "forallvalues")
