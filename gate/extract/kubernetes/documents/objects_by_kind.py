"""The objects of a cluster by kind, each read once by whoever asks for its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from gate.extract.kubernetes.documents.objects import group_of, source_of
from gate.extract.kubernetes.language.shapes import WrongShape
from gate.inputs.documents import Manifest
from gate.model.access import Unknown

T = TypeVar("T")
Kind = tuple[str, str]
"""API group and kind."""


@dataclass(slots=True)
class Objects:
    """Every object, by kind. One whose shape is not the API's is added to ``unknown``; nothing is dropped silently."""

    manifests: Sequence[Manifest]
    unknown: list[Unknown]
    kinds: dict[Kind, list[Manifest]] = field(init=False, default_factory=dict)
    _told: set[Unknown] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        for manifest in self.manifests:
            self.kinds.setdefault((group_of(manifest), manifest.kind), []).append(manifest)

    def of(self, *wanted: Kind) -> Iterator[Manifest]:
        """The objects of some kinds."""
        return (manifest for kind in wanted for manifest in self.kinds.get(kind, ()))

    def each(self, reader: Callable[[Manifest], T], *wanted: Kind) -> Iterator[tuple[Manifest, T]]:
        """Every object of some kinds with what ``reader`` makes of it, which may raise ``WrongShape``."""
        for manifest in self.of(*wanted):
            try:
                yield manifest, reader(manifest)
            except WrongShape as error:
                unread = wrong_shape(manifest, error)
                if unread not in self._told:  # two readers of one kind may stumble over the same
                    self._told.add(unread)
                    self.unknown.append(unread)


def wrong_shape(manifest: Manifest, error: WrongShape) -> Unknown:
    """What stands in the model for an object that does not have the API's shape."""
    source = source_of(manifest, error.place)
    return Unknown(
        what="object",
        reason=f"The {manifest.kind} {source.address} could not be read: {error.message}.",
        source=source,
        remedy=f"write the {manifest.kind} as the Kubernetes API defines it ({manifest.api_version})",
        change="create",
    )
