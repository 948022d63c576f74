"""What lies inside the resources in view, each as one pattern: the objects of a bucket, the indexes of a table.

``arn:aws:s3:::b`` is a bucket and ``arn:aws:s3:::b/*`` its objects; ``s3:GetObject`` acts on objects alone, so that a
pattern of the bucket's ARN gives no access to them and takes none away.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-resources-for-iam-policies
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from gate.extract.aws.language import actions, patterns, resource_types


class InnerResources:
    """Of the resources ``arns``, ARNs or symbols. ``entries``: pattern of the inner ones → ARN outside, depth."""

    def __init__(self, arns: Iterable[str]) -> None:
        self.entries: dict[str, tuple[str, int]] = {}
        self._outer: dict[str, int] = {}
        self._by_head: dict[str, dict[str, list[str]]] = {}
        self._tails: dict[str, list[str]] = {}
        self._masks: list[int] = []
        self._depth_of: dict[int, tuple[int, ...]] = {}
        known: dict[str, tuple[int, list[tuple[str, int]]]] = {}
        for arn in arns:
            shape = resource_types.stand_in(arn) if patterns.is_symbol(arn) else arn
            segment = shape.split(":", 3)[2] if shape and shape.count(":") >= 5 else ""
            if shape is None or segment not in resource_types.inner():
                continue
            tail = patterns.last_segment(shape)
            itself, depths = known[segment] = known.get(segment) or self._depths(segment)
            if any(patterns.matches(f"*?{joint}?*", tail) for joint, _ in depths):
                continue  # it lies inside of another itself
            self._outer[arn] = itself
            for joint, depth in depths:
                entry = f"{arn}{joint}?*"
                self.entries[entry] = (arn, depth)
                if not patterns.is_symbol(arn):
                    self._by_head.setdefault(arn.removesuffix(tail), {}).setdefault(tail, []).append(entry)
        self._tails = {head: sorted(tails) for head, tails in self._by_head.items()}

    def _depths(self, segment: str) -> tuple[int, list[tuple[str, int]]]:
        """The place of the mask of actions for the resources of a service, and of each joint."""
        insides = resource_types.inner()[segment]
        only = actions.expand_all(tuple(name for inner in insides for name in inner.only))
        self._masks.append(actions.acting_on_service(segment) & ~only)
        itself = len(self._masks) - 1
        depths = []
        for inner in insides:
            self._masks.append(actions.expand_all((*inner.only, *inner.also)))
            depths.append((inner.joint, len(self._masks) - 1))
        return itself, depths

    def depth(self, acting: int) -> tuple[int, ...]:
        """How deep a set of actions acts: the places of the masks that it touches; none for actions nobody knows."""
        found = self._depth_of.get(acting)
        if found is None:
            deep = (at for at, mask in enumerate(self._masks) if mask & acting or not acting)
            found = self._depth_of[acting] = tuple(deep)
        return found

    def apart(self, acting: int) -> list[int]:
        """A set of actions as the sets of those that act equally deep."""
        pieces = [acting]
        for mask in self._masks:
            pieces = [some for piece in pieces for some in (piece & mask, piece & ~mask) if some]
        return pieces

    def not_acted_on(self, depth: tuple[int, ...]) -> Iterator[str]:
        """The ARNs and entries that actions of this depth do not act on."""
        yield from (arn for arn, at in self._outer.items() if at not in depth)
        yield from (entry for entry, (_, at) in self.entries.items() if at not in depth)

    def reached(self, resource: str) -> Iterator[str]:
        """The entries that a pattern can cover something of."""
        if patterns.is_symbol(resource):
            symbol, *rest = patterns.tokens(resource)
            for entry, (arn, _) in self.entries.items():
                if arn == symbol and patterns.overlaps("".join(rest), entry.removeprefix(arn)):
                    yield entry
            return
        yield from (e for e in self._candidates(resource) if patterns.overlaps(resource, e))

    def contained(self, pattern: str) -> Iterator[str]:
        """The entries that a pattern covers all of."""
        symbols = patterns.is_symbol(pattern) or pattern.startswith("*")
        entries = self.entries if symbols else self._candidates(pattern)
        yield from (entry for entry in entries if patterns.contains(pattern, entry))

    def _candidates(self, resource: str) -> Iterator[str]:
        """Entries that begin as the pattern does, as far as both are literal: a pattern is not compared with all."""
        tail = patterns.last_segment(resource)
        given = resource.removesuffix(tail)
        literal = patterns.literal_prefix(tail)
        for head, entries in self._by_head.items():
            if given and not patterns.overlaps(given, head):
                continue
            if not given or patterns.literal_prefix(given) != given:
                yield from (entry for inside in entries.values() for entry in inside)
                continue
            ends = [at for at, character in enumerate(literal) if character in "/:"]
            yield from (entry for end in ends for entry in entries.get(literal[:end], ()))
            tails = self._tails[head]
            for at in range(bisect_left(tails, literal), len(tails)):
                if not tails[at].startswith(literal):
                    break
                yield from entries[tails[at]]
