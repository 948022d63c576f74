"""What could not be established, and what nobody here understands yet."""

from dataclasses import dataclass

from gate.model.access.source import Source
from gate.model.access.words import Change, UnknownWhat
from gate.model.contract import Fact


@dataclass(frozen=True, slots=True)
class Unknown(Fact):
    """Something that could not be established."""

    what: UnknownWhat
    """What is not known."""
    reason: str
    """Why, in one sentence."""
    source: Source
    """Where it would be."""
    identity: str | None = None
    """The id of the identity whose access it decides about, when known."""
    reference: str | None = None
    """The expression that is unknown (``aws_s3_bucket.b.arn``)."""
    remedy: str | None = None
    """How to make it reviewable."""
    change: Change = "none"
    """What the change does to it."""


@dataclass(frozen=True, slots=True)
class NotAnalysed(Fact):
    """An identity-bearing resource that the gate does not understand yet."""

    type: str
    """The Terraform type, or the API version and kind of a Kubernetes object."""
    platform: str
    """Who has it: the Terraform provider, whichever there is, or ``kubernetes``."""
    role: str
    """Why it bears identity (``runs as its identity block``, ``grant``)."""
    source: Source
    """Where it is written."""
    change: Change = "none"
    """What the change does to it."""
