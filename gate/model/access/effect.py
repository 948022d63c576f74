"""What an apply does by itself, beside the resources that it leaves."""

from dataclasses import dataclass

from gate.model.access.source import Source
from gate.model.access.words import Change, EffectKind
from gate.model.contract import Fact


@dataclass(frozen=True, slots=True)
class Effect(Fact):
    """Something the apply does by itself: a program, a call of AWS, a limit that goes."""

    kind: EffectKind
    """``provisioner`` and ``external-program`` run where Terraform runs, ``invocation`` runs a function, ``command``
    runs on machines, ``api-call`` calls AWS, ``guardrail`` takes away a limit."""
    what: str
    """Which one: ``local-exec``, the action, the limit's address."""
    source: Source
    """Where it is written."""
    actions: tuple[str, ...] = ()
    """The sensitive actions that it calls, or allows again."""
    runs_as: tuple[str, ...] = ()
    """Ids of the identities that it acts as, when they are known."""
    change: Change = "none"
    """What the change does to it."""
