"""Access entries of EKS clusters: IAM identities that a cluster lets in, with which policy and where.

Told as grants on the cluster, narrowed by the keys that AWS has for making such an entry
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html).
"""

from __future__ import annotations

from collections.abc import Iterator

from gate.extract.aws.documents.policy_documents import PolicySources
from gate.extract.aws.identities.identity_index import IdentityIndex
from gate.extract.aws.identities.named_principals import principal
from gate.extract.aws.language.condition_facts import read_condition
from gate.extract.aws.plan.plan_index import Item, PlanIndex
from gate.extract.aws.plan.referenced_resources import ReferencedResources
from gate.extract.aws.plan.resource_arns import ResourceArns
from gate.model.access import Condition, Principal, ResourceGrant, Setting

_CLUSTER = "aws_eks_cluster"
ACTION = "eks:AccessKubernetesApi"
ENTRIES_ONLY = "access-entries-only"


def cluster_access(
    side: PlanIndex, registry: IdentityIndex, names: ResourceArns, links: ReferencedResources, sources: PolicySources
) -> Iterator[ResourceGrant]:
    """A grant for each access policy of an identity, and for each entry that puts one into groups."""
    for item in side.of("aws_eks_access_policy_association", "aws_eks_access_entry"):
        what = "policy_arn" if item.type == "aws_eks_access_policy_association" else "kubernetes_groups"
        if item.has_unknown(what):
            sources.report(item, (what,), "access to a cluster", None)
        if _scope_unknown(item):
            sources.report(item, ("access_scope",), "access to a cluster", None)
        conditions = _policy(item) if what == "policy_arn" else _groups(item)
        if not conditions:
            continue
        clusters = links.linked(item, ("cluster_name",), _CLUSTER)
        cluster = clusters[0].id if len(clusters) == 1 else item.text("cluster_name") or item.id
        for who in _principals(item, registry, names):
            yield ResourceGrant(cluster, _CLUSTER, who, (ACTION,), conditions, item.source(), change=item.change)


def mode(cluster: Item) -> tuple[Setting, ...]:
    """Whether a cluster takes access from the config map aws-auth too, where that is written or known; and whether who
    creates it stays its administrator, which is so unless it is denied.
    """
    blocks = cluster.blocks("access_config")
    said = [block.get("bootstrap_cluster_creator_admin_permissions") for block in blocks]
    creator: tuple[Setting, ...] = ()
    if False not in said:
        where = "access_config[0].bootstrap_cluster_creator_admin_permissions"
        creator = (Setting("eks-creator-admin", where, "true" if True in said else "not set", cluster.source()),)
    return (*_map(cluster), *creator)


def _map(cluster: Item) -> tuple[Setting, ...]:
    for index, block in enumerate(cluster.blocks("access_config")):
        value = block.get("authentication_mode")
        if value in ("CONFIG_MAP", "API_AND_CONFIG_MAP"):
            where = f"access_config[{index}].authentication_mode"
            return (Setting("config-map-access", where, str(value), cluster.source()),)
        if value == "API":
            return (Setting(ENTRIES_ONLY, f"access_config[{index}].authentication_mode", value, cluster.source()),)
    return ()


def _policy(item: Item) -> tuple[Condition, ...]:
    scopes = item.blocks("access_scope")
    said = {
        "eks:policyArn": (item.text("policy_arn"),),
        "eks:accessScope": tuple(scope.get("type") for scope in scopes),
        "eks:namespaces": tuple(name for scope in scopes for name in _names(scope)),
    }
    return _conditions(said) if item.text("policy_arn") else ()


def _scope_unknown(item: Item) -> bool:
    """Whether nobody knows yet if it is the whole cluster; which namespaces it is otherwise says less."""
    marks = item.unknown.get("access_scope")
    blocks = marks if isinstance(marks, list) else [marks]
    return any(mark is True or (isinstance(mark, dict) and mark.get("type") is True) for mark in blocks)


def _names(scope: dict[str, object]) -> list[object]:
    names = scope.get("namespaces")
    return names if isinstance(names, list) else []


def _groups(item: Item) -> tuple[Condition, ...]:
    return _conditions({"eks:kubernetesGroups": tuple(item.texts("kubernetes_groups"))})


def _conditions(said: dict[str, tuple[object, ...]]) -> tuple[Condition, ...]:
    texts = {key: tuple(str(value) for value in values if value) for key, values in said.items()}
    return tuple(read_condition("StringEquals", key, values) for key, values in texts.items() if values)


def _principals(item: Item, registry: IdentityIndex, names: ResourceArns) -> Iterator[Principal]:
    value = item.text("principal_arn")
    if value is not None:
        yield principal("AWS", value, registry, item)
        return
    drafts = [draft for kind in ("role", "user") for draft in registry.referenced(kind, item, "principal_arn")]
    for draft in drafts:
        shown = names.arn(draft.item) if draft.item else draft.id
        yield Principal(draft.kind, shown, draft.id, registry.account(draft), own_account=True)
    if not drafts:
        yield Principal("unknown", f"the principal of {item.id}")
