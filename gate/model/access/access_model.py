"""One side of a change: everything it says about access."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from gate.model.access.effect import Effect
from gate.model.access.grant import Grant
from gate.model.access.identity import Identity
from gate.model.access.kubernetes import Interceptor, LooseGuard, Namespace
from gate.model.access.resource import ResourceGrant
from gate.model.access.secret import Credential, Secret
from gate.model.access.source import Source
from gate.model.access.trust import IdentityProvider, Trust
from gate.model.access.unknown import NotAnalysed, Unknown
from gate.model.access.workload import Workload
from gate.model.contract import KEY, As, Fact
from gate.model.graph import Graph
from gate.model.openings import Openings

Version = Literal["gate.access/v1"]
ByIdentity = Annotated[list[Trust], As(dict[str, list[Trust]])]


@dataclass(slots=True)
class AccessModel(Fact):
    """Everything one side (before or after) of a change says about access."""

    schema: Version = field(default="gate.access/v1", init=False)
    """The version of this document."""
    identities: dict[str, Identity] = field(default_factory=dict)
    """Id → anything that can act."""
    grants: dict[str, Grant] = field(default_factory=dict)
    """Key → effective statement; keys mean nothing outside of the model."""
    targets: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False)
    """Key → set of identities (ids) and resources (addresses) that grants reach; ``to_json`` makes it of them."""
    trust: ByIdentity = field(default_factory=list)
    """Id of an identity → the ways to become it."""
    providers: list[IdentityProvider] = field(default_factory=list)
    """Who speaks for users and workloads outside."""
    resource_grants: list[ResourceGrant] = field(default_factory=list)
    """What resources' own policies allow."""
    workloads: dict[str, Workload] = field(default_factory=dict)
    """Id → compute that runs as identities."""
    secrets: list[Secret] = field(default_factory=list)
    """Plaintext secrets that were found, without their values."""
    credentials: list[Credential] = field(default_factory=list)
    """Long-lived credentials that the change creates."""
    not_analysed: list[NotAnalysed] = field(default_factory=list)
    """Identity-bearing resources that the gate does not understand yet."""
    unknown: list[Unknown] = field(default_factory=list)
    """What could not be established; a reason to deny."""
    own_accounts: set[str] = field(default_factory=set)
    """Accounts that this change is for."""
    namespaces: dict[str, Namespace] = field(default_factory=dict)
    """Name → Kubernetes namespace."""
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Id of a role that some rule lets others bind by its name → the sensitive actions it allows, ``*`` for all."""
    interceptors: list[Interceptor] = field(default_factory=list)
    """Who is asked about requests to the API server."""
    loose_guards: list[LooseGuard] = field(default_factory=list)
    """What makes admission guards of a cluster weak."""
    effects: list[Effect] = field(default_factory=list)
    """What the apply does by itself."""
    reads: int = 0
    """How many resources or objects were looked at."""
    openings: Annotated[Openings, KEY] = field(default_factory=Openings, compare=False, repr=False)
    """What the adapters say to ``gate/graph``; the rules read what follows from it."""
    graph: Graph = field(default_factory=Graph, compare=False, repr=False)
    """What follows from all of this: who can become whom, and what each gains by it."""

    def to_json(self) -> dict[str, Any]:
        """The document OPA reads; ``trust`` is keyed by the identity one becomes, workloads and identities by id.

        Equal sets of targets stand once, in ``targets``: a thousand grants on one pattern are not a thousand lists.
        """
        document = Fact.to_json(self)
        sets: dict[tuple[str, ...], str | None] = {(): None}
        for key, grant in self.grants.items():
            document["grants"][key]["targets"] = sets.setdefault(grant.targets, f"t{len(sets)}")
        document["targets"] = {key: list(targets) for targets, key in sets.items() if key is not None}
        trust: dict[str, list[dict[str, Any]]] = {}
        for edge in _told(self.trust):
            trust.setdefault(edge.identity, []).append(edge.to_json())
        document["trust"] = trust
        return document


_MANY = 8


def _told(edges: list[Trust]) -> Iterator[Trust]:
    """The edges, of many ordinary ones of one statement the first.

    A thousand roles can name two hundred others each.
    """
    told: Counter[tuple[str, Source]] = Counter()
    for edge in edges:
        if edge.ordinary:
            told[(edge.identity, edge.source)] += 1
            if told[(edge.identity, edge.source)] > _MANY:
                continue
        yield edge
