"""Compute that runs as identities."""

from dataclasses import dataclass, field

from gate.model.access.source import Source
from gate.model.access.words import Change, Exposure, Limited, Platform, SecretUse
from gate.model.contract import Fact, Key


@dataclass(frozen=True, slots=True)
class Setting(Fact):
    """A setting of a workload that matters for access."""

    name: str
    """Its name in the knowledge (``pod-privileged``)."""
    where: str
    """The path inside the workload where it is."""
    value: str
    """What was found: flags, paths and names only, never a secret."""
    source: Source
    """The object that says it."""
    limited: Limited = "not"
    """Of a path of the node, whether it is mounted to be read only, or by containers that do not run as root."""
    audience: str | None = None
    """Of a token, whom it is meant for."""
    lasts: int | None = None
    """Of a token, for how many seconds it is valid."""


@dataclass(frozen=True, slots=True)
class SecretReference(Fact):
    """A secret that a workload reads; never its value."""

    secret: str
    """The id of the secret."""
    via: SecretUse
    """How it gets there."""


@dataclass(frozen=True, slots=True)
class Workload(Fact):
    """Compute that runs as identities."""

    id: Key
    """Terraform address or ``k8s:<Kind>/<namespace>/<name>``."""
    kind: str
    """The Terraform type or the Kubernetes kind."""
    platform: Platform
    """Where it runs."""
    runs_as: tuple[str, ...]
    """Ids of the identities that its code acts as."""
    source: Source
    """Where it is written."""
    service_roles: tuple[str, ...] = ()
    """Ids of identities that only the platform uses for it (ECS execution role, image pull)."""
    namespace: str | None = None
    """The Kubernetes namespace."""
    exposure: Exposure = "unknown"
    """Whether the internet reaches it."""
    token: bool | None = None
    """Whether a Kubernetes token is mounted; null where that does not apply."""
    settings: tuple[Setting, ...] = ()
    """Settings that matter for access."""
    secrets: tuple[SecretReference, ...] = ()
    """Secrets that it reads."""
    doors: tuple[str, ...] = ()
    """Ids of the objects by which the internet reaches it, as far as the change shows them."""
    isolation: tuple[Setting, ...] = ()
    """Of a pod, settings that weaken what separates it from its node and from others, and where it runs."""
    change: Change = "none"
    """What the change does to it."""
    refused: tuple[str, ...] = field(default=(), compare=False)
    """Actions on it that its own settings refuse (``ecs:ExecuteCommand`` where no service of it enables that)."""
    declared: str | None = field(default=None, compare=False)
    """Of one of several instances, the address of them all (``aws_instance.web`` for ``aws_instance.web[0]``)."""
