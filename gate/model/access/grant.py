"""What a policy or a role gives."""

from dataclasses import dataclass
from typing import Annotated, Literal

from gate.model.access.source import Source
from gate.model.access.words import Platform
from gate.model.contract import As, Fact

SharedTargets = Annotated[tuple[str, ...], As(str | None)]
"""Equal sets of targets stand once in the document, in ``AccessModel.targets``; the grant names its own by key."""


@dataclass(frozen=True, slots=True)
class Condition(Fact):
    """One condition of a statement, as written: all of a statement's conditions must hold."""

    operator: str
    """The operator (``StringEquals``, ``ForAnyValue:ArnLike`` …)."""
    key: str
    """The condition key (``aws:SourceArn``)."""
    values: tuple[str, ...]
    """The values, of which one is enough."""


@dataclass(frozen=True, slots=True)
class Grant(Fact):
    """One effective permission statement, after denies and boundaries."""

    platform: Platform
    """Where it gives something."""
    actions: tuple[str, ...]
    """The action patterns as written; of ``NotAction`` when ``form`` says so."""
    form: Literal["Action", "NotAction"]
    """Whether ``actions`` are what it allows, or all that it does not."""
    wildcards: tuple[str, ...]
    """Those of ``actions`` that contain a wildcard and are still effective in full."""
    resources: tuple[str, ...]
    """The effective resource patterns."""
    except_: tuple[str, ...]
    """Resource patterns that denies or ``NotResource`` take away."""
    everything: bool
    """Whether it reaches every resource of the account or cluster."""
    targets: SharedTargets
    """The key in ``targets`` of the identities (ids) and resources (addresses) of this model that it reaches; null for
    none, and when ``everything``."""
    conditions: tuple[Condition, ...]
    """The conditions under which it holds."""
    holders: tuple[str, ...]
    """Ids of the identities that hold it effectively."""
    source: Source
    """The statement."""
    whole_type: bool = False
    """Whether it reaches every resource of a type or of a service (``role/*``)."""
    own: bool = False
    """Whether it reaches the user who calls (``user/${aws:username}``), whom ``targets`` does not list."""
    whole_for: tuple[str, ...] = ()
    """Sensitive actions for which ``resources`` are all they act on, without a star (``secret:*``)."""
    width: Literal["everything", "pattern", "named"] = "named"
    """How much it reaches: everything, a pattern that covers what nobody can list, or named resources."""
