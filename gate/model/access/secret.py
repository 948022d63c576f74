"""Secrets in clear, and credentials that do not expire."""

from dataclasses import dataclass

from gate.model.access.source import Source
from gate.model.access.words import Change, CredentialKind
from gate.model.contract import Fact


@dataclass(frozen=True, slots=True)
class Secret(Fact):
    """A plaintext secret that was found: what kind, where, and a fingerprint. The value never gets here."""

    fingerprint: str
    """The first 12 hex digits of a keyed hash."""
    kind: str
    """What the secret looks like (``GitHub Token``), or what says that it is one."""
    attribute: str
    """The path inside the resource (``environment[0].variables.DB_PASSWORD``)."""
    source: Source
    """The resource or object."""
    identity: str | None = None
    """The id of the identity that it belongs to, when known."""
    change: Change = "none"
    """What the change does to the place where it stands."""


@dataclass(frozen=True, slots=True)
class Credential(Fact):
    """A long-lived credential that the change creates."""

    kind: CredentialKind
    """What it is."""
    source: Source
    """The resource or object that makes it."""
    identity: str | None = None
    """The id of the identity that it is for, when known."""
    change: Change = "none"
    """What the change does to it."""
    stored: tuple[str, ...] = ()
    """Addresses of the secrets and parameters that the change keeps it in."""
