"""What the conditions of a grant narrow, and which techniques they close."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from gate.extract.aws.escalation.knowledge import Technique, knowledge
from gate.model.access import Condition, Grant

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
    counting = [condition for condition in grant.conditions if condition.counts]
    codes = {code for condition in counting if (code := _code(condition))}
    passed_to = {
        service
        for condition in counting
        if condition.name == "iam:passedtoservice" and not condition.wild
        for service in condition.values
    }
    return Guard(frozenset(codes), frozenset(passed_to))


def narrows(grant: Grant) -> bool:
    """Whether a condition narrows what the grant reaches."""
    return any(condition.narrows for condition in grant.conditions)


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
