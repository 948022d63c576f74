"""What a change gives and takes: per identity, before against after. ``gate diff --format json`` prints it exactly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

SCHEMA = "gate.diff/v1"


@dataclass(frozen=True, slots=True)
class Permission:
    """Sensitive actions on one resource pattern: ``except_`` are patterns left out, ``conditions`` as short texts.

    An action ``*`` stands for every action. ``through``: addresses of the policies that grant it.
    """

    actions: tuple[str, ...]
    resource: str
    except_: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    through: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """``{"actions", "resource", "except", "conditions", "through"}``."""
        return {
            "actions": list(self.actions),
            "resource": self.resource,
            "except": list(self.except_),
            "conditions": list(self.conditions),
            "through": list(self.through),
        }


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may become the identity: ``principal`` of ``kind`` (``anyone``, ``role``, ``service`` …), by ``actions``.

    ``negated``: everybody but the principal.
    """

    principal: str
    kind: str
    negated: bool
    actions: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    through: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """``{"principal", "kind", "negated", "actions", "conditions", "through"}``."""
        return {
            "principal": self.principal,
            "kind": self.kind,
            "negated": self.negated,
            "actions": list(self.actions),
            "conditions": list(self.conditions),
            "through": list(self.through),
        }


@dataclass(frozen=True, slots=True)
class Side:
    """What is there on one side of the change only."""

    access: tuple[Permission, ...] = ()
    trust: tuple[Admission, ...] = ()
    becomes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """``{"access", "trust", "becomes"}``."""
        return {
            "access": [a.to_json() for a in self.access],
            "trust": [t.to_json() for t in self.trust],
            "becomes": list(self.becomes),
        }


@dataclass(frozen=True, slots=True)
class IdentityDifference:
    """One identity that can do or reach something else.

    ``reach``: numbers and words of the blast radius that differ, each ``{"before", "after"}``; ``None`` on the side
    where the identity does not exist.
    """

    id: str
    kind: str
    platform: str
    change: Literal["created", "deleted", "changed"]
    gained: Side
    lost: Side
    reach: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        """Whether there is anything to tell: it comes or goes, or what it can do, admit or reach is not what it was."""
        return self.change != "changed" or bool(self.reach) or self.gained != Side() or self.lost != Side()

    def to_json(self) -> dict[str, Any]:
        """``{"id", "kind", "platform", "change", "gained", "lost", "reach"}``."""
        return {
            "id": self.id,
            "kind": self.kind,
            "platform": self.platform,
            "change": self.change,
            "gained": self.gained.to_json(),
            "lost": self.lost.to_json(),
            "reach": self.reach,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """The whole change. ``has_before``: the inputs tell what was there; ``unknown``: what nobody could read."""

    inputs: tuple[str, ...]
    has_before: bool
    identities: tuple[IdentityDifference, ...]
    unknown: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The document ``gate.diff/v1``."""
        return {
            "schema": SCHEMA,
            "inputs": list(self.inputs),
            "has_before": self.has_before,
            "identities": [i.to_json() for i in self.identities],
            "unknown": list(self.unknown),
        }
