"""The data stores and secrets that grants reach, by what can be done to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gate.model.access import Grant
from gate.model.openings import Thing

_NAMES_END = ("-*", "-??????")


@dataclass(slots=True)
class Things:
    """Looks up grants of one model.

    ``stores``: action → what it does (read, write, destroy, secret) → service. ``parts``: service → how many parts of
    an ARN (cut at ``/``) name a store; objects of a bucket and indexes of a table are parts of one store.
    """

    grants: Mapping[str, Grant]
    stores: Mapping[str, Mapping[str, str]]
    parts: Mapping[str, int]
    _found: dict[tuple[str, str], frozenset[Thing]] = field(default_factory=dict)

    def through(self, action: str, key: str) -> frozenset[Thing]:
        """The stores and secrets that one grant reaches by one action."""
        stores = self.stores.get(action)
        if stores is None:
            return frozenset()
        at = (action, key)
        found = self._found.get(at)
        if found is None:
            grant = self.grants[key]
            things = (thing for does, service in stores.items() for thing in self._of(does, service, grant))
            found = self._found[at] = frozenset(things)
        return found

    def _of(self, does: str, service: str, grant: Grant) -> list[Thing]:
        if grant.everything:
            return [(does, service, "every", "*")]
        names = (self._name(service, resource) for resource in grant.resources if _concerns(service, resource))
        return [(does, service, _width(name), name) for name in names]

    def _name(self, service: str, resource: str) -> str:
        parts = self.parts.get(service)
        return resource if parts is None else "/".join(resource.split("/")[:parts])


def _concerns(service: str, resource: str) -> bool:
    if service == "kubernetes" or not resource.startswith("arn:"):
        return True
    return f":{service}:" in resource or ":gate:" in resource  # the latter does not exist yet


def _width(name: str) -> str:
    """Secrets Manager ends each name with ``-`` and six characters: a pattern for those is one secret."""
    for end in _NAMES_END:
        name = name.removesuffix(end)
    return "pattern" if "*" in name or "?" in name else "named"
