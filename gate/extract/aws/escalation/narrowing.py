"""What the conditions of a grant narrow, and which techniques they close.

A condition counts only when it must hold: a positive operator, no ``IfExists``, no ``ForAllValues`` (both are true when
the key is missing), and no value that matches everything, because the values of one condition are alternatives.
The rules of ``rego/gate/lib/conditions.rego`` read conditions in the same way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from gate.extract.aws.escalation.knowledge import Technique, knowledge
from gate.model.access import Condition, Grant

_STRANGERS = re.compile(
    r"[*?]"
    r"|arn:[^:]*(?::[^:]*){0,2}[*?][^:]*$"
    r"|arn:[^:]*:[^:]*:[^:]*:\d{0,11}[*?]"
    r"|\d{1,11}[*?]"
    r"|(?:o-[0-9a-z]{0,9}|vpce?-[0-9a-z]{0,7}|A[IR][DO]A)[*?]"
)
_FREE_TEXTS = {"aws:sourceidentity", "saml:sub"}
_PATTERNS = {"arnlike", "arnequals", "stringlike"}
_ANY_ACCOUNT = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(?:[*?]+(?::.*)?|:[*?]+)")
_RESOURCE_TAG = re.compile(r"[a-z0-9-]+:resourcetag/")


@dataclass(frozen=True, slots=True)
class Guard:
    """What the conditions of one grant close: techniques by ``codes``, and all that pass a role to other services."""

    codes: frozenset[str]
    passed_to: frozenset[str]

    def closes(self, technique: Technique, *, retags: bool) -> bool:
        """Whether the technique is closed; ``retags``: whether its holder can change the tags of what it reaches."""
        if technique.closed_by & (self.codes - {"resource-tag-condition"} if retags else self.codes):
            return True
        return bool(self.passed_to and technique.services and not self.passed_to & technique.services)


def guard(grant: Grant) -> Guard | None:
    """The guard of a grant, ``None`` where it has no conditions."""
    if not grant.conditions:
        return None
    counting = [condition for condition in grant.conditions if counts(condition)]
    codes = {code for condition in counting if (code := _code(condition))}
    passed_to = {
        service
        for condition in counting
        if condition.key.lower() == "iam:passedtoservice" and not any("*" in v or "?" in v for v in condition.values)
        for service in condition.values
    }
    return Guard(frozenset(codes), frozenset(passed_to))


def narrows(grant: Grant) -> bool:
    """Whether a condition narrows what the grant reaches. Who calls, from where, when and how leaves it as it is."""
    return any(not _leaves_reach(c.key.lower()) and _narrows(c) for c in grant.conditions)


def _leaves_reach(key: str) -> bool:
    """Keys that end in a slash stand for every key below (``aws:PrincipalTag/team``)."""
    not_limiting = knowledge().conditions["not_limiting"]
    return key in not_limiting or key.partition("/")[0] + "/" in not_limiting


def _narrows(condition: Condition) -> bool:
    """A condition that counts, or a tag that a resource must carry, with whatever value: others are not reached."""
    if counts(condition):
        return True
    operator = condition.operator.lower().removeprefix("foranyvalue:")
    tag = ":resourcetag/" in condition.key.lower()
    return tag and bool(condition.values) and operator in knowledge().conditions["positive_operators"]


def counts(condition: Condition) -> bool:
    """Whether the condition must hold for the statement to apply, and leaves somebody out."""
    operator = condition.operator.lower().removeprefix("foranyvalue:")
    known = knowledge().conditions
    if operator not in known["positive_operators"] or not condition.values:
        return False
    if any(_matches_everything(operator, value) for value in condition.values):
        return False
    key = condition.key.lower()
    about_caller = operator in _PATTERNS and key in known["caller_keys"] and key not in _FREE_TEXTS
    return not (about_caller and any(_STRANGERS.match(value) for value in condition.values))


def _matches_everything(operator: str, value: str) -> bool:
    if not value.strip("*?"):
        return True
    return operator in _PATTERNS and _ANY_ACCOUNT.fullmatch(value) is not None


def _code(condition: Condition) -> str | None:
    key = condition.key.lower()
    if key == "iam:permissionsboundary":
        return None if any(_privileged(value) for value in condition.values) else "boundary-condition"
    if key == "iam:policyarn":
        return None if any(_privileged(value) for value in condition.values) else "policy-arn-condition"
    if key == "iam:associatedresourcearn":
        return "passrole-associated-resource"
    return "resource-tag-condition" if _RESOURCE_TAG.match(key) else None


def _privileged(arn: str) -> bool:
    """A pattern for all, or a policy that gives the account away: naming it limits nothing."""
    return any(fnmatchcase(f"arn:aws:iam::aws:policy/{name}", arn) for name in knowledge().privileged_policies)
