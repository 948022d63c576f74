"""What only a Kubernetes cluster has."""

from dataclasses import dataclass

from gate.model.access.source import Source
from gate.model.access.words import Change, GuardFlaw, GuardKind, InterceptorKind
from gate.model.contract import Fact


@dataclass(frozen=True, slots=True)
class Namespace(Fact):
    """A Kubernetes namespace, as far as the change shows it."""

    written: bool = False
    """Whether its object is in view."""
    unread: bool = False
    """Whether there may be other secrets in it, since a cluster's secrets are not read."""
    pod_security: str | None = None
    """The level of Pod Security that its label enforces, as written."""
    admin_access: bool = False
    """Whether its label lets claims have devices that others use."""
    secrets: tuple[str, ...] = ()
    """Ids of the secrets in it that are written or referred to."""
    configured: tuple[str, ...] = ()
    """Ids of the accounts whose pods read ConfigMaps."""


@dataclass(frozen=True, slots=True)
class Interceptor(Fact):
    """Who is asked about requests to an API server, or answers them in its place."""

    kind: InterceptorKind
    """How it is asked."""
    host: str | None
    """The host of its URL, or the name that its service points to; null for a service of the cluster."""
    outside: bool
    """Whether that host is no service of the cluster, and nothing that listens beside the API server itself."""
    unverified: bool
    """Whether its certificate is unchecked."""
    seen: tuple[str, ...]
    """The resources it is asked about, as written (``secrets``, ``apps/deployments``, ``*/*``); of a policy none where
    nobody knows which."""
    source: Source
    """The object that registers it."""
    change: Change = "none"
    """What the change does to it."""
    writes: tuple[str, ...] = ()
    """Of a policy, the places that it writes (``spec.hostPID``, ``spec.containers.image``), of a pod's template as of a
    pod."""
    opaque: tuple[str, ...] = ()
    """Those of them whose value is not known."""


@dataclass(frozen=True, slots=True)
class LooseGuard(Fact):
    """What makes an admission guard of a cluster weak: an object that says so, or one that goes."""

    guard: GuardKind
    """Which guard: ``gate`` is this gate itself."""
    flaw: GuardFlaw
    """What is weak about it."""
    what: str
    """What exactly: namespaces, kinds, a setting; never a secret."""
    source: Source
    """The object, and the place in it."""
    change: Change = "none"
    """What the change does to the object."""
