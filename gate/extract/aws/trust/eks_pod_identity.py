"""EKS Pod Identity: associations that let a service account of a cluster act as a role.

The role has to trust ``pods.eks.amazonaws.com``, which tags its sessions with where the pod runs
(https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gate.extract.aws.documents.policy_documents import PolicySources
from gate.extract.aws.identities.identity_index import Draft, IdentityIndex
from gate.extract.aws.language import patterns
from gate.extract.aws.plan.plan_index import Item, PlanIndex
from gate.model.access import Condition, Principal, Trust

_TYPE = "aws_eks_pod_identity_association"
_SERVICE = "pods.eks.amazonaws.com"
_TAGS = {
    "aws:requesttag/kubernetes-namespace": "namespace",
    "aws:requesttag/kubernetes-service-account": "service_account",
    "aws:requesttag/eks-cluster-name": "cluster_name",
}
_EXACT = ("stringequals", "stringequalsignorecase", "stringlike")


def pod_identities(
    side: PlanIndex, registry: IdentityIndex, sources: PolicySources, edges: Sequence[Trust]
) -> Iterator[Trust]:
    """An edge from the service account of each association to its role, and to the role that one hands over to.

    The account's id is as the Kubernetes adapter makes it. A trust policy that nobody could read is taken to let it in.
    """
    for item in side.of(_TYPE):
        namespace, name = item.text("namespace"), item.text("service_account")
        if namespace is None or name is None:
            if namespace is None:
                sources.report(item, ("namespace",), "namespace of the association", None)
            else:
                sources.report(item, ("service_account",), "service account of the association", None)
            continue
        who = Principal(
            "service_account",
            f"system:serviceaccount:{namespace}:{name}",
            identity=f"k8s:ServiceAccount/{namespace}/{name}",
        )
        unread = {unknown.identity for unknown in sources.unknown if unknown.what == "trust policy"}
        for draft in _roles(item, "role_arn", registry):
            if draft.item is not None and draft.id not in unread and not _let_in(item, draft, edges):
                continue
            yield Trust(draft.id, who, ("sts:AssumeRole",), (), item.source(), meant=True)
            for further in _roles(item, "target_role_arn", registry):
                yield Trust(further.id, who, ("sts:AssumeRole",), (), item.source(), meant=True)


def _roles(item: Item, attribute: str, registry: IdentityIndex) -> list[Draft]:
    """One that is not known is reported by who reads workloads."""
    arn = item.text(attribute)
    if arn is not None:
        draft = registry.by_arn(arn, item)
        return [draft] if draft is not None and draft.kind == "role" else []
    return registry.referenced("role", item, attribute) if item.is_unknown(attribute) else []


def _let_in(item: Item, draft: Draft, edges: Sequence[Trust]) -> bool:
    return any(
        edge.identity == draft.id
        and edge.principal.kind in ("service", "anyone")
        and edge.principal.value in (_SERVICE, "*")
        and not edge.negated
        and all(_may_hold(item, condition) for condition in edge.conditions)
        for edge in edges
    )


def _may_hold(item: Item, condition: Condition) -> bool:
    """Whether the tags of the association's sessions can satisfy a condition."""
    attribute = _TAGS.get(condition.key.lower())
    value = item.text(attribute) if attribute else None
    if value is None or condition.operator.lower() not in _EXACT:
        return True
    return any(patterns.matches(wanted, value) for wanted in condition.values)
