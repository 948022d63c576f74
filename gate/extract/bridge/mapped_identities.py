"""AWS identities that a cluster's config map aws-auth lets in: grants on the cluster, as access entries give them."""

from __future__ import annotations

from collections.abc import Sequence

from gate.extract.aws.language.condition_facts import read_condition
from gate.extract.aws.resources.eks_access_entries import ACTION, ENTRIES_ONLY
from gate.extract.bridge.role_names import NamedIdentities, account_named
from gate.extract.kubernetes.documents.objects_by_kind import wrong_shape
from gate.extract.kubernetes.language.shapes import WrongShape
from gate.extract.kubernetes.trust.aws_auth import NODES, is_aws_auth, mapped
from gate.inputs.documents import Manifest
from gate.model.access import AccessModel, Principal, PrincipalKind, ResourceGrant

_CLUSTER = "aws_eks_cluster"


def let_in(manifests: Sequence[Manifest], model: AccessModel) -> None:
    """Add a grant for each entry of the map, unless every cluster of the change takes access from its entries only."""
    maps = [manifest for manifest in manifests if is_aws_auth(manifest)]
    clusters = [w for w in model.workloads.values() if w.kind == _CLUSTER]
    if not maps or (clusters and all(ENTRIES_ONLY in {s.name for s in c.settings} for c in clusters)):
        return
    named = NamedIdentities(model)
    for manifest in maps:
        try:
            entries = mapped(manifest)
        except WrongShape as error:
            model.unknown.append(wrong_shape(manifest, error))
            continue
        # Nodes join the cluster of their own account.
        own = model.own_accounts or {a for e in entries if NODES in e.groups and (a := account_named(e.arn))}
        for entry in entries:
            account = account_named(entry.arn)
            kind: PrincipalKind = "user" if ":user/" in entry.arn else "role"
            who = Principal(kind, entry.arn, named.id(entry.arn), account, account in own if own else None)
            groups = read_condition("StringEquals", "eks:kubernetesGroups", entry.groups)
            where = clusters[0].id if len(clusters) == 1 else entry.source.address
            model.resource_grants.append(
                ResourceGrant(where, _CLUSTER, who, (ACTION,), (groups,), entry.source, change="create")
            )
