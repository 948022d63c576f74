"""Kubernetes manifests to access facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from gate.extract.kubernetes.access.custom_resources import not_analysed
from gate.extract.kubernetes.access.grants import add_grants
from gate.extract.kubernetes.compute.embedded_pods import embedded_workload, is_custom
from gate.extract.kubernetes.compute.pod_exposure import DOORS, Door, front_door
from gate.extract.kubernetes.compute.workloads import workload
from gate.extract.kubernetes.documents.objects import RBAC, manifest_id
from gate.extract.kubernetes.documents.objects_by_kind import Objects
from gate.extract.kubernetes.documents.pods import POD_KINDS, pod_of
from gate.extract.kubernetes.documents.replicas import Makers, without_replicas
from gate.extract.kubernetes.guards.interceptors import INTERCEPTING, external_service, interceptors
from gate.extract.kubernetes.guards.loose import loose_guards
from gate.extract.kubernetes.identities.bindings import Binding, of_every_cluster, read_binding, unreadable_role
from gate.extract.kubernetes.identities.roles import Role, read_role, role_table
from gate.extract.kubernetes.identities.subjects import in_environment, made_by_cluster, named_account, service_account
from gate.extract.kubernetes.identities.token_secrets import token_secret
from gate.extract.kubernetes.language.shapes import flag
from gate.extract.kubernetes.resources.claims import HostVolume, HostVolumes, claim, host_volume
from gate.extract.kubernetes.resources.namespaces import labels_of, namespaces, reads_configuration
from gate.extract.kubernetes.resources.offers import permitted_roles, volume_offer
from gate.extract.kubernetes.resources.secret_references import pull_secrets
from gate.extract.kubernetes.rewriting.facts import pods_written, rewriter
from gate.extract.kubernetes.rewriting.mutating_policies import BINDING, POLICY, REWRITING, policy_out_of_view, writings
from gate.extract.kubernetes.rewriting.trees import Writing
from gate.extract.kubernetes.trust.custom_identities import KINDS as CUSTOM_IDENTITIES
from gate.extract.kubernetes.trust.custom_identities import custom_identity
from gate.inputs.documents import Manifest
from gate.model.access import AccessModel, Identity, NotAnalysed, SecretReference, Unknown, Workload

_ACCOUNT = ("", "ServiceAccount")
_NAMESPACE = ("", "Namespace")
_SECRET = ("", "Secret")
_ROLES = ((RBAC, "Role"), (RBAC, "ClusterRole"))
_BINDINGS = ((RBAC, "RoleBinding"), (RBAC, "ClusterRoleBinding"))


def extract(
    manifests: Sequence[Manifest], model: AccessModel, *, whole: bool = False, earlier: Sequence[Manifest] = ()
) -> None:
    """Add what ``manifests`` say about access to ``model``: identities with their grants, workloads, credentials.

    ``earlier``: the objects of the side before, where this is the side after and that one is known.
    ``whole``: there is nothing else in the cluster, so that a role nobody here is bound to gives nothing to anyone.
    An object whose shape is not the API's becomes an ``Unknown`` that names the place; nothing is dropped silently.
    """
    model.reads += len(manifests)
    objects = Objects(manifests, model.unknown)
    rights = _rights(objects)
    around = _around_pods(objects)
    written = {id(manifest): several for manifest, several in objects.each(writings, *REWRITING)}
    workloads, understood = _workloads(objects, around, written)
    for found in workloads:
        _add(model.workloads, found)
    labels: dict[str, dict[str, str]] = {}
    for manifest, some in objects.each(labels_of, _NAMESPACE):
        labels[manifest.name] = labels.get(manifest.name, {}) | some
    seeds = {key: in_environment(one, labels) for key, one in _seeds(rights, workloads).items()}
    if not whole:
        model.unknown += _unreadable(objects, rights)
    add_grants(model, seeds, rights.bindings, rights.roles, unbound=not whole)
    _add_namespaces(objects, labels, model)
    _add_offers(objects, around.offered, model)
    elsewhere = dict(found for _, found in objects.each(external_service, ("", "Service")) if found)
    for _, several in objects.each(partial(interceptors, elsewhere=elsewhere), *INTERCEPTING):
        model.interceptors += several
    model.interceptors += [rewriter(one) for several in written.values() for one in several]
    known = {manifest.name for manifest in objects.of(POLICY)}
    model.not_analysed += (one for m in objects.of(BINDING) if (one := policy_out_of_view(m, known)))
    model.loose_guards += loose_guards(objects, earlier)
    model.credentials += [c for _, c in objects.each(token_secret, _SECRET) if c]
    model.not_analysed += [one for one in _others(manifests) if one.source.address not in understood]


@dataclass(frozen=True, slots=True)
class _Rights:
    """Who is bound to what. ``accounts``: those that the change writes, without those every cluster makes for itself
    and nothing binds.
    """

    roles: Mapping[str, Role]
    bindings: Sequence[Binding]
    accounts: Sequence[Identity]


def _rights(objects: Objects) -> _Rights:
    accounts = list(objects.each(service_account, _ACCOUNT))
    roles = role_table(role for _, role in objects.each(read_role, *_ROLES))
    bindings = [b for _, b in objects.each(read_binding, *_BINDINGS) if not of_every_cluster(b, roles)]
    named = {subject.id for binding in bindings for subject in binding.subjects}
    return _Rights(roles, bindings, [a for manifest, a in accounts if a.id in named or not made_by_cluster(manifest)])


def _unreadable(objects: Objects, rights: _Rights) -> Iterator[Unknown]:
    """Roles that are bound and that nobody here knows; one that is written and could not be read is said already."""
    said = {manifest_id(m) for m in objects.of(*_ROLES)} - rights.roles.keys()
    return (gap for b in rights.bindings if b.role not in said and (gap := unreadable_role(b, rights.roles)))


@dataclass(frozen=True, slots=True)
class _AroundPods:
    """What decides about a pod beside itself: what its account says about tokens and pull secrets (by id), what leads
    to it from outside (by namespace), and the volumes of the cluster.
    """

    mounts: Mapping[str, bool | None]
    pulls: Mapping[str, Sequence[SecretReference]]
    doors: Mapping[str, Sequence[Door]]
    offered: Sequence[HostVolume]
    hosts: HostVolumes


def _around_pods(objects: Objects) -> _AroundPods:
    mounts: dict[str, bool | None] = {}
    for manifest, said in objects.each(_mounts_token, _ACCOUNT):
        mounts[manifest_id(manifest)] = said if mounts.get(manifest_id(manifest), said) is False else None
    pulls = {manifest_id(m): found for m, found in objects.each(pull_secrets, _ACCOUNT) if found}
    doors: dict[str, list[Door]] = {}
    for _, door in objects.each(front_door, *DOORS):
        doors.setdefault(door.namespace, []).append(door)
    offered = [v for _, v in objects.each(host_volume, ("", "PersistentVolume")) if v]
    claims = [c for _, c in objects.each(claim, ("", "PersistentVolumeClaim"))]
    return _AroundPods(mounts, pulls, doors, offered, HostVolumes(offered, claims))


def _workloads(
    objects: Objects, around: _AroundPods, written: Mapping[int, Sequence[Writing]]
) -> tuple[list[Workload], set[str]]:
    """Every workload, and the ids of custom objects that are understood in full.

    ``written``: what a policy writes into others, by the ``id`` of its manifest.
    """

    def of_pods(manifest: Manifest) -> Workload | None:
        pod = pod_of(manifest)
        return (
            workload(pod, around.mounts, around.doors.get(pod.namespace, ()), around.hosts, around.pulls)
            if pod
            else None
        )

    custom = [kind for kind in objects.kinds if is_custom(*kind) and kind not in REWRITING]
    read = [(m, w) for m, w in objects.each(of_pods, *POD_KINDS) if w]
    read += [(m, w) for m, w in objects.each(partial(embedded_workload, hosts=around.hosts), *custom) if w]
    changed = partial(pods_written, hosts=around.hosts)
    read += [(m, w) for m, w in objects.each(lambda m: changed(m, written.get(id(m), ())), *REWRITING) if w]
    customs = [(m, found) for m, found in objects.each(custom_identity, *CUSTOM_IDENTITIES) if found]
    read += [(m, found.workload) for m, found in customs]
    return list(without_replicas(read)), {found.workload.id for _, found in customs if found.understood}


def _seeds(rights: _Rights, workloads: Sequence[Workload]) -> dict[str, Identity]:
    """The identities by id: accounts that are written, that workloads run as, and subjects of bindings."""
    seeds = {account.id: account for account in rights.accounts}
    for account in (account for found in workloads for account in found.runs_as):
        _, namespace, name = account.split("/", 2)
        seeds.setdefault(account, named_account(namespace, name))
    for subject in (subject for binding in rights.bindings for subject in binding.subjects):
        seeds.setdefault(subject.id, subject)
    return seeds


def _add_namespaces(objects: Objects, labels: Mapping[str, Mapping[str, str]], model: AccessModel) -> None:
    model.namespaces.update(
        namespaces(
            labels,
            {manifest.name for manifest in objects.of(_NAMESPACE) if manifest.location is None},
            (manifest_id(manifest) for manifest in objects.of(_SECRET)),
            model.workloads.values(),
            (account for manifest in objects.of(*POD_KINDS) if (account := reads_configuration(manifest))),
        )
    )


def _add_offers(objects: Objects, volumes: Sequence[HostVolume], model: AccessModel) -> None:
    offers = [volume_offer(volume, model.workloads.values()) for volume in volumes]
    offers += [offer for _, offer in objects.each(permitted_roles, _NAMESPACE)]
    for offer in (o for o in offers if o):
        _add(model.workloads, offer)


def _others(manifests: Sequence[Manifest]) -> Iterator[NotAnalysed]:
    """Objects that bear identity and are not understood; what one of them made is not told beside it."""
    makers = Makers(manifests)
    written_by_hand = (m for m in manifests if not ((maker := makers.of(m)) and not_analysed(maker)))
    return (other for manifest in written_by_hand if (other := not_analysed(manifest)))


def _add(workloads: dict[str, Workload], found: Workload) -> None:
    """A workload that is written twice is judged twice: which one is applied last is not known here."""
    key, again = found.id, 2
    while key in workloads:
        key, again = f"{found.id}#{again}", again + 1
    workloads[key] = replace(found, id=key)


def _mounts_token(manifest: Manifest) -> bool | None:
    field = "automountServiceAccountToken"
    return flag(manifest.body.get(field), (field,))
