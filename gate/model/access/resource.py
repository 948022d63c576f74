"""What resources let others do with them."""

from dataclasses import dataclass, field

from gate.model.access.grant import Condition
from gate.model.access.source import Source
from gate.model.access.trust import Principal
from gate.model.access.words import Change
from gate.model.contract import Fact


@dataclass(frozen=True, slots=True)
class ResourceGrant(Fact):
    """What a resource's own policy allows one principal: a statement, or a structured grant (Lambda permission)."""

    resource: str
    """Address of the resource that the policy protects, or of the policy when that is not known."""
    resource_type: str
    """The Terraform type of that resource."""
    principal: Principal
    """Who is let in."""
    actions: tuple[str, ...]
    """What it may do, as written."""
    conditions: tuple[Condition, ...]
    """The conditions under which it may."""
    source: Source
    """The statement."""
    negated: bool = False
    """Whether the statement says ``NotPrincipal``."""
    public_block: bool = False
    """Whether a ceiling of the same change (S3 public access block) switches public access off."""
    change: Change = "none"
    """What the change does to the policy."""
    services: tuple[str, ...] = field(default=(), compare=False)
    """The services of its actions, in lower case."""
    acted_as: tuple[str, ...] = field(default=(), compare=False)
    """Ids of the identities that whoever holds it can act as, since it is all it takes to change what runs as them."""
