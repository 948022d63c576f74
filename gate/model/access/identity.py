"""Anything that can act."""

from dataclasses import dataclass, field

from gate.model.access.source import Source
from gate.model.access.words import AllAccess, Change, IdentityKind, Platform
from gate.model.contract import Fact, Key, Named


@dataclass(frozen=True, slots=True)
class Lifecycle(Fact):
    """What is said about why an identity exists: texts from tags, labels or annotations."""

    owner: str | None = None
    """Who answers for it."""
    purpose: str | None = None
    """What it is for."""
    expires: str | None = None
    """When it ends, as written."""


@dataclass(frozen=True, slots=True)
class Identity(Fact):
    """Anything that can act."""

    id: Key
    """Terraform address, ``k8s:<Kind>/<namespace>/<name>`` (empty namespace for cluster scope), or the ARN of one that
    the change does not create."""
    kind: IdentityKind
    """What it is."""
    platform: Platform
    """Where it lives."""
    name: str
    """Its name on the platform."""
    grants: dict[Named, tuple[str, ...]]
    """Sensitive action → keys of ``grants``. The key ``*`` means every action; then no other key is listed."""
    external: bool = False
    """Whether the change names it without creating it."""
    namespace: str | None = None
    """The Kubernetes namespace; null for others and for cluster scope."""
    environment: str | None = None
    """What tags or labels say about where it runs (``prod``)."""
    account: str | None = None
    """The cloud account, 12 digits on AWS."""
    change: Change = "none"
    """What the change does to the identity itself."""
    lifecycle: Lifecycle = Lifecycle()
    """What is said about why it exists."""
    all_access: AllAccess = "none"
    """Whether every action on every resource is effective, only under conditions, or not."""
    actions: int = 0
    """How many actions of the platform's whole list are effective."""
    services: int = 0
    """How many services those belong to."""
    service_names: tuple[str, ...] = ()
    """Those services; not listed of an unconditional administrator."""
    boundary: str | None = None
    """Address or ARN of its permissions boundary."""
    members: tuple[str, ...] = ()
    """Ids of the identities in a group."""
    inherited: tuple[str, ...] = ()
    """Keys of the grants that a member of a Kubernetes group holds through groups alone; a binding that names it too
    gives it the same grant by itself."""
    source: Source | None = None
    """Where it is written; null for one that the change only names."""
    family: str | None = field(default=None, compare=False)
    """Of a Kubernetes user or group whose name has colons, the id of the one that the name's first two parts name; of a
    role that AWS makes for a service, ``aws-service-role``."""
    by_tags: bool = field(default=False, compare=False)
    """Whether tags of its session decide what it reaches."""
    own_services: tuple[str, ...] = field(default=(), compare=False)
    """Services of which it reaches only what belongs to the user of an identity pool who acts as it."""
    attached: dict[str, Source] = field(default_factory=dict)
    """ARN of a policy from outside of the change → what attaches it."""
