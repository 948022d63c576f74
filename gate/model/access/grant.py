"""What a policy or a role gives."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from gate.model.access.source import Source
from gate.model.access.words import Covers, Platform
from gate.model.contract import As, Fact

SharedTargets = Annotated[tuple[str, ...], As(str | None)]
"""Equal sets of targets stand once in the document, in ``AccessModel.targets``; the grant names its own by key."""


@dataclass(frozen=True, slots=True)
class Condition(Fact):
    """One condition of a statement: all of a statement's conditions must hold. The fields below ``values`` are derived
    from the first three, so they take no part in comparing conditions.
    """

    operator: str
    """The operator (``StringEquals``, ``ForAnyValue:ArnLike`` …)."""
    key: str
    """The condition key (``aws:SourceArn``)."""
    values: tuple[str, ...]
    """The values, of which one is enough."""
    name: str = field(default="", compare=False)
    """The key in lower case. Of one with a slash what stands up to it (``aws:principaltag/``), of a claim of an OIDC
    token the claim alone (``sub``)."""
    compares: str = field(default="", compare=False)
    """The operator in lower case, without ``ForAnyValue:``."""
    counts: bool = field(default=False, compare=False)
    """Whether it must hold for the statement to apply, and excludes someone."""
    narrows: bool = field(default=False, compare=False)
    """Whether it narrows what the statement reaches. Who calls, from where, when and how does not, and neither does
    whose account the resource is in."""
    named: tuple[str, ...] = field(default=(), compare=False)
    """The accounts, or of a key for organizations the organizations, that the values name, when it counts."""
    wild: tuple[str, ...] = field(default=(), compare=False)
    """Those of ``values`` with a star or a question mark, which only some operators take for wildcards."""
    filled: tuple[str, ...] = field(default=(), compare=False)
    """Of those values that hold a policy variable which the request fills, patterns of what they may become: a star for
    the variable."""
    covers: Covers = field(default="values", compare=False)
    """What the values come to: some addresses, where less than half of all are meant; the whole of an account, where a
    pattern fits everybody in it (``arn:aws:iam::111122223333:*``)."""


@dataclass(frozen=True, slots=True)
class Wildcard(Fact):
    """An action pattern with a star or a question mark."""

    pattern: str
    """As written."""
    service: str = ""
    """On AWS, its service in lower case."""
    verb: str = ""
    """On AWS, the first word of what every action that fits begins with (``Get`` for ``s3:GetBucket*``), with the word
    behind ``Batch``."""
    whole: bool = False
    """On AWS, whether it means every action of its service."""


@dataclass(frozen=True, slots=True)
class RbacRule(Fact):
    """What a rule of a Kubernetes role says beside its actions."""

    scope: str
    """The namespace in which it holds; ``*`` for the whole cluster."""
    named: bool
    """Whether ``resourceNames`` limit it."""
    objects: bool
    """Whether it is about objects, and not about URLs alone."""
    reads: bool
    """Whether its verbs only read (get, list, watch)."""
    custom: bool
    """Whether it is about objects of groups that are not Kubernetes' own, and no others."""
    logs: bool
    """Whether it reads the logs of pods or of nodes."""
    every_group: bool
    """Whether a star means kinds of the core group or of all groups."""
    spelled_out: bool
    """Whether it names each of its groups and kinds, so that a star in it means verbs only."""


@dataclass(frozen=True, slots=True)
class Grant(Fact):
    """One effective permission statement, after denies and boundaries."""

    platform: Platform
    """Where it gives something."""
    actions: tuple[str, ...]
    """The action patterns as written; of ``NotAction`` when ``form`` says so."""
    form: Literal["Action", "NotAction"]
    """Whether ``actions`` are what it allows, or all that it does not."""
    wildcards: tuple[Wildcard, ...]
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
    """How much it reaches: everything, a pattern that covers what cannot be listed, or named resources."""
    managed: str | None = field(default=None, compare=False)
    """The AWS managed policy that it comes from: what follows ``policy/`` in its ARN."""
    branch: bool = field(default=False, compare=False)
    """On AWS, whether a resource pattern is a whole branch of names: all that begins with what precedes its star."""
    rule: RbacRule | None = field(default=None, compare=False)
    """On Kubernetes, the rule of the role."""
