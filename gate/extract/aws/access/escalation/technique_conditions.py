"""What the conditions of a grant narrow, and which techniques they close."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gate.extract.aws.language import patterns
from gate.extract.aws.language.caller_patterns import may_be
from gate.extract.aws.language.techniques import TAGGED, Technique
from gate.model.access import Condition, Grant

_RESOURCE_TAG = re.compile(r"[a-z0-9-]+:resourcetag/")
_ON_POLICIES = {"iam:permissionsboundary": "boundary-condition", "iam:policyarn": "policy-arn-condition"}
_OF_AWS = re.compile(r"arn:[^:]*:iam::aws:")


@dataclass(frozen=True, slots=True)
class Guard:
    """What the conditions of one grant close.

    ``codes``: how techniques say what closes them. ``passed``: conditions on the service that a role is passed to;
    ``associated``: on the resource that it is passed for. ``attached``: policies that may be attached, without AWS's.
    """

    codes: frozenset[str]
    passed: tuple[Condition, ...]
    associated: tuple[Condition, ...]
    attached: tuple[str, ...]

    def closes(self, technique: Technique, *, tagged: bool, written: Iterable[str] = ()) -> bool:
        """Whether the technique is closed.

        ``tagged``: whether something may carry the tags that are asked for. ``written``: patterns of the policies
        that its holder can write, and so attach with whatever it wrote.
        """
        codes = self.codes - {TAGGED} if tagged else self.codes
        if any(patterns.overlaps(policy, one) for policy in self.attached for one in written):
            codes -= {"policy-arn-condition"}
        if technique.closed_by & codes:
            return True
        if "passrole-associated-resource" in technique.closed_by and any(
            not _for_a_resource_of(technique.services, condition) for condition in self.associated
        ):
            return True
        return any(not _passes_to(technique.services, condition) for condition in self.passed if technique.services)


def guard(grant: Grant, strong: Callable[[Condition], bool]) -> Guard | None:
    """The guard of a grant, ``None`` where it has no conditions.

    ``strong``: whether a condition may name a policy that makes administrators.
    """
    if not grant.conditions:
        return None
    counting = [condition for condition in grant.conditions if condition.counts]
    return Guard(
        frozenset(code for condition in counting if (code := _code(condition, strong))),
        tuple(condition for condition in counting if condition.name == "iam:passedtoservice"),
        tuple(condition for condition in counting if condition.name == "iam:associatedresourcearn"),
        tuple(
            policy
            for condition in counting
            if condition.name == "iam:policyarn"
            for policy in condition.values
            if not _OF_AWS.match(policy)
        ),
    )


def _passes_to(services: Iterable[str], condition: Condition) -> bool:
    """Whether a role may be passed to one of the services; in China their names end in ``.cn``."""
    return any(may_be(condition, service + end) for service in services for end in ("", ".cn"))


def _for_a_resource_of(services: Iterable[str], condition: Condition) -> bool:
    """Whether a role may be passed for some resource of one of the services (``lambda.amazonaws.com``)."""
    names = {service.partition(".")[0] for service in services}
    return any(patterns.overlaps(value, name) for value in map(_service, condition.values) for name in names)


def _service(arn: str) -> str:
    """The service in an ARN or a pattern of one; any where a wildcard stands before it."""
    beginning = arn.split(":")[:3]
    return beginning[2] if len(beginning) == 3 and not re.search(r"[*?]", ":".join(beginning[:2])) else "*"


def narrows(grant: Grant) -> bool:
    """Whether a condition narrows what the grant reaches."""
    return any(condition.narrows for condition in grant.conditions)


def _code(condition: Condition, strong: Callable[[Condition], bool]) -> str | None:
    if condition.name in _ON_POLICIES:
        return None if strong(condition) else _ON_POLICIES[condition.name]
    return TAGGED if _RESOURCE_TAG.match(condition.name) else None
