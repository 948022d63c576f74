"""The access model: what each identity can do, as facts.

This is the contract between ``extract/`` (which states facts) and ``rego/`` (which judges them). ``to_json`` gives the
document OPA reads; its JSON Schema is ``rego/schema/access.json``, and ``opa check -s`` type-checks every rule with it.

Departures from a naive shape, for speed: grants stand once in a table, and identities refer to them by key under each
sensitive action; several identities that hold one policy share its grants; grants share the sets of their targets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Change = Literal["create", "update", "delete", "none"]
Exposure = Literal["internet", "none", "unknown"]

SCHEMA = "gate.access/v1"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file: ``line`` and ``end_line`` count from 1."""

    file: str
    line: int
    end_line: int

    def to_json(self) -> dict[str, Any]:
        """``{"file", "line", "end_line"}``."""
        return {"file": self.file, "line": self.line, "end_line": self.end_line}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from: the resource's address, the statement in it (Sid, or its index as text), the file."""

    address: str
    statement: str | None = None
    location: Location | None = None

    def to_json(self) -> dict[str, Any]:
        """``{"address", "statement", "location"}``."""
        return {
            "address": self.address,
            "statement": self.statement,
            "location": self.location.to_json() if self.location else None,
        }


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a statement: all of a statement's conditions must hold, one of ``values`` is enough."""

    operator: str
    key: str
    values: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """``{"operator", "key", "values"}``, as written."""
        return {"operator": self.operator, "key": self.key, "values": list(self.values)}


@dataclass(frozen=True, slots=True)
class Grant:
    """One effective permission statement, after denies and boundaries.

    ``actions``: action patterns as written (``NotAction`` ones when ``form`` is ``NotAction``).
    ``wildcards``: those of ``actions`` that contain a wildcard and are still effective in full.
    ``resources``: effective resource patterns; ``except_``: patterns removed by denies or ``NotResource``.
    ``everything``: true when the grant reaches every resource of the account (or cluster).
    ``targets``: ids of identities and addresses of resources of this model that ``resources`` covers and that were
    resolved; not listed when ``everything``.
    ``holders``: ids of the identities that hold it effectively. ``whole_type``: it reaches every resource of a type or
    of a service (``role/*``). ``whole_for``: sensitive actions for which ``resources`` are all they act on, without a
    star (``secret:*``). ``own``: it reaches the user who calls (``user/${aws:username}``), whom ``targets`` does
    not list.
    """

    platform: str
    actions: tuple[str, ...]
    form: Literal["Action", "NotAction"]
    wildcards: tuple[str, ...]
    resources: tuple[str, ...]
    except_: tuple[str, ...]
    everything: bool
    targets: tuple[str, ...]
    conditions: tuple[Condition, ...]
    holders: tuple[str, ...]
    source: Source
    whole_type: bool = False
    own: bool = False
    whole_for: tuple[str, ...] = ()

    def to_json(self, targets: str | None) -> dict[str, Any]:
        """The grant as OPA reads it. ``targets``: the key of its own in the model's table of target sets, if any."""
        return {
            "platform": self.platform,
            "actions": list(self.actions),
            "form": self.form,
            "wildcards": list(self.wildcards),
            "resources": list(self.resources),
            "except": list(self.except_),
            "everything": self.everything,
            "whole_type": self.whole_type,
            "own": self.own,
            "whole_for": list(self.whole_for),
            "targets": targets,
            "conditions": [c.to_json() for c in self.conditions],
            "holders": list(self.holders),
            "source": self.source.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that could not be established.

    ``what``: e.g. ``policy document``, ``trust policy``, ``attachment``, ``file``; ``reason``: one sentence;
    ``reference``: the expression that is unknown (``aws_s3_bucket.b.arn``); ``remedy``: how to make it reviewable.
    """

    what: str
    reason: str
    source: Source
    identity: str | None = None
    reference: str | None = None
    remedy: str | None = None
    change: Change = "none"

    def to_json(self) -> dict[str, Any]:
        """The unknown as OPA reads it."""
        return {
            "what": self.what,
            "reason": self.reason,
            "source": self.source.to_json(),
            "identity": self.identity,
            "reference": self.reference,
            "remedy": self.remedy,
            "change": self.change,
        }


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """What is said about why an identity exists; each value is a text from tags, labels or annotations."""

    owner: str | None = None
    purpose: str | None = None
    expires: str | None = None

    def to_json(self) -> dict[str, Any]:
        """``{"owner", "purpose", "expires"}``."""
        return {"owner": self.owner, "purpose": self.purpose, "expires": self.expires}


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What the boundary and the service control policies of an identity allow, whatever its own policies say.

    ``grants``, ``all_access``, ``services``, ``service_names``: as of an identity that holds all of it.
    """

    grants: dict[str, tuple[str, ...]]
    all_access: Literal["unconditional", "conditional", "none"]
    services: int
    service_names: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """``{"grants", "all_access", "services", "service_names"}``."""
        return {
            "grants": {a: list(k) for a, k in self.grants.items()},
            "all_access": self.all_access,
            "services": self.services,
            "service_names": list(self.service_names),
        }


@dataclass(frozen=True, slots=True)
class Identity:
    """Anything that can act.

    ``id``: Terraform address, ``k8s:<kind>/<namespace>/<name>`` (empty namespace for cluster scope), or an external
    principal's ARN. ``kind``: user, group, role, service_account, external. ``external``: named by the change, not
    created by it. ``grants``: sensitive action → keys of ``AccessModel.grants``; the key ``*`` stands for *every
    action* (then no other key is listed). ``all_access``: ``unconditional`` when every action on every resource
    is effective, ``conditional`` when only under conditions, else ``none``. ``actions`` and ``services`` count what is
    effective of the platform's whole action list; ``service_names``: those services, not listed of an unconditional
    administrator. ``trust_changed``/``change``: of the identity itself in this change. ``attached``: what attaches a
    policy from outside of the change to it, by the policy's ARN. ``boundary``: its address, or its ARN. ``ceiling``: of
    one that may change policies; null where nothing is in view that would hold it back.
    """

    id: str
    kind: str
    platform: str
    name: str
    grants: dict[str, tuple[str, ...]]
    external: bool = False
    namespace: str | None = None
    environment: str | None = None
    account: str | None = None
    change: Change = "none"
    lifecycle: Lifecycle = Lifecycle()
    all_access: Literal["unconditional", "conditional", "none"] = "none"
    actions: int = 0
    services: int = 0
    service_names: tuple[str, ...] = ()
    boundary: str | None = None
    ceiling: Ceiling | None = None
    members: tuple[str, ...] = ()
    source: Source | None = None
    attached: dict[str, Source] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The identity as OPA reads it."""
        return {
            "kind": self.kind,
            "platform": self.platform,
            "name": self.name,
            "grants": {a: list(k) for a, k in self.grants.items()},
            "external": self.external,
            "namespace": self.namespace,
            "environment": self.environment,
            "account": self.account,
            "change": self.change,
            "lifecycle": self.lifecycle.to_json(),
            "all_access": self.all_access,
            "actions": self.actions,
            "services": self.services,
            "service_names": list(self.service_names),
            "boundary": self.boundary,
            "ceiling": self.ceiling.to_json() if self.ceiling else None,
            "members": list(self.members),
            "attached": {arn: source.to_json() for arn, source in self.attached.items()},
            "source": self.source.to_json() if self.source else None,
        }


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a trust or resource policy names.

    ``kind``: ``anyone`` (``*``), ``account``, ``organization``, ``role``, ``user``, ``session``, ``service``, ``oidc``,
    ``saml``, ``canonical``, ``service_account``, ``group``, ``dangling`` (AROA…/AIDA… ids), ``unknown``.
    ``value``: as written (service name, ARN, issuer URL …). ``identity``: id in ``AccessModel.identities`` when
    resolved. ``own_account``: true, false, or null when this change does not tell which account it is for.
    """

    kind: str
    value: str
    identity: str | None = None
    account: str | None = None
    own_account: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """The principal as OPA reads it."""
        return {
            "kind": self.kind,
            "value": self.value,
            "identity": self.identity,
            "account": self.account,
            "own_account": self.own_account,
        }


@dataclass(frozen=True, slots=True)
class Trust:
    """One allowed way to become ``identity``: a statement of its trust policy for one principal.

    ``negated``: the statement says ``NotPrincipal``. ``actions``: as written (``sts:AssumeRoleWithWebIdentity`` …).
    ``delegates``: the caller's own policies have to allow the action too, because the principal is an account, or
    belongs to another one. ``usable``: for a principal that is one identity of this model, whether it can take the edge
    as its own policies, boundary and denies stand (conditions aside); null for every other principal.
    ``tags``: whether the principal may choose the tags of its session (``sts:TagSession``): ``none``, ``limited`` by
    conditions on the tags, ``any``. ``source_identity``: the same for the name it may give itself for the log
    (``sts:SetSourceIdentity``).
    ``meant``: of a service account that enters a cloud, whether it is meant to (its own annotation, an association, or
    its subject in full); false where a pattern covers it too.
    """

    identity: str
    principal: Principal
    actions: tuple[str, ...]
    conditions: tuple[Condition, ...]
    source: Source
    negated: bool = False
    delegates: bool = False
    usable: bool | None = None
    tags: Literal["none", "limited", "any"] = "none"
    source_identity: Literal["none", "limited", "any"] = "none"
    meant: bool = False

    def to_json(self) -> dict[str, Any]:
        """The trust edge as OPA reads it."""
        return {
            "identity": self.identity,
            "principal": self.principal.to_json(),
            "actions": list(self.actions),
            "conditions": [c.to_json() for c in self.conditions],
            "source": self.source.to_json(),
            "negated": self.negated,
            "delegates": self.delegates,
            "usable": self.usable,
            "tags": self.tags,
            "source_identity": self.source_identity,
            "meant": self.meant,
        }


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """Whoever speaks for the users or workloads that trust policies let in: an OIDC issuer or a SAML provider.

    ``value``: its ARN as principals name it. ``issuer``: host and path of an OIDC issuer, without scheme.
    ``audiences``: those that an OIDC provider takes tokens for. ``keys``: a fingerprint of the entity and the
    certificates in SAML metadata, and ``keys_before`` the one before this change. ``kept_by``: the resource of this
    change that holds the issuer's documents (the bucket of its host). ``retired``: the change deletes what speaks
    through it (the cluster; or the provider, while a role may still name it).
    """

    address: str
    kind: Literal["oidc", "saml"]
    value: str | None
    source: Source
    issuer: str | None = None
    audiences: tuple[str, ...] = ()
    keys: str | None = None
    keys_before: str | None = None
    kept_by: str | None = None
    retired: bool = False
    change: Change = "none"

    def to_json(self) -> dict[str, Any]:
        """The provider as OPA reads it."""
        return {
            "address": self.address,
            "kind": self.kind,
            "value": self.value,
            "issuer": self.issuer,
            "audiences": list(self.audiences),
            "keys": self.keys,
            "keys_before": self.keys_before,
            "kept_by": self.kept_by,
            "retired": self.retired,
            "change": self.change,
            "source": self.source.to_json(),
        }


@dataclass(frozen=True, slots=True)
class ResourceGrant:
    """What a resource's own policy allows one principal: a statement, or a structured grant (Lambda permission).

    ``resource``: address of the resource the policy protects (or of the policy when that is not known).
    ``public_block``: a ceiling of the same change (S3 public access block) that switches public access off.
    """

    resource: str
    resource_type: str
    principal: Principal
    actions: tuple[str, ...]
    conditions: tuple[Condition, ...]
    source: Source
    negated: bool = False
    public_block: bool = False
    change: Change = "none"

    def to_json(self) -> dict[str, Any]:
        """The resource grant as OPA reads it."""
        return {
            "resource": self.resource,
            "resource_type": self.resource_type,
            "principal": self.principal.to_json(),
            "actions": list(self.actions),
            "conditions": [c.to_json() for c in self.conditions],
            "source": self.source.to_json(),
            "negated": self.negated,
            "public_block": self.public_block,
            "change": self.change,
        }


@dataclass(frozen=True, slots=True)
class Namespace:
    """A Kubernetes namespace, as far as the change shows it.

    ``written``: its object is in view. ``pod_security``: the level of Pod Security that it enforces. ``admin_access``:
    its label lets claims have devices that others use. ``secrets``: ids of the secrets in it that are written or
    referred to; ``unread``: there may be others, since a cluster's secrets are not read. ``configured``: accounts whose
    pods read ConfigMaps.
    """

    written: bool = False
    unread: bool = False
    pod_security: str | None = None
    admin_access: bool = False
    secrets: tuple[str, ...] = ()
    configured: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The namespace as OPA reads it."""
        return {
            "written": self.written,
            "unread": self.unread,
            "pod_security": self.pod_security,
            "admin_access": self.admin_access,
            "secrets": list(self.secrets),
            "configured": list(self.configured),
        }


@dataclass(frozen=True, slots=True)
class Interceptor:
    """Who is asked about requests to an API server, or answers them in its place.

    ``kind``: mutating webhook, validating webhook, conversion webhook, aggregated API. ``host``: of its URL, or the
    name that its service stands for; null for a service of the cluster. ``unverified``: its certificate is unchecked.
    ``seen``: the resources it is asked about, as written (``secrets``, ``apps/deployments``, ``*/*``).
    """

    kind: str
    host: str | None
    unverified: bool
    seen: tuple[str, ...]
    source: Source
    change: Change = "none"

    def to_json(self) -> dict[str, Any]:
        """The interceptor as OPA reads it."""
        return {
            "kind": self.kind,
            "host": self.host,
            "unverified": self.unverified,
            "seen": list(self.seen),
            "source": self.source.to_json(),
            "change": self.change,
        }


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a workload that matters for access.

    ``name`` from the knowledge (``pod-privileged``), ``where`` it stands, and what was found as ``value`` (never a
    secret: flags, paths and capability names only).
    """

    name: str
    where: str
    value: str
    source: Source

    def to_json(self) -> dict[str, Any]:
        """``{"name", "where", "value", "source"}``."""
        return {"name": self.name, "where": self.where, "value": self.value, "source": self.source.to_json()}


@dataclass(frozen=True, slots=True)
class SecretReference:
    """A workload reads a secret: ``via`` env, envFrom, volume, imagePullSecrets …; ``secret`` is its id, no value."""

    secret: str
    via: str

    def to_json(self) -> dict[str, Any]:
        """``{"secret", "via"}``."""
        return {"secret": self.secret, "via": self.via}


@dataclass(frozen=True, slots=True)
class Workload:
    """Compute that runs as identities.

    ``id``: Terraform address or ``k8s:<Kind>/<namespace>/<name>``. ``runs_as``: identity ids its *code* acts as.
    ``service_roles``: identities only the platform uses for it (ECS execution role, image pull).
    ``token``: whether a Kubernetes token is mounted.
    ``doors``: ids of the objects by which the internet reaches it, as far as the change shows them.
    ``isolation``: of a pod, settings that weaken what separates it from its node and from others, and where it runs.
    """

    id: str
    kind: str
    platform: str
    runs_as: tuple[str, ...]
    source: Source
    service_roles: tuple[str, ...] = ()
    namespace: str | None = None
    exposure: Exposure = "unknown"
    token: bool | None = None
    settings: tuple[Setting, ...] = ()
    secrets: tuple[SecretReference, ...] = ()
    doors: tuple[str, ...] = ()
    isolation: tuple[Setting, ...] = ()
    change: Change = "none"

    def to_json(self) -> dict[str, Any]:
        """The workload as OPA reads it."""
        return {
            "kind": self.kind,
            "platform": self.platform,
            "runs_as": list(self.runs_as),
            "service_roles": list(self.service_roles),
            "namespace": self.namespace,
            "exposure": self.exposure,
            "token": self.token,
            "settings": [s.to_json() for s in self.settings],
            "secrets": [s.to_json() for s in self.secrets],
            "doors": list(self.doors),
            "isolation": [s.to_json() for s in self.isolation],
            "change": self.change,
            "source": self.source.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Secret:
    """A plaintext secret that was found: what kind, where, and a redacted fingerprint. The value never gets here.

    ``fingerprint``: first 12 hex digits of a keyed hash. ``attribute``: path inside the resource
    (``environment[0].variables.DB_PASSWORD``).
    """

    fingerprint: str
    kind: str
    attribute: str
    source: Source
    identity: str | None = None
    change: Change = "none"

    def to_json(self) -> dict[str, Any]:
        """The secret's trace as OPA reads it."""
        return {
            "fingerprint": self.fingerprint,
            "kind": self.kind,
            "attribute": self.attribute,
            "source": self.source.to_json(),
            "identity": self.identity,
            "change": self.change,
        }


@dataclass(frozen=True, slots=True)
class Credential:
    """A long-lived credential that the change creates: ``kind`` is access key, login profile, and so on.

    ``stored``: addresses of the secrets and parameters that the change keeps it in.
    """

    kind: str
    source: Source
    identity: str | None = None
    change: Change = "none"
    stored: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The credential as OPA reads it."""
        return {
            "kind": self.kind,
            "stored": list(self.stored),
            "source": self.source.to_json(),
            "identity": self.identity,
            "change": self.change,
        }


@dataclass(frozen=True, slots=True)
class NotAnalysed:
    """An identity-bearing resource nobody here understands yet: ``role`` says why it bears identity (runs-as …)."""

    type: str
    platform: str
    role: str
    source: Source
    change: Change = "none"

    def to_json(self) -> dict[str, Any]:
        """The resource as OPA reads it."""
        return {
            "type": self.type,
            "platform": self.platform,
            "role": self.role,
            "source": self.source.to_json(),
            "change": self.change,
        }


@dataclass(frozen=True, slots=True)
class Effect:
    """Something the apply does by itself, beside the resources it leaves: a program, a call of AWS, a limit that goes.

    ``kind``: ``provisioner`` and ``external-program`` run where Terraform runs, ``invocation`` runs a function,
    ``command`` runs on machines, ``api-call`` calls AWS, ``guardrail`` takes away a limit. ``what``: which one
    (``local-exec``, the action, the limit's address). ``actions``: the sensitive actions it calls, or allows again.
    ``runs_as``: ids of the identities it acts as, when they are known.
    """

    kind: Literal["provisioner", "external-program", "invocation", "command", "api-call", "guardrail"]
    what: str
    source: Source
    actions: tuple[str, ...] = ()
    runs_as: tuple[str, ...] = ()
    change: Change = "none"

    def to_json(self) -> dict[str, Any]:
        """The effect as OPA reads it."""
        return {
            "kind": self.kind,
            "what": self.what,
            "source": self.source.to_json(),
            "actions": list(self.actions),
            "runs_as": list(self.runs_as),
            "change": self.change,
        }


@dataclass(slots=True)
class AccessModel:
    """Everything one side (before or after) of a change says about access. Adapters fill it, ``to_json`` freezes it.

    ``grants``: key → grant; keys are opaque and unique in the model. ``own_accounts``: accounts this change is for.
    ``reads``: how many resources or objects were looked at. ``namespaces``: of Kubernetes, by name. ``roles``: id of a
    role that some rule lets others bind by its name → the sensitive actions it allows, ``*`` for every one.
    """

    identities: dict[str, Identity] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    trust: list[Trust] = field(default_factory=list)
    providers: list[IdentityProvider] = field(default_factory=list)
    resource_grants: list[ResourceGrant] = field(default_factory=list)
    workloads: dict[str, Workload] = field(default_factory=dict)
    secrets: list[Secret] = field(default_factory=list)
    credentials: list[Credential] = field(default_factory=list)
    not_analysed: list[NotAnalysed] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    own_accounts: set[str] = field(default_factory=set)
    namespaces: dict[str, Namespace] = field(default_factory=dict)
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    interceptors: list[Interceptor] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    reads: int = 0

    def to_json(self) -> dict[str, Any]:
        """The document OPA reads; ``trust`` is keyed by the identity one becomes, workloads and identities by id.

        Equal sets of targets stand once, in ``targets``: a thousand grants on one pattern are not a thousand lists.
        """
        trust: dict[str, list[dict[str, Any]]] = {}
        for edge in self.trust:
            trust.setdefault(edge.identity, []).append(edge.to_json())
        sets: dict[tuple[str, ...], str | None] = {(): None}
        for grant in self.grants.values():
            sets.setdefault(grant.targets, f"t{len(sets)}")
        return {
            "schema": SCHEMA,
            "identities": {i: identity.to_json() for i, identity in self.identities.items()},
            "grants": {k: grant.to_json(sets[grant.targets]) for k, grant in self.grants.items()},
            "targets": {key: list(targets) for targets, key in sets.items() if key is not None},
            "trust": trust,
            "providers": [p.to_json() for p in self.providers],
            "resource_grants": [g.to_json() for g in self.resource_grants],
            "workloads": {w: workload.to_json() for w, workload in self.workloads.items()},
            "secrets": [s.to_json() for s in self.secrets],
            "credentials": [c.to_json() for c in self.credentials],
            "not_analysed": [n.to_json() for n in self.not_analysed],
            "unknown": [u.to_json() for u in self.unknown],
            "own_accounts": sorted(self.own_accounts),
            "namespaces": {n: namespace.to_json() for n, namespace in self.namespaces.items()},
            "roles": {role: list(actions) for role, actions in self.roles.items()},
            "interceptors": [i.to_json() for i in self.interceptors],
            "effects": [e.to_json() for e in self.effects],
            "reads": self.reads,
        }
