"""Kubernetes manifests to access facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from gate.extract.kubernetes.bindings import of_every_cluster, read_binding, unreadable_role
from gate.extract.kubernetes.claims import HostVolumes, claim, host_volume
from gate.extract.kubernetes.credentials import token_secret
from gate.extract.kubernetes.custom_identities import KINDS as CUSTOM_IDENTITIES
from gate.extract.kubernetes.custom_identities import custom_identity
from gate.extract.kubernetes.custom_resources import not_analysed
from gate.extract.kubernetes.embedded_pods import embedded_workload, is_custom
from gate.extract.kubernetes.exposure import DOORS, Door, front_door
from gate.extract.kubernetes.grants import add_grants
from gate.extract.kubernetes.identities import in_environment, made_by_cluster, named_account, service_account
from gate.extract.kubernetes.interceptors import INTERCEPTING, external_service, interceptors
from gate.extract.kubernetes.namespaces import labels_of, namespaces, reads_configuration
from gate.extract.kubernetes.objects import RBAC, group_of, manifest_id, source_of
from gate.extract.kubernetes.offers import permitted_roles, volume_offer
from gate.extract.kubernetes.pods import POD_KINDS, pod_of
from gate.extract.kubernetes.replicas import Makers, without_replicas
from gate.extract.kubernetes.roles import read_role, role_table
from gate.extract.kubernetes.secret_references import pull_secrets
from gate.extract.kubernetes.shapes import WrongShape, flag
from gate.extract.kubernetes.workloads import workload
from gate.inputs.documents import Manifest
from gate.model.access import AccessModel, Unknown, Workload

T = TypeVar("T")


def extract(manifests: Sequence[Manifest], model: AccessModel, *, whole: bool = False) -> None:
    """Add what ``manifests`` say about access to ``model``: identities with their grants, workloads, credentials.

    ``whole``: there is nothing else in the cluster, so that a role nobody here is bound to gives nothing to anyone.
    An object whose shape is not the API's becomes an ``Unknown`` that names the place; nothing is dropped silently.
    """
    model.reads += len(manifests)
    kinds: dict[tuple[str, str], list[Manifest]] = {}
    for manifest in manifests:
        kinds.setdefault((group_of(manifest), manifest.kind), []).append(manifest)

    def each(reader: Callable[[Manifest], T], *wanted: tuple[str, str]) -> Iterator[tuple[Manifest, T]]:
        for manifest in (m for kind in wanted for m in kinds.get(kind, ())):
            try:
                yield manifest, reader(manifest)
            except WrongShape as error:
                model.unknown.append(wrong_shape(manifest, error))

    accounts = list(each(service_account, ("", "ServiceAccount")))
    mounts: dict[str, bool | None] = {}
    for manifest, said in each(_mounts_token, ("", "ServiceAccount")):
        mounts[manifest_id(manifest)] = said if mounts.get(manifest_id(manifest), said) is False else None
    pulls = {manifest_id(m): found for m, found in each(pull_secrets, ("", "ServiceAccount")) if found}
    roles = role_table(role for _, role in each(read_role, (RBAC, "Role"), (RBAC, "ClusterRole")))
    bound = (b for _, b in each(read_binding, (RBAC, "RoleBinding"), (RBAC, "ClusterRoleBinding")))
    bindings = [b for b in bound if not of_every_cluster(b, roles)]
    named = {subject.id for binding in bindings for subject in binding.subjects}
    seeds = {a.id: a for manifest, a in accounts if a.id in named or not made_by_cluster(manifest)}
    doors: dict[str, list[Door]] = {}
    for _, door in each(front_door, *DOORS):
        doors.setdefault(door.namespace, []).append(door)

    offered = [v for _, v in each(host_volume, ("", "PersistentVolume")) if v]
    hosts = HostVolumes(offered, [c for _, c in each(claim, ("", "PersistentVolumeClaim"))])

    def as_workload(manifest: Manifest) -> Workload | None:
        pod = pod_of(manifest)
        return workload(pod, mounts, doors.get(pod.namespace, []), hosts, pulls) if pod else None

    custom = [kind for kind in kinds if is_custom(*kind)]
    read = [(m, w) for m, w in each(as_workload, *POD_KINDS) if w]
    read += [(m, w) for m, w in each(partial(embedded_workload, hosts=hosts), *custom) if w]
    customs = [(m, found) for m, found in each(custom_identity, *CUSTOM_IDENTITIES) if found]
    read += [(m, found.workload) for m, found in customs]
    understood = {found.workload.id for _, found in customs if found.understood}
    for found in without_replicas(read):
        _add(model.workloads, found)
        for account in found.runs_as:
            _, namespace, name = account.split("/", 2)
            seeds.setdefault(account, named_account(namespace, name))
    for subject in (s for binding in bindings for s in binding.subjects):
        seeds.setdefault(subject.id, subject)
    labelled = {manifest.name: labels for manifest, labels in each(labels_of, ("", "Namespace"))}
    seeds = {key: in_environment(seed, labelled) for key, seed in seeds.items()}
    written = {manifest_id(m) for kind in ("Role", "ClusterRole") for m in kinds.get((RBAC, kind), ())}
    unreadable = written - roles.keys()  # said already
    if not whole:
        model.unknown += [gap for b in bindings if b.role not in unreadable and (gap := unreadable_role(b, roles))]
    add_grants(model, seeds, bindings, roles, unbound=not whole)
    model.namespaces.update(
        namespaces(
            labelled,
            {manifest.name for manifest in kinds.get(("", "Namespace"), ()) if manifest.location is None},
            (manifest_id(manifest) for manifest in kinds.get(("", "Secret"), ())),
            model.workloads.values(),
            (a for kind in POD_KINDS for m in kinds.get(kind, ()) if (a := reads_configuration(m))),
        )
    )
    read_offers = [volume_offer(volume, model.workloads.values()) for volume in offered]
    read_offers += [offer for _, offer in each(permitted_roles, ("", "Namespace"))]
    for offer in (o for o in read_offers if o):
        _add(model.workloads, offer)
    elsewhere = dict(found for _, found in each(external_service, ("", "Service")) if found)
    for _, several in each(partial(interceptors, elsewhere=elsewhere), *INTERCEPTING):
        model.interceptors += several
    model.credentials += [c for _, c in each(token_secret, ("", "Secret")) if c]
    makers = Makers(manifests)
    written_by_hand = (m for m in manifests if not ((maker := makers.of(m)) and not_analysed(maker)))
    others = (other for manifest in written_by_hand if (other := not_analysed(manifest)))
    model.not_analysed += [other for other in others if other.source.address not in understood]


def _add(workloads: dict[str, Workload], found: Workload) -> None:
    """A workload that is written twice is judged twice: which one is applied last is not known here."""
    key, again = found.id, 2
    while key in workloads:
        key, again = f"{found.id}#{again}", again + 1
    workloads[key] = replace(found, id=key)


def _mounts_token(manifest: Manifest) -> bool | None:
    field = "automountServiceAccountToken"
    return flag(manifest.body.get(field), (field,))


def wrong_shape(manifest: Manifest, error: WrongShape) -> Unknown:
    """What stands in the model for an object that does not have the API's shape."""
    source = source_of(manifest, error.place)
    return Unknown(
        what="object",
        reason=f"The {manifest.kind} {source.address} could not be read: {error.message}.",
        source=source,
        remedy=f"write the {manifest.kind} as the Kubernetes API defines it ({manifest.api_version})",
        change="create",
    )
