"""What the values of a condition stand for: whether one names its caller, or is a pattern that strangers fit as well.

A pattern names somebody when what stands before its first wildcard holds a whole account, organization, network or id.
A policy variable that is filled from the request is a wildcard: the request's own account is always its own account.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from gate.extract.aws.language.techniques import knowledge
from gate.model.access import Condition

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_KEY = re.compile(r"[^\[\":]+:")
# What the owner of the resource fills: these stand still whoever calls.
_OF_OWNER = re.compile(r"aws:resource(?:account|orgid|orgpaths)", re.IGNORECASE)
_ACCOUNT = r"(?:[0-9]{12}|\{account\}|\$\{[^}]*\})"
_WHOLE = re.compile(
    rf"{_ACCOUNT}"
    rf"|arn:[^:]*:[^:]*:[^:]*:{_ACCOUNT}"
    r"|arn:[^:]*:[^:]*:[^:]*::."  # a bucket's ARN has no account
    r"|o-(?:[0-9a-z]{10}|[0-9a-z]+/)"
    r"|vpce?-[0-9a-z]{8}"
    r"|A[A-Z]{3}(?:[A-Z0-9]{12}|[A-Z0-9]+:)"  # the unique id of a principal
)
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
_WILDCARD = re.compile(r"[*?]")


def filled(value: str, *, keep: bool = False) -> str:
    """The value with a star for each variable that the request fills.

    ``keep``: whether stars and question marks that are written stand for themselves, as an exact operator takes them.
    References of Terraform stay: no key with a colon stands at their beginning, and AWS never sees them.
    """
    written = _WILDCARD.sub("_", value) if keep else value
    return _VARIABLE.sub(lambda found: "*" if _by_request(found[1]) else found[0], written)


def may_be(condition: Condition, text: str) -> bool:
    """Whether a request that says ``text`` may meet the condition, whatever fills the variables of its values."""
    exact, same_case = condition.compares.startswith("stringequals"), condition.compares != "stringequalsignorecase"
    values = [filled(value, keep=exact).replace("[", "[[]") for value in condition.values]
    return any(fnmatchcase(text, value) if same_case else fnmatchcase(text.lower(), value.lower()) for value in values)


def names_administrator(condition: Condition) -> bool:
    """Whether a value may be a policy of AWS that gives the account away: a condition that it meets limits nothing."""
    names = knowledge().privileged_policies
    return any(may_be(condition, f"arn:{part}:iam::aws:policy/{name}") for name in names for part in _PARTITIONS)


def _by_request(variable: str) -> bool:
    return _KEY.match(variable) is not None and _OF_OWNER.match(variable) is None


def fills_itself(value: str, key: str) -> bool:
    """Whether the value is the variable of the condition's own key, which matches whatever the request says."""
    return any(found.partition(",")[0].strip().lower() == key for found in _VARIABLE.findall(value))


def names_somebody(pattern: str, *, by_parts: bool, identity: bool) -> bool:
    """Whether strangers fit the pattern only by holding what it names.

    ``by_parts``: an ARN operator compares part by part; otherwise a wildcard runs over colons. ``identity``: the text
    is the ARN of a user or role, whose path may hold colons and so whatever stands behind a wildcard.
    """
    wildcard = _WILDCARD.search(pattern)
    if wildcard is None:
        return True
    parts = pattern.split(":", 5)
    if len(parts) == 6 and parts[0] == "arn" and (by_parts or not identity):
        return _WHOLE.match(":".join(["arn", "", "", "", parts[4], _literal(parts[5])])) is not None
    return _WHOLE.match(pattern[: wildcard.start()]) is not None


def _literal(text: str) -> str:
    return _WILDCARD.split(text, maxsplit=1)[0]
