"""Where a fact comes from."""

from dataclasses import dataclass

from gate.model.contract import Fact


@dataclass(frozen=True, slots=True)
class Location(Fact):
    """A place in a file."""

    file: str
    """The file as it was given to the check, or as the plan names it."""
    line: int
    """The first line, counted from 1."""
    end_line: int
    """The last line, counted from 1."""


@dataclass(frozen=True, slots=True)
class Source(Fact):
    """Where a fact comes from: the resource or object, the statement in it, and the place in a file."""

    address: str
    """The Terraform address or the id of the Kubernetes object (``k8s:<Kind>/<namespace>/<name>``)."""
    statement: str | None = None
    """The statement's Sid, or its index as text; null where the whole object says it."""
    location: Location | None = None
    """The place in a file; null where no source was given."""
