"""What a grant of AWS says beside what it reaches, so that no rule takes a text apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from gate.model.access import Grant, Identity, Wildcard

_MANAGED = re.compile(r"arn:[^:]+:iam::aws:policy/(.+)")
_BRANCH = re.compile(r"(?:.*[/:])?\*", re.DOTALL)
_WORD = re.compile(r"(?:Batch)?[A-Z][a-z0-9]*")
_SESSION_TAG = "aws:principaltag/"
_CALLER = "${cognito-identity.amazonaws.com:sub}"


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


def is_branch(resources: Iterable[str]) -> bool:
    """Whether some pattern covers all that begins with what stands before its star, at a border of names."""
    return any(_BRANCH.fullmatch(resource) for resource in resources)


def with_variables(identities: dict[str, Identity], grants: Mapping[str, Grant]) -> None:
    """Put into the identities what the variables in their grants decide: tags of the session, and whose things."""
    tagged = {key for key, grant in grants.items() if _on_session_tags(grant)}
    owned = {key for key, grant in grants.items() if _is_the_callers(grant)}
    for holder in {holder for key in tagged | owned for holder in grants[key].holders} & identities.keys():
        identity = identities[holder]
        by_tags = any(holder in grants[key].holders for key in tagged)
        identities[holder] = replace(identity, by_tags=by_tags, own_services=_own_services(identity, owned))


def _own_services(identity: Identity, owned: set[str]) -> tuple[str, ...]:
    keys: dict[str, set[str]] = {}
    for action, found in identity.grants.items():
        keys.setdefault(action.partition(":")[0], set()).update(found)
    return tuple(sorted(service for service, found in keys.items() if found <= owned))


def _on_session_tags(grant: Grant) -> bool:
    if any(condition.name == _SESSION_TAG for condition in grant.conditions):
        return True
    texts = [*grant.resources, *(value for condition in grant.conditions for value in condition.values)]
    return any("${" in text and f"${{{_SESSION_TAG}" in text.lower() for text in texts)


def _is_the_callers(grant: Grant) -> bool:
    """Whether all its resources, or all values of a condition, hold the id of the identity-pool user who calls."""
    texts = [grant.resources, *(condition.values for condition in grant.conditions)]
    return any(found and all(_CALLER in text for text in found) for found in texts)
