"""The managed policies of the change that make whoever they are attached to an administrator.

A condition on which policy may be attached (``iam:PolicyARN``), or set as a boundary (``iam:PermissionsBoundary``),
limits nothing where it may name one of them, just as where it names ``AdministratorAccess``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from gate.extract.aws.documents.managed_policy_lookup import ManagedPolicyLookup
from gate.extract.aws.language import actions, patterns
from gate.extract.aws.language.caller_patterns import may_be, names_administrator
from gate.extract.aws.language.permissions import denials_of, permissions_of, subtract
from gate.extract.aws.language.statements import PolicyDocument
from gate.extract.aws.language.techniques import knowledge
from gate.inputs.terraform.evaluation.symbols import OWN_ACCOUNT
from gate.model.access import Condition

_POLICIES = ("aws_iam_policy", "data.aws_iam_policy")
_UNKNOWN = "{account?}"
_ANY = "{account}"  # the same without a question mark, which is a wildcard
_ACCOUNT = re.compile(r"(?<=:iam::)(?:[0-9]{12}|\{account\})(?=:)")


@dataclass
class Attachable:
    """Looks them up for conditions; without ``managed`` only the policies of AWS are known."""

    managed: ManagedPolicyLookup | None = None
    _found: dict[Condition, bool] = field(default_factory=dict)

    def names_strong(self, condition: Condition) -> bool:
        """Whether a value of the condition may be the ARN of a policy that makes administrators."""
        found = self._found.get(condition)
        if found is None:
            found = names_administrator(condition) or any(_may_be_arn(condition, arn) for arn in self._strong)
            self._found[condition] = found
        return found

    def attaches_strong(self, condition: Condition) -> bool:
        """Whether it is about which policy is attached, and may name such a one."""
        return condition.name == "iam:policyarn" and self.names_strong(condition)

    @cached_property
    def _strong(self) -> tuple[str, ...]:
        """What is known of the ARN of each."""
        return tuple(self._arns(self.managed)) if self.managed is not None else ()

    def _arns(self, managed: ManagedPolicyLookup) -> Iterator[str]:
        strong: set[str] = set()
        for type_ in _POLICIES:
            for policy in managed.side.by_type.get(type_, ()):
                found = managed.of_item(policy, None)
                if found is not None and gives_everything(found[1].document):
                    strong.add(policy.id)
                    yield from filter(None, [policy.text("arn")])
        yield from (arn for arn, id_ in managed.names.arns.items() if id_ in strong)


def gives_everything(document: PolicyDocument) -> bool:
    """Whether the policy alone gives an action that makes administrators, on everything and whatever the request."""
    held = 0
    for part in permissions_of(document, None):
        for left in subtract(part, denials_of(document)):
            if left.everything and not any(condition.narrows for condition in left.conditions):
                held |= left.actions
    return any(held & actions.expand(action) for action in knowledge().powerful)


def _may_be_arn(condition: Condition, arn: str) -> bool:
    values = tuple(value.replace(_UNKNOWN, _ANY).replace(OWN_ACCOUNT, _ANY) for value in condition.values)
    if "?}" in arn.replace(_UNKNOWN, ""):  # not known to the end
        return any(patterns.overlaps(value, arn) for value in condition.values)
    readable = replace(condition, values=values)
    return any(may_be(readable, text) for text in _in_accounts(arn.replace(_UNKNOWN, _ANY), values))


def _in_accounts(arn: str, values: Iterable[str]) -> set[str]:
    """The ARN as it is, and in the accounts of the values, where one of both is not known."""
    named = {found for value in values for found in _ACCOUNT.findall(value)}
    named = named if _ANY in arn else named & {_ANY}
    return {arn, *(_ACCOUNT.sub(account, arn) for account in named)}
