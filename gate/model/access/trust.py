"""Who may become an identity, and who speaks for those outside."""

from dataclasses import dataclass, field
from typing import Literal

from gate.model.access.grant import Condition
from gate.model.access.source import Source
from gate.model.access.words import Change, Chosen, PrincipalKind
from gate.model.contract import Fact


@dataclass(frozen=True, slots=True)
class Principal(Fact):
    """Who a trust or resource policy names."""

    kind: PrincipalKind
    """``anyone`` is ``*``; ``canonical`` an S3 user; ``origin_access`` a legacy identity of CloudFront; ``dangling`` an
    id (AROA…, AIDA…) of what was deleted."""
    value: str
    """As written: service name, ARN, issuer …"""
    identity: str | None = None
    """The id of the identity that it is, when it is one of this model."""
    account: str | None = None
    """The account that it belongs to."""
    own_account: bool | None = None
    """Whether that account is one this change is for; null when the change does not tell."""
    name: str | None = field(default=None, compare=False)
    """Of an OIDC provider host and path of the issuer, without scheme; of a service its name without a region
    (``logs.amazonaws.com``); of an origin access identity its id; of a canonical id that was not looked up yet,
    the type of the data source that answers."""


@dataclass(frozen=True, slots=True)
class Trust(Fact):
    """One allowed way to become ``identity``: a statement of its trust policy for one principal."""

    identity: str
    """The id of the identity that one becomes."""
    principal: Principal
    """Who may."""
    actions: tuple[str, ...]
    """As written (``sts:AssumeRoleWithWebIdentity`` …)."""
    conditions: tuple[Condition, ...]
    """The conditions under which it may."""
    source: Source
    """The statement."""
    negated: bool = False
    """Whether the statement says ``NotPrincipal``."""
    delegates: bool = False
    """Whether the caller's own policies have to allow it too: the principal is an account, or is of another one."""
    usable: bool | None = None
    """Of a principal that is one identity of this model, whether it can take the edge as its own policies, boundary and
    denies stand, conditions aside; null for every other principal."""
    tags: Chosen = "none"
    """Whether the principal may choose the tags of its session (``sts:TagSession``); ``limited`` by conditions."""
    source_identity: Chosen = "none"
    """The same for the name it may give itself for the log (``sts:SetSourceIdentity``)."""
    meant: bool = False
    """Of a service account that enters a cloud, whether it is meant to (its own annotation, an association, or its
    subject in full); false where a pattern covers it too."""
    ordinary: bool = False
    """Whether it lets in one role of this change and its account by ``sts:AssumeRole``, and says nothing else. Of many
    such edges of one statement some are left out; the graph knows them all."""
    tagging: tuple[str, ...] = ()
    """Those of ``actions`` that are patterns which stand for tagging the session too (``sts:*``)."""
    never: tuple[str, ...] = ()
    """Why it admits no one as it is written, each a clause; empty if someone can get in."""


@dataclass(frozen=True, slots=True)
class IdentityProvider(Fact):
    """Who speaks for the users or workloads that trust policies let in: an OIDC issuer or a SAML provider."""

    address: str
    """The resource."""
    kind: Literal["oidc", "saml"]
    """The protocol."""
    value: str | None
    """Its ARN, as principals name it."""
    source: Source
    """Where it is written."""
    issuer: str | None = None
    """Host and path of an OIDC issuer, without scheme."""
    audiences: tuple[str, ...] = ()
    """Audiences that an OIDC provider takes tokens for."""
    keys: str | None = None
    """A fingerprint of the entity and the certificates in SAML metadata."""
    keys_before: str | None = None
    """The same before this change."""
    kept_by: str | None = None
    """The resource of this change that holds the issuer's documents (the bucket of its host)."""
    retired: bool = False
    """Whether the change deletes what speaks through it: the cluster, or the provider while a role may name it."""
    change: Change = "none"
    """What the change does to it."""
