"""What a single condition of a statement establishes, stated once for the graph and for the rules.

A condition counts only when it must hold: a positive operator, no ``IfExists``, no ``ForAllValues`` (both are true when
the key is missing), and no value that matches everything, because the values of one condition are alternatives and the
weakest decides.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from ipaddress import ip_network

from gate.extract.aws.language.caller_patterns import filled, fills_itself, names_administrator, names_somebody
from gate.extract.aws.language.techniques import knowledge
from gate.inputs.terraform.evaluation.symbols import OWN_ACCOUNT
from gate.model.access import Condition, Covers

_OPEN = re.compile(r"\{(account|region)\?\}")
_PATTERNS = {"arnlike", "arnequals", "stringlike"}
# Any account; or any name where the ARN has no account.
_ANY_ACCOUNT = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(?:[*?]+(?::.*)?|:[*?]+)")
_ACCOUNT = re.compile(r"(\d{12})|arn:[^:]*:[^:]*:[^:]*:(\d{12}):.*", re.DOTALL)
_WHOLE_ACCOUNT = re.compile(r"arn:[^:]*:iam::[^:]*:(?:(?:user|role)/)?[*]")


@lru_cache(maxsize=20_000)
def read_condition(operator: str, key: str, values: tuple[str, ...]) -> Condition:
    """A condition as a statement writes it, with what it establishes."""
    compares = operator.lower().removeprefix("foranyvalue:")
    name, plain = _name(key), key.lower()
    readable = tuple(map(_without_stand_ins, values))
    counting = _counts(compares, plain, readable)
    found = Condition(
        operator,
        key,
        values,
        name=name,
        compares=compares,
        counts=counting,
        narrows=name not in _known("not_limiting") and (counting or _on_tag(compares, plain, values)),
        named=_named(name, values, readable) if counting else (),
        wild=tuple(value for value, text in zip(values, readable, strict=True) if "*" in text or "?" in text),
        filled=tuple(_filled(compares, values)),
        covers=_covers(compares, plain, readable),
    )
    # Who may attach AdministratorAccess reaches everything by one step.
    if found.narrows and name == "iam:policyarn" and names_administrator(found):
        return replace(found, narrows=False)
    return found


def _filled(compares: str, values: tuple[str, ...]) -> Iterator[str]:
    for value in values:
        if filled(value) != value:
            yield filled(value, keep=compares not in _PATTERNS)


def _without_stand_ins(value: str) -> str:
    """An account or region that is not known yet is one, and no pattern: ``{account?}`` holds no wildcard."""
    return _OPEN.sub(r"{\1}", value).replace(OWN_ACCOUNT, "{account}")


@cache
def _known(what: str) -> frozenset[str]:
    return knowledge().conditions[what]


def _name(key: str) -> str:
    """Behind the slash of ``aws:PrincipalTag/KEY`` stands what users chose, before the claim of a token its issuer."""
    host, colon, claim = key.lower().rpartition(":")
    if colon and "." in host.partition("/")[0]:
        return claim
    name, slash, _ = key.lower().partition("/")
    return name + slash


def _counts(compares: str, key: str, values: tuple[str, ...]) -> bool:
    if compares not in _known("positive_operators") or not values:
        return False
    if any(_matches_everything(compares, value) for value in values):
        return False
    if any(fills_itself(value, key) for value in values):
        return False
    return key not in _known("caller_keys") or all(_of_somebody(compares, key, value) for value in values)


def _of_somebody(compares: str, key: str, value: str) -> bool:
    pattern = filled(value, keep=compares not in _PATTERNS)
    return names_somebody(pattern, by_parts=compares.startswith("arn"), identity=key == "aws:principalarn")


def _matches_everything(compares: str, value: str) -> bool:
    return not value.strip("*?") or (compares in _PATTERNS and _ANY_ACCOUNT.fullmatch(value) is not None)


def _on_tag(compares: str, key: str, values: tuple[str, ...]) -> bool:
    """A tag that a resource must carry, with whatever value: others are not reached."""
    return ":resourcetag/" in key and bool(values) and compares in _known("positive_operators")


def _named(name: str, values: tuple[str, ...], readable: tuple[str, ...]) -> tuple[str, ...]:
    if name in _known("organization_keys"):
        return tuple(dict.fromkeys(value.split("/")[0] for value in values))
    found = (_ACCOUNT.fullmatch(value) for value in readable)
    return tuple(dict.fromkeys(match[1] or match[2] for match in found if match))


def _covers(compares: str, key: str, values: tuple[str, ...]) -> Covers:
    if compares == "ipaddress" and values and _some(values):
        return "some addresses"
    if key == "aws:principalarn" and any(map(_WHOLE_ACCOUNT.fullmatch, values)):
        return "whole account"
    return "values"


def _some(values: tuple[str, ...]) -> bool:
    """Whether networks are somebody's and not those of many: none as wide as a /7, and together no sixteenth of all."""
    shares: dict[int, list[float]] = {4: [0], 6: [0]}
    for value in set(values):
        try:
            network = ip_network(value, strict=False)
        except ValueError:
            if "{" in value:
                continue  # not known before apply
            return False
        shares[network.version].append(2.0**-network.prefixlen)
    return all(max(found) < 2**-7 and sum(found) < 2**-4 for found in shares.values())
