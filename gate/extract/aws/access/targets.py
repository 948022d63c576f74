"""What resource patterns reach of the resources in view."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

from gate.extract.aws.access.inner_resources import InnerResources
from gate.extract.aws.language import patterns, resource_types
from gate.extract.aws.language.beginnings import Beginnings

_BOUNDARY = re.compile(r"[/:]")


class TargetIndex:
    """The resources a change creates or names, by ARN.

    ``arns``: ARN, ARN made up from the plan (``arn:aws:iam::{account?}:role/x``), or symbol of a resource that does not
    exist yet → id or address. ``own_account``: the account the change is for, when known: it fills ``{account?}``.

    A pattern for something inside a resource (``arn:aws:logs:…:log-group:g:*``) reaches the resource, except in IAM,
    where a slash is part of a name's path. Where the Service Authorization Reference knows what lies inside (objects
    in a bucket, indexes of a table), an action reaches the resource as far as a pattern covers what it acts on.
    """

    def __init__(self, arns: Mapping[str, str], own_account: str | None) -> None:
        self._addresses: dict[str, str] = {}
        # A pattern finds its candidates by the number of colons and by the last part of the ARN: the segments before
        # may not be known on either side.
        self._by_colons: dict[int, list[tuple[str, str]]] = {}
        made_up: list[tuple[str, str]] = []
        for arn, address in arns.items():
            full = arn.replace("{account?}", own_account) if own_account else arn
            self._addresses[full] = address
            if "?}" in patterns.last_segment(full):
                # its last part says not how it ends, or goes on: what it begins with is known
                made_up.append((patterns.last_segment(full).partition("{")[0], full))
            elif not patterns.is_symbol(full):
                self._by_colons.setdefault(full.count(":"), []).append((patterns.last_segment(full), full))
        for entries in self._by_colons.values():
            entries.sort()
        self._made_up = Beginnings(made_up)
        self._inner = InnerResources(self._addresses)
        # Sets of ARNs are integers, one bit an ARN: what is left of everything after some exceptions is one operation.
        self._bits = {arn: at for at, arn in enumerate([*self._addresses, *self._inner.entries])}
        self._in_order = (*self._addresses.values(), *(self._addresses[arn] for arn, _ in self._inner.entries.values()))
        self._acted_on: dict[tuple[int, ...], int] = {}
        self._reached: dict[str, int] = {}
        self._left_out: dict[tuple[str, ...], int] = {}
        self._listed: dict[int, tuple[str, ...]] = {}

    def covered(self, resources: tuple[str, ...], except_: tuple[str, ...], acting: int = 0) -> tuple[str, ...]:
        """The ids that ``resources`` can reach and that ``except_`` does not leave out for certain, in index order.

        ``acting``: the actions, as a set of :mod:`gate.extract.aws.language.actions`; 0 for any.
        """
        found = 0
        for resource in resources:
            if resource_types.own_user(resource):
                continue  # whoever calls, and nobody else
            reached = self._reached.get(resource)
            if reached is None:
                reached = self._reached[resource] = self._set(self._reach(resource))
            found |= reached
        found &= ~self._removed(except_) & self._where(acting)
        listed = self._listed.get(found)
        if listed is None:
            listed = self._listed[found] = tuple(dict.fromkeys(self._members(found)))
        return listed

    def _removed(self, except_: tuple[str, ...]) -> int:
        """What all these patterns cover for certain; many parts have the same."""
        found = self._left_out.get(except_)
        if found is None:
            found = 0
            for exception in except_:
                removed = self._left_out.get((exception,))
                if removed is None:
                    removed = self._left_out[(exception,)] = self._set(self._contained(exception))
                found |= removed
            self._left_out[except_] = found
        return found

    def apart(self, resources: tuple[str, ...], except_: tuple[str, ...], acting: int) -> list[int]:
        """A set of actions as the sets of those that reach the same: a deny may take a table and leave its indexes."""
        reaching: dict[tuple[str, ...], int] = {}
        for some in self._inner.apart(acting):
            reached = self.covered(resources, except_, some)
            reaching[reached] = reaching.get(reached, 0) | some
        return list(reaching.values())

    def _where(self, acting: int) -> int:
        """The ARNs that any of the actions can act on: of the resources, and of what is inside them."""
        depth = self._inner.depth(acting)
        found = self._acted_on.get(depth)
        if found is None:
            left_out = self._set(self._inner.not_acted_on(depth))
            found = self._acted_on[depth] = ~left_out
        return found

    def _members(self, found: int) -> Iterator[str]:
        if found.bit_count() * 64 > len(self._in_order):
            flags = bin(found)[:1:-1]
            yield from (id_ for id_, flag in zip(self._in_order, flags, strict=False) if flag == "1")
            return
        while found:  # few: from one to the next, not over everything for each of them
            lowest = found & -found
            yield self._in_order[lowest.bit_length() - 1]
            found ^= lowest

    def _set(self, arns: Iterable[str]) -> int:
        found = bytearray(len(self._bits) // 8 + 1)
        for arn in arns:
            at = self._bits[arn]
            found[at // 8] |= 1 << at % 8
        return int.from_bytes(found, "little")

    def _contained(self, pattern: str) -> Iterator[str]:
        """The ARNs that a pattern covers for certain."""
        if patterns.is_symbol(pattern):
            symbol, *rest = patterns.tokens(pattern)
            if symbol in self._addresses and rest in ([], ["*"]):
                yield symbol
            yield from self._inner.contained(pattern)
            return
        yield from (arn for arn in self._matching(pattern) if patterns.contains(pattern, arn))
        yield from self._inner.contained(pattern)
        if pattern.startswith("*"):
            symbols = (arn for arn in self._addresses if patterns.is_symbol(arn))
            yield from (arn for arn in symbols if patterns.contains(pattern, arn))

    def _reach(self, resource: str) -> Iterator[str]:
        """The ARNs that a pattern can reach."""
        yield from self._inner.reached(resource)
        if patterns.is_symbol(resource):
            symbol = patterns.tokens(resource)[0]
            if symbol in self._addresses:
                yield symbol
            return
        yield from self._matching(resource)
        tail = patterns.last_segment(resource)
        head = resource.removesuffix(tail)
        if head.count(":") < 5 or ":iam:" in head:
            return
        for boundary in _BOUNDARY.finditer(patterns.literal_prefix(tail)):
            yield from self._matching(head + tail[: boundary.start()])

    def _matching(self, resource: str) -> Iterator[str]:
        colons = patterns.tokens(resource).count(":")
        tail = patterns.last_segment(resource)
        head = resource.removesuffix(tail)
        fixed = "*" not in head and "${" not in head
        prefix = patterns.literal_prefix(tail)
        made_up = self._made_up.beside(prefix) if fixed and head else self._made_up.all()
        yield from (arn for arn in made_up if patterns.reaches(resource, arn))
        for count, entries in self._by_colons.items():
            if colons > count:
                continue
            # With as many colons on both sides, or no star before the last part, the segments stand side by side.
            aligned = colons >= 5 and (colons == count or fixed)
            start = bisect_left(entries, (prefix,)) if aligned else 0
            for at in range(start, len(entries)):
                name, arn = entries[at]
                if aligned and not (name == tail if prefix == tail else name.startswith(prefix)):
                    break
                if patterns.reaches(resource, arn):
                    yield arn
