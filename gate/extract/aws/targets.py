"""What resource patterns reach of the resources in view."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from gate.extract.aws import patterns

_UNKNOWN_SEGMENT = re.compile(r"\{[a-z]+\?\}")


class TargetIndex:
    """The resources a change creates or names, by ARN.

    ``arns``: ARN, ARN made up from the plan (``arn:aws:iam::{account?}:role/x``), or symbol of a resource that does not
    exist yet → id or address. ``own_account``: the account the change is for, when known: it fills ``{account?}``.
    """

    def __init__(self, arns: Mapping[str, str], own_account: str | None) -> None:
        self._exact: dict[str, list[str]] = {}
        self._open: list[tuple[str, str]] = []
        for arn, address in arns.items():
            full = arn.replace("{account?}", own_account) if own_account else arn
            self._exact.setdefault(full, []).append(address)
            self._open.append((_UNKNOWN_SEGMENT.sub("*", full), address))
        self._covered = lru_cache(maxsize=None)(self._cover)

    def covered(self, resources: tuple[str, ...], except_: tuple[str, ...]) -> tuple[str, ...]:
        """The ids that one of ``resources`` can reach and that none of ``except_`` certainly leaves out, in index order."""
        return self._covered(resources, except_)

    def _cover(self, resources: tuple[str, ...], except_: tuple[str, ...]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for arn, address in self._open:
            if any(_reaches(resource, arn) for resource in resources) and not any(
                patterns.contains(removed, arn) for removed in except_
            ):
                found[address] = None
        return tuple(found)


def _reaches(resource: str, arn: str) -> bool:
    return patterns.matches(resource, arn) if "*" not in arn else patterns.overlaps(resource, arn)
