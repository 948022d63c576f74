"""Service accounts, users and groups: who they are, before anything is granted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from gate.extract.kubernetes.documents.objects import (
    DEFAULT_NAMESPACE,
    manifest_id,
    namespace_of,
    object_id,
    remembered,
    source_of,
)
from gate.extract.kubernetes.identities.roles import bootstrap
from gate.extract.kubernetes.language.shapes import Place, WrongShape, mapping, name, pairs, text
from gate.inputs.documents import Manifest
from gate.model.access import Identity, Lifecycle

AUTHENTICATED = object_id("Group", "", "system:authenticated")
SERVICE_ACCOUNTS = object_id("Group", "", "system:serviceaccounts")
_ANONYMOUS = object_id("User", "", "system:anonymous")
_ACCOUNT_USER = "system:serviceaccount:"

# Keys people use, by the last part of a label or annotation key (example.com/owner). Who applied an object
# (app.kubernetes.io/managed-by, created-by) is not who answers for it.
_OWNER = ("owner", "team", "owned-by", "contact", "maintainer", "owner-team", "technical-owner")
_PURPOSE = ("purpose", "description", "justification", "reason", "usage")
_ENVIRONMENT = ("environment", "env", "stage")
_EXPIRES = ("expires", "expiry", "expires-at", "expiration", "expiration-date", "valid-until")


@remembered
def service_account(manifest: Manifest) -> Identity:
    """A ServiceAccount of the change. Raises ``WrongShape``."""
    namespace = namespace_of(manifest)
    return Identity(
        id=manifest_id(manifest),
        kind="service_account",
        platform="kubernetes",
        name=manifest.name,
        grants={},
        namespace=namespace,
        change="create",
        lifecycle=lifecycle_of(manifest),
        source=source_of(manifest),
    )


def made_by_cluster(manifest: Manifest) -> bool:
    """Whether a ServiceAccount is as controllers make it, in each namespace or for themselves: nobody wrote it.

    It is nobody's change as long as no binding names it.
    """
    metadata = mapping(manifest.body.get("metadata"), ("metadata",))
    if metadata.get("labels") or metadata.get("annotations"):
        return False
    return manifest.name == "default" or (namespace_of(manifest), manifest.name) in _controllers()


@cache
def _controllers() -> frozenset[tuple[str, str]]:
    subjects = (s for binding in bootstrap()["bindings"].values() for s in binding["subjects"])
    return frozenset((s["namespace"], s["name"]) for s in subjects if s["kind"] == "ServiceAccount")


def lifecycle_of(manifest: Manifest) -> Lifecycle:
    """Owner, purpose and expiry from annotations, then labels. Raises ``WrongShape``."""
    metadata = mapping(manifest.body.get("metadata"), ("metadata",))
    said: dict[str, str] = {}
    for part in ("annotations", "labels"):
        for key, value in pairs(metadata.get(part), ("metadata", part)).items():
            said.setdefault(key.rpartition("/")[2].lower(), value)
    return Lifecycle(_first(said, _OWNER), _first(said, _PURPOSE), _first(said, _EXPIRES))


def _first(said: Mapping[str, str], keys: Iterable[str]) -> str | None:
    return next((said[key] for key in keys if said.get(key, "").strip()), None)


def in_environment(account: Identity, namespaces: Mapping[str, Mapping[str, str]]) -> Identity:
    """The account with the environment that the labels of its namespace tell. ``namespaces``: name → labels."""
    labels = namespaces.get(account.namespace or "")
    said = _first({key.rpartition("/")[2]: value for key, value in labels.items()}, _ENVIRONMENT) if labels else None
    return replace(account, environment=said) if said else account


def named_account(namespace: str, account: str) -> Identity:
    """A service account that the change names and does not create."""
    return Identity(
        id=object_id("ServiceAccount", namespace, account),
        kind="service_account",
        platform="kubernetes",
        name=account,
        grants={},
        external=True,
        namespace=namespace,
    )


def subject_identity(subject: object, place: Place, binding_namespace: str) -> Identity:
    """Who a subject is; a User ``system:serviceaccount:<ns>:<name>`` is that account. Raises ``WrongShape``."""
    entry: dict[str, Any] = mapping(subject, place)
    kind = text(entry.get("kind"), (*place, "kind"))
    subject_name = name(entry.get("name"), (*place, "name"))
    if kind == "ServiceAccount":
        namespace = text(entry.get("namespace"), (*place, "namespace")) or binding_namespace or DEFAULT_NAMESPACE
        return named_account(namespace, subject_name)
    if kind == "User" and subject_name.startswith(_ACCOUNT_USER):
        namespace, _, account = subject_name.removeprefix(_ACCOUNT_USER).partition(":")
        return named_account(namespace, account)
    if kind not in ("User", "Group"):
        raise WrongShape((*place, "kind"), "ServiceAccount, User or Group", entry.get("kind"))
    identity = object_id(kind, "", subject_name)
    first, _, rest = subject_name.partition(":")
    in_namespace = identity.startswith(SERVICE_ACCOUNTS + ":")
    return Identity(
        id=identity,
        kind="user" if kind == "User" else "group",
        platform="kubernetes",
        name=subject_name,
        grants={},
        external=True,
        namespace=identity.removeprefix(SERVICE_ACCOUNTS + ":") if in_namespace else None,
        family=object_id(kind, "", f"{first}:{rest.partition(':')[0]}") if rest else None,
    )


def with_members(seeds: Mapping[str, Identity]) -> dict[str, Identity]:
    """The identities, each group that Kubernetes fills by itself with its members among them.

    ``system:serviceaccounts[:<namespace>]`` hold service accounts, ``system:authenticated`` users as well.
    """
    return {i: replace(s, members=_members(s, seeds)) if s.kind == "group" else s for i, s in seeds.items()}


def _members(group: Identity, seeds: Mapping[str, Identity]) -> tuple[str, ...]:
    if group.id == AUTHENTICATED:
        return tuple(i for i, s in seeds.items() if s.kind in ("service_account", "user") and i != _ANONYMOUS)
    if group.id == SERVICE_ACCOUNTS:
        return tuple(i for i, s in seeds.items() if s.kind == "service_account")
    if group.id.startswith(SERVICE_ACCOUNTS + ":"):
        return tuple(i for i, s in seeds.items() if s.kind == "service_account" and s.namespace == group.namespace)
    return ()
