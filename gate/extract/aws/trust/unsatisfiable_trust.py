"""Why a statement of a trust policy lets nobody in as it is written.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.github.com/en/actions/reference/security/oidc (subjects with the ids of owner and repository)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gate.model.access import Condition, Principal

_GITHUB = "token.actions.githubusercontent.com:"
_ONE_ID_OF_TWO = re.compile(r"repo:(?:[^/@]+@[^/]*/[^:@*?]+|[^/@*?]+/[^:@]+@[^:]*)(?::|$)")
# What AWS itself fills, and subjects of services whose names hold no star; a header or another claim is anybody's text.
# IAM's tags, ids and names of sessions hold none: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_HEADERS = ("aws:useragent", "aws:referer")
_NAMES = ("repo:", "system:serviceaccount:", "project_path:")
_IDS = {
    "repository_id": re.compile(r"repo:[^/]+/[^:@]+@([0-9]+)(?::|$)"),
    "repository_owner_id": re.compile(r"repo:[^/@]+@([0-9]+)/"),
}


def never_met(principal: Principal, conditions: Sequence[Condition]) -> tuple[str, ...]:
    """The reasons, each a clause; none where somebody may get in. What is not looked for is not excluded."""
    return tuple(dict.fromkeys(_reasons(principal, conditions)))


def _reasons(principal: Principal, conditions: Sequence[Condition]) -> Iterator[str]:
    if principal.kind == "dangling":
        yield f"{principal.value} is the id of a principal that was deleted"
        return
    counting = [condition for condition in conditions if condition.counts]
    yield from _stars(counting)
    if principal.kind == "oidc":
        for condition in counting:
            if condition.key.lower() == f"{_GITHUB}sub":
                yield from _subjects(condition.values, counting)
    elif principal.identity is None and principal.value.startswith("arn:") and "*" in principal.value:
        yield (
            f"AWS does not accept a pattern in the ARN of a principal ({principal.value}); "
            "use ArnLike on aws:PrincipalArn"
        )


def _stars(conditions: Sequence[Condition]) -> Iterator[str]:
    for condition in conditions:
        exact = condition.compares in ("stringequals", "stringequalsignorecase")
        if exact and _holds_no_star(condition) and all("*" in value for value in condition.values):
            yield (
                f"{condition.operator} compares {condition.key} with {', '.join(condition.values)} literally: "
                "a star is not a wildcard there"
            )


def _holds_no_star(condition: Condition) -> bool:
    """Whether what is compared is known to hold no star, so that one in a value is meant as a wildcard."""
    key = condition.key.lower()
    if key.startswith(("aws:", "sts:")):
        return key not in _HEADERS
    return key.startswith((_GITHUB, "oidc.eks.")) or all(value.startswith(_NAMES) for value in condition.values)


def _subjects(subjects: Sequence[str], conditions: Sequence[Condition]) -> Iterator[str]:
    """The values of one condition are alternatives: one that can be right is enough."""
    shown = ", ".join(subjects)
    if all(_ONE_ID_OF_TWO.match(subject) for subject in subjects):
        yield f"{shown} has the id of only one of owner and repository, but GitHub writes both or neither"
    for claim, pattern in _IDS.items():
        for condition in conditions:
            if condition.key.endswith(f":{claim}"):
                ids = [match[1] if (match := pattern.match(subject)) else None for subject in subjects]
                if None not in ids and not set(ids) & set(condition.values):
                    yield f"{shown} belongs to another repository than the {claim} {', '.join(condition.values)}"
