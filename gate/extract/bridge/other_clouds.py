"""Google Cloud and Azure as a cluster's service accounts enter them: who gets in, not what they may do there.

GKE: https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity, AKS:
https://learn.microsoft.com/azure/aks/workload-identity-overview
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gate.extract.kubernetes.trust.cloud_identities import CloudName
from gate.inputs.documents import TerraformPlan, TerraformResource
from gate.inputs.terraform.expression_references import references
from gate.model.access import Identity, IdentityKind, Platform, Principal, Source, Trust

_MEMBER = re.compile(r"serviceAccount:[^\[]*\.svc\.id\.goog\[([^/\]]*)/([^\]]*)\]")
_DIRECT = re.compile(r"principal://.*\.svc\.id\.goog/subject/ns/([^/]+)/sa/([^/]+)")
_NAMESPACE = re.compile(r"principalSet://.*\.svc\.id\.goog/namespace/([^/]+)")
_CLUSTER = re.compile(r"principalSet://.*\.svc\.id\.goog/(?:kubernetes\.cluster/.*|\*)")
_SUBJECT = "system:serviceaccount:"
_CREDENTIALS = {
    "azurerm_federated_identity_credential": ("parent_id", "user_assigned_identity_id"),
    "azuread_application_federated_identity_credential": ("application_id", "application_object_id"),
}
_CLOUDS = ("google_", "azurerm_", "azuread_")
_OWNERS = ("google_service_account", "azurerm_user_assigned_identity", "azuread_application")


@dataclass(frozen=True, slots=True)
class _Door:
    """``member`` (as the cloud writes it, or a token's subject) gets in as ``identity``, by ``action``."""

    cloud: Platform
    identity: str
    member: str
    action: str
    source: Source


class _There:
    """One side of a plan: resources with their values, and which address each name of an identity means."""

    def __init__(self, plan: TerraformPlan, side: Literal["before", "after"]) -> None:
        self.plan = plan
        self.resources: list[tuple[TerraformResource, dict[str, Any]]] = []
        self.called: dict[str, str] = {}
        for resource in plan.resources.values():
            values = resource.before if side == "before" else resource.after
            if resource.mode == "managed" and values is not None and resource.type.startswith(_CLOUDS):
                self.resources.append((resource, values))
                self.called.update((name, resource.address) for name in _names(resource, values))

    def owners(self, resource: TerraformResource, values: dict[str, Any], attribute: str, cloud: str) -> Iterator[str]:
        """Ids of the identity an attribute means: its address where the plan holds it, else what the cloud calls it."""
        value = values.get(attribute)
        if isinstance(value, str) and value:
            name = value.rpartition("/")[2]
            yield self.called.get(name) or _id(cloud, name)
            return
        for reference in references(self.plan, resource.address, (attribute,)):
            target = self.plan.resources.get(reference.address)
            if target is not None and target.type in _OWNERS:
                yield target.address


def entrances(
    plans: Sequence[TerraformPlan],
    side: Literal["before", "after"],
    names: Sequence[CloudName],
    accounts: Mapping[str, str],
) -> Iterator[tuple[Identity, Trust]]:
    """Each identity of these clouds with an edge to it from a service account.

    ``names``: what the accounts say of themselves. ``accounts``: subject of a token → id.
    """
    there = [_There(plan, side) for plan in plans]
    doors = [door for plan in there for door in (*_google(plan), *_azure(plan))]
    called = {name: id_ for plan in there for name, id_ in plan.called.items()}
    subjects = {id_: subject for subject, id_ in accounts.items()}
    named = {(n.account, called.get(n.name, _id(n.cloud, n.name))): n for n in names if n.cloud != "aws"}
    admitted: set[tuple[str, str]] = set()
    for door in doors:
        for subject, account in accounts.items():
            exact = _lets_in(door.member, subject)
            if exact is None:
                continue
            others = any(who == account for who, _ in named)
            meant = (account, door.identity) in named or (exact and not others)
            admitted.add((account, door.identity))
            yield _edge(door.cloud, door.identity, subject, account, door.action, door.source, meant)
    judged = {door.identity for door in doors}
    for (account, identity), name in named.items():
        # One that is in view and lets in others only does not let in this account.
        if account in subjects and identity not in judged and (account, identity) not in admitted:
            yield _edge(name.cloud, identity, subjects[account], account, "token exchange", name.source, True)


def _edge(
    cloud: Platform, identity: str, subject: str, account: str, action: str, source: Source, meant: bool
) -> tuple[Identity, Trust]:
    who = Principal("service_account", subject, identity=account)
    kind: IdentityKind = "managed_identity" if cloud == "azure" else "cloud_account"
    return Identity(identity, kind, cloud, identity, {}, external=True), Trust(
        identity, who, (action,), (), source, meant=meant
    )


def _lets_in(member: str, subject: str) -> bool | None:
    """Whether ``member`` names the account in full; ``None`` when it does not cover it."""
    if member.startswith(_SUBJECT):
        return True if member == subject else None
    namespace, _, name = subject.removeprefix(_SUBJECT).partition(":")
    exact = _MEMBER.fullmatch(member) or _DIRECT.fullmatch(member)
    if exact:
        return True if exact.groups() == (namespace, name) else None
    every = _NAMESPACE.fullmatch(member)
    if every:
        return False if every[1] == namespace else None
    return False if _CLUSTER.fullmatch(member) else None


def _google(there: _There) -> Iterator[_Door]:
    for resource, values in there.resources:
        if not (resource.type.startswith("google_") and resource.type.endswith(("_iam_member", "_iam_binding"))):
            continue
        role = str(values.get("role") or "a role that is not known")
        source = Source(resource.address, role, resource.location)
        of_account = resource.type.startswith("google_service_account_iam_")
        for member in _texts(values.get("member"), values.get("members")):
            owners = list(there.owners(resource, values, "service_account_id", "gcp")) if of_account else [member]
            if ".svc.id.goog" in member:
                yield from (_Door("gcp", identity, member, role, source) for identity in owners)


def _azure(there: _There) -> Iterator[_Door]:
    for resource, values in there.resources:
        subject = values.get("subject")
        for attribute in _CREDENTIALS.get(resource.type, ()) if isinstance(subject, str) else ():
            source = Source(resource.address, None, resource.location)
            for identity in there.owners(resource, values, attribute, "azure"):
                yield _Door("azure", identity, str(subject), "token exchange", source)


def _texts(*values: Any) -> Iterator[str]:
    for value in values:
        yield from (v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str))


def _names(resource: TerraformResource, values: dict[str, Any]) -> Iterator[str]:
    """What manifests and other resources call an identity of the plan."""
    if resource.type == "google_service_account":
        account, project = values.get("account_id"), values.get("project")
        yield from _texts(values.get("email"), f"{account}@{project}.iam.gserviceaccount.com")
    elif resource.type in _OWNERS:
        yield from _texts(values.get("client_id"), values.get("name"))


def _id(cloud: str, name: str) -> str:
    return f"{cloud}:{name}"
