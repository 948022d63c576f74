"""A policy in force for an identity, with the resource that holds it."""

from __future__ import annotations

from dataclasses import dataclass

from gate.extract.aws.language.statements import PolicyDocument
from gate.model.access import Source


@dataclass(frozen=True, slots=True)
class AttachedPolicy:
    """A policy in force for an identity: ``source`` is the resource that holds it (each grant adds its statement).

    ``attached_by``: what attaches it, when the policy itself stands outside of the change.
    """

    source: Source
    document: PolicyDocument
    attached_by: Source | None = None
