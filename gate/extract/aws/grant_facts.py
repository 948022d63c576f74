"""What a grant of AWS says beside what it reaches, so that no rule takes a text apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from gate.extract.aws import actions
from gate.model.access import Condition, Wildcard

_MANAGED = re.compile(r"arn:[^:]+:iam::aws:policy/(.+)")
_BRANCH = re.compile(r"(?:.*[/:])?\*", re.DOTALL)
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_WORD = re.compile(r"(?:Batch)?[A-Z][a-z0-9]*")
_SESSION_TAG = "aws:principaltag/"


def managed_policy_name(address: str) -> str | None:
    """What follows ``policy/`` in the ARN of a policy of AWS; ``None`` for any other address."""
    found = _MANAGED.fullmatch(address)
    return found[1] if found else None


@lru_cache(maxsize=4096)
def wildcard(pattern: str) -> Wildcard:
    """An action pattern of a statement (``s3:Get*``)."""
    service, _, named = pattern.lower().partition(":")
    word = _WORD.match(re.split(r"[*?]", pattern.partition(":")[2], maxsplit=1)[0])
    return Wildcard(pattern, service=service, verb=word[0] if word else "", whole=named == "*")


@lru_cache(maxsize=4096)
def services_of(sensitive: int) -> tuple[str, ...]:
    """The services of a set of actions (bits as of ``actions``), sorted."""
    return tuple(sorted({name.partition(":")[0] for name in actions.names(sensitive)}))


def is_branch(resources: Iterable[str]) -> bool:
    """Whether some pattern covers all that begins with what stands before its star, at a border of names."""
    return any(_BRANCH.fullmatch(resource) for resource in resources)


def by_session_tags(resources: Iterable[str], conditions: Iterable[Condition]) -> bool:
    """Whether tags of the session decide: as the key of a condition, or as a policy variable."""
    if any("${" in resource and f"${{{_SESSION_TAG}" in resource.lower() for resource in resources):
        return True
    return any(
        condition.name == _SESSION_TAG or any(f"${{{_SESSION_TAG}" in value.lower() for value in condition.values)
        for condition in conditions
    )


def own_variables(resources: Sequence[str], conditions: Iterable[Condition]) -> tuple[str, ...]:
    """The policy variables, in lower case, that all the resources or all the values of a condition contain."""
    found = _in_all(resources)
    for condition in conditions:
        found |= _in_all(condition.values)
    return tuple(sorted(found))


def _in_all(texts: Sequence[str]) -> set[str]:
    if not texts or any("${" not in text for text in texts):
        return set()
    sets = [{name.lower() for name in _VARIABLE.findall(text)} for text in texts]
    return set.intersection(*sets)
