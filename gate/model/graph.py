"""What follows from the facts of one side in the identity graph, as the rules read it.

Whom each identity can become, what it gains by that, and by which steps. The document stays small: shortest chains,
sets that many share, and counts; never all pairs.
"""

from dataclasses import dataclass, field
from typing import Literal

from gate.model.contract import Fact, Named

Confidence = Literal["proven", "possible", "unverified"]
Limit = Literal["free", "privileged", "named"]
StepKind = Literal["becomes", "writes", "lifts"]
Width = Literal["every", "pattern", "named"]
GainKind = Literal[
    "administrator",
    "anything",
    "ceiling",
    "conditional",
    "secrets",
    "data",
    "rights",
    # what nobody can list
    "everything",
    "pattern",
    "visible_pattern",
    "named",
    "conventional",
]


@dataclass(frozen=True, slots=True)
class Way(Fact):
    """What RBAC rights of one identity add up to in one scope."""

    path: str
    """The id of the path in ``knowledge.kubernetes.escalation``."""
    scope: str
    """A namespace, or ``*`` for the whole cluster."""
    keys: tuple[str, ...]
    """The grants used."""
    limits: dict[Named, Limit]
    """Of the grants that meet the first need, how resourceNames limit each: not at all, to names that are
    worth as much, or to other names."""
    actions: tuple[str, ...]
    """The actions used of the grants."""
    limited: bool
    """Whether resourceNames limit all grants that meet the first need."""
    leads: str | None = None
    """The key in ``leads`` of the identities that it leads to; null where it leads to none."""
    by_name: bool = False
    """Whether it leads to those that resourceNames name, who may be harmless."""


@dataclass(frozen=True, slots=True)
class Step(Fact):
    """One edge of a chain."""

    from_: str
    """The identity that takes the step."""
    technique: str
    """The technique of the knowledge; ``federation`` where a trust policy of another platform lets it in."""
    to: str
    """The identity that it becomes, or what it writes or lifts."""
    kind: StepKind = "becomes"
    """Whether it becomes that, writes its rights, or takes away what holds it back."""


@dataclass(frozen=True, slots=True)
class Gain(Fact):
    """What one technique gains its holder beyond what it holds itself."""

    technique: str
    """The technique of the knowledge."""
    target: str | None
    """Whom or what it reaches; null where that cannot be listed."""
    confidence: Confidence
    """*proven*: the target is in view. *possible*: it covers what cannot be listed. *unverified*: one named target
    outside of the view."""
    gains: GainKind
    """An administrator; anything, by its own rights, which nothing holds back; its ceiling, by its own rights; an
    administrator under conditions; secrets or data that it does not hold; the rights of another; or what is covered
    outside of the view."""
    steps: int = 1
    """How many actions it takes."""
    state: str | None = None
    """Of a ceiling, the state it would be in, whose gains stand in ``gains`` beside those of identities."""


@dataclass(frozen=True, slots=True)
class Chain(Fact):
    """The shortest chain over other identities."""

    steps: tuple[Step, ...]
    """Its edges; of a long one the first and the last ones."""
    end: str
    """Who gains by itself what the chain is for; the identity itself where the steps say all."""
    length: int
    """How many edges the whole chain has."""


@dataclass(frozen=True, slots=True)
class Reach(Fact):
    """What an identity reaches: what it holds itself, together with what those hold that it can become."""

    administrator: bool
    """Whether it is an administrator, or can become one."""
    becomes: tuple[str, ...]
    """The other identities that it can become; none where they are more than fifty."""
    identities: int
    """How many those are."""
    services: int
    """How many services it has rights of."""
    actions: int
    """How many sensitive actions it has."""
    accounts: int
    """In how many accounts, at least one."""
    environments: tuple[str, ...]
    """In which environments."""
    things: str
    """The key in ``things`` of the stores and secrets that it reaches."""


@dataclass(frozen=True, slots=True)
class Stores(Fact):
    """Data stores or secrets of one service."""

    width: Width
    """All of the service, a pattern that covers what cannot be listed, or named ones."""
    count: int
    """How many names or patterns."""


@dataclass(frozen=True, slots=True)
class Contributor(Fact):
    """What adds to one number of an identity's reach."""

    holder: str
    """Who holds the grant, or the identity that adds to it."""
    size: int
    """How much it adds."""
    grant: str | None = None
    """The key of the grant; null where the identity itself adds to it."""
    action: str | None = None
    """The action of the grant."""


@dataclass(frozen=True, slots=True)
class Contribution(Fact):
    """What one number of an identity's reach is made of."""

    contributors: tuple[Contributor, ...]
    """The largest ones, three at most."""
    reached: tuple[str, ...]
    """What is reached; nothing where it is more than a hundred."""
    count: int
    """How much that is."""
    way: tuple[Step, ...]
    """From the identity to the holder of the largest contributor."""


@dataclass(slots=True)
class Graph(Fact):
    """What follows from all facts of one side: who can become whom, and what each gains by it."""

    administrators: tuple[str, ...] = ()
    """Identities that hold every action, or that can give it to themselves."""
    gains: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Identity, or a state of one → keys in ``gain_sets`` of what it gains by its own techniques."""
    gain_sets: dict[str, tuple[Gain, ...]] = field(default_factory=dict)
    """Key → gains, which all share who have just those."""
    chains: dict[str, Chain] = field(default_factory=dict)
    """Identity → its shortest chain to an identity that gains more by itself."""
    to_administrator: dict[str, Chain] = field(default_factory=dict)
    """Identity that service accounts enter → its shortest chain to an administrator."""
    reach: dict[str, Reach] = field(default_factory=dict)
    """Identity of this change → what it reaches."""
    things: dict[str, dict[Named, list[Stores]]] = field(default_factory=dict)
    """Key → what can be done (``read``, ``write``, ``destroy``, ``secret``) → with the stores of which services."""
    ways: dict[str, list[Way]] = field(default_factory=dict)
    """Identity of Kubernetes → what its rights add up to."""
    leads: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Key → the identities that a way leads to."""
    steps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Identity of Kubernetes → names of where its next steps lead: places, and identities."""
    entries: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Identity → those that let it in by name, as far as a gain or a step rests on that."""
    becomes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Identity of Kubernetes → the administrators that it can become."""
    closed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Key of a grant → the techniques that a condition of it closes."""
    contributions: dict[str, dict[Named, Contribution]] = field(default_factory=dict)
    """Where limits are set: identity → name of the limit → what makes the number."""
