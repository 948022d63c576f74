"""The access model: what each identity can do, as facts.

This is the contract between ``extract/`` (which states facts) and ``rego/`` (which judges them). Each field is
described where it stands, and ``gate.model.contract`` makes of it what Rego reads; the whole is in ``docs/input.md``.

Departures from a naive shape, for speed: grants stand once in a table, and identities refer to them by key under each
sensitive action; several identities that hold one policy share its grants; grants share the sets of their targets.
"""

from gate.model.access.access_model import AccessModel
from gate.model.access.effect import Effect
from gate.model.access.grant import Condition, Grant, RbacRule, Wildcard
from gate.model.access.identity import Identity, Lifecycle
from gate.model.access.kubernetes import Interceptor, LooseGuard, Namespace
from gate.model.access.resource import ResourceGrant
from gate.model.access.secret import Credential, Secret
from gate.model.access.source import Location, Source
from gate.model.access.trust import IdentityProvider, Principal, Trust
from gate.model.access.unknown import NotAnalysed, Unknown
from gate.model.access.words import (
    AllAccess,
    Change,
    Chosen,
    Covers,
    CredentialKind,
    EffectKind,
    Exposure,
    GuardFlaw,
    GuardKind,
    IdentityKind,
    InterceptorKind,
    Limited,
    Platform,
    PrincipalKind,
    SecretUse,
    UnknownWhat,
)
from gate.model.access.workload import SecretReference, Setting, Workload

__all__ = [
    "AccessModel",
    "AllAccess",
    "Change",
    "Chosen",
    "Condition",
    "Covers",
    "Credential",
    "CredentialKind",
    "Effect",
    "EffectKind",
    "Exposure",
    "Grant",
    "GuardFlaw",
    "GuardKind",
    "Identity",
    "IdentityKind",
    "IdentityProvider",
    "Interceptor",
    "InterceptorKind",
    "Lifecycle",
    "Limited",
    "Location",
    "LooseGuard",
    "Namespace",
    "NotAnalysed",
    "Platform",
    "Principal",
    "PrincipalKind",
    "RbacRule",
    "ResourceGrant",
    "Secret",
    "SecretReference",
    "SecretUse",
    "Setting",
    "Source",
    "Trust",
    "Unknown",
    "UnknownWhat",
    "Wildcard",
    "Workload",
]
