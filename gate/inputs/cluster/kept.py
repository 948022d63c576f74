"""The objects that a watch keeps, and who is told of each change."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gate.inputs.cluster.kinds import KindName, Resource
from gate.inputs.cluster.stored_objects import Body, ObjectKey, is_derived, key_of, trimmed

Listener = Callable[[Body | None, Body | None], None]
"""Called with the object before and after: ``None`` before for a new one, ``None`` after for one that is gone."""


class Kept:
    """Objects by key. ``kinds``: those watched; what one of them made (a Deployment's pods) is not kept: the template
    of its owner says the same, and there are many of them.
    """

    def __init__(self) -> None:
        self.objects: dict[ObjectKey, Body] = {}
        self.kinds: frozenset[KindName] = frozenset()
        self._of_kind: dict[KindName, set[ObjectKey]] = {}
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        """From now on tell ``listener``, and at once of everything that is there."""
        self._listeners.append(listener)
        for body in self.objects.values():
            listener(None, body)

    def put(self, resource: Resource, body: Body) -> None:
        """An object as it is now."""
        body = trimmed(body, resource.api_version, resource.name.kind)
        key = key_of(resource.name, body)
        old = self.objects.get(key)
        if is_derived(resource.name, body, self.kinds):
            self._drop(key)
        elif old is None or _version(old) != _version(body):
            self.objects[key] = body
            self._of_kind.setdefault(resource.name, set()).add(key)
            self._tell(old, body)

    def remove(self, resource: Resource, body: Body) -> None:
        """An object that is gone."""
        self._drop(key_of(resource.name, body))

    def replace(self, resource: Resource, bodies: Iterable[Body]) -> None:
        """All objects of a kind as they are now: the others are gone."""
        there = set()
        for body in bodies:
            there.add(key_of(resource.name, body))
            self.put(resource, body)
        for key in self._of_kind.get(resource.name, set()) - there:
            self._drop(key)

    def forget(self, kinds: Iterable[KindName]) -> None:
        """Kinds that are no longer served: their objects are gone."""
        for kind in kinds:
            for key in list(self._of_kind.get(kind, ())):
                self._drop(key)

    def _drop(self, key: ObjectKey) -> None:
        old = self.objects.pop(key, None)
        if old is not None:
            self._of_kind[key.kind].discard(key)
            self._tell(old, None)

    def _tell(self, old: Body | None, new: Body | None) -> None:
        for listener in self._listeners:
            listener(old, new)


def _version(body: Body) -> object:
    metadata = body["metadata"]
    return metadata.get("uid"), metadata.get("resourceVersion")
