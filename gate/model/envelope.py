"""The envelope: all that OPA is given for one decision."""

from dataclasses import dataclass
from typing import Any, Literal

from gate.model.access import AccessModel
from gate.model.contract import Fact, Named
from gate.model.decision import Severity

Scope = Literal["changed", "all"]
Effect = Literal["deny", "warn"]


@dataclass(frozen=True, slots=True)
class LifecycleSettings(Fact):
    """What has to be said about every identity."""

    required: tuple[str, ...]
    """Names of ``identity.lifecycle`` that may not be missing."""


@dataclass(frozen=True, slots=True)
class RuleSettings(Fact):
    """What ``gate.yaml`` says about one rule."""

    enabled: bool
    """Whether its findings count at all."""
    effect: Effect | None
    """What its findings do whatever their severity; null where the severity decides."""
    reason: str | None
    """Why it was switched off or lowered."""


@dataclass(frozen=True, slots=True)
class Waiver(Fact):
    """A finding that was accepted for a time."""

    fingerprint: str
    """Of the finding."""
    owner: str
    """Who lives with it."""
    reason: str
    """Why."""
    approver: str
    """Who agreed."""
    expires: str
    """The last day on which it counts, YYYY-MM-DD."""


@dataclass(frozen=True, slots=True)
class Settings(Fact):
    """What Rego reads of ``gate.yaml``, with its defaults."""

    deny_from: Severity
    """The lowest severity that denies."""
    scope: Scope
    """Whether findings that were there before the change count too."""
    accounts: tuple[str, ...]
    """The organisation's own accounts."""
    organizations: tuple[str, ...]
    """Ids of the AWS organisations that are its own."""
    oidc_subjects: tuple[str, ...]
    """Patterns of token subjects that are its own."""
    lifecycle: LifecycleSettings
    """What has to be said about every identity."""
    rules: dict[str, RuleSettings]
    """Rule id → what is said about it."""
    waivers: tuple[Waiver, ...]
    """Findings that were accepted."""
    limits: dict[Named, Any]
    """Tier → limit of the blast radius → number or boolean, as written."""


@dataclass(frozen=True, slots=True)
class Envelope(Fact):
    """What OPA reads: ``input`` of every rule."""

    access: AccessModel
    """The side that is judged: after the change, or, to tell what is new, the one before."""
    before: AccessModel | None
    """The side before the change; null where it is not known. No rule looks at it."""
    config: Settings
    """The settings of the check."""
    now: str
    """Today in UTC, YYYY-MM-DD."""
