"""Permissions that only a service uses, on behalf of the identity and with parameters of its own.

``aws:CalledViaLast`` and its like name the service that makes the call (IAM, *Global condition keys*). Where that
service takes no code, template or role from its caller, the identity cannot make the call it is allowed: it starts no
code by it.
"""

from __future__ import annotations

from collections.abc import Iterable

from gate.model.access import Condition

_KEYS = frozenset(("aws:calledvia", "aws:calledviafirst", "aws:calledvialast"))
_OPERATORS = frozenset(("stringequals", "stringequalsignorecase", "stringlike"))
# Services that make their calls by themselves; one that is not here (CloudFormation runs the caller's template) may be
# told what to do. Bedrock deploys a model of its Marketplace: it takes neither container nor role of the caller's
# (Bedrock User Guide, "Set up Amazon Bedrock Marketplace").
_BY_ITSELF = frozenset(("bedrock.amazonaws.com",))


def only_by_a_service(conditions: Iterable[Condition]) -> bool:
    """Whether a condition that has to hold says that such a service makes the call, and no other."""
    return any(
        condition.key.lower() in _KEYS
        and condition.operator.lower().removeprefix("foranyvalue:") in _OPERATORS
        and bool(condition.values)
        and _BY_ITSELF.issuperset(value.lower() for value in condition.values)
        for condition in conditions
    )
