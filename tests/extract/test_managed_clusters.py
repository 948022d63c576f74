"""Who gets into a managed cluster past its role bindings, and whose credentials its nodes hand to pods."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import pytest

from gate.extract.change import access_models
from gate.inputs.documents import Documents, SourceFile
from gate.inputs.manifests.manifest_files import parse_manifests
from gate.inputs.terraform.plan_json import parse_plan
from gate.model.access import AccessModel

NODES = "- {rolearn: 'arn:aws:iam::123456789012:role/nodes', groups: ['system:bootstrappers', 'system:nodes']}\n"
ADMIN = "- {rolearn: 'arn:aws:iam::123456789012:role/ops', username: '{{SessionName}}', groups: ['system:masters']}\n"


def _model(resources: dict[str, tuple[dict[str, Any], dict[str, Any]]], manifests: str = "") -> AccessModel:
    changes, configured = [], []
    for address, (values, expressions) in resources.items():
        kind, name = address.split(".")
        entry = {"address": address, "mode": "managed", "type": kind, "name": name}
        change = {"actions": ["create"], "before": None, "after": values, "after_unknown": {}}
        changes.append({**entry, "change": change})
        configured.append({**entry, "expressions": expressions})
    value = {
        "format_version": "1.2",
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": configured}},
    }
    plan, _ = parse_plan(value, SourceFile("p", "terraform-plan", ""))
    objects = parse_manifests(manifests, SourceFile("k8s.yaml", "kubernetes", "0")).manifests
    return access_models(Documents(plans=[plan] if resources else [], manifests=objects)).after


def _auth(roles: str) -> str:
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: aws-auth, namespace: kube-system}\n"
    return f"{head}data:\n  mapRoles: |\n{indent(roles, '    ')}"


def _cluster(mode: str) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    access = [{"authentication_mode": mode, "bootstrap_cluster_creator_admin_permissions": False}]
    values = {"name": "main", "role_arn": "arn:aws:iam::123456789012:role/cluster", "access_config": access}
    return {"aws_eks_cluster.main": (values, {})}


def _let_in(model: AccessModel) -> list[tuple[str | None, tuple[str, ...], bool | None]]:
    return [(g.principal.identity, g.conditions[0].values, g.principal.own_account) for g in model.resource_grants]


def test_the_config_map_lets_in_whom_it_names() -> None:
    assert _let_in(_model({}, _auth(NODES + ADMIN))) == [
        ("arn:aws:iam::123456789012:role/nodes", ("system:bootstrappers", "system:nodes"), True),
        ("arn:aws:iam::123456789012:role/ops", ("system:masters",), True),
    ]


def test_whose_account_it_is_may_be_unknown() -> None:
    assert [own for _, _, own in _let_in(_model({}, _auth(ADMIN)))] == [None]


def test_a_cluster_that_takes_entries_only_does_not_read_the_map() -> None:
    assert _let_in(_model(_cluster("API"), _auth(ADMIN))) == []
    assert len(_let_in(_model(_cluster("API_AND_CONFIG_MAP"), _auth(ADMIN)))) == 1


def test_a_map_that_nobody_can_read_is_unknown() -> None:
    model = _model({}, _auth("rolearn: {"))
    assert [(u.what, u.source.address) for u in model.unknown] == [("object", "k8s:ConfigMap/kube-system/aws-auth")]


def _settings(model: AccessModel) -> list[tuple[str, str]]:
    return [(s.name, s.value) for workload in model.workloads.values() for s in workload.settings]


SCOPE = "https://www.googleapis.com/auth/cloud-platform"


@pytest.mark.parametrize(
    ("node", "written", "found"),
    [
        ({"oauth_scopes": [SCOPE], "service_account": "default"}, {}, [("gke-node-default-sa", "default")]),
        ({"oauth_scopes": [SCOPE]}, {}, [("gke-node-default-sa", "default")]),
        ({"oauth_scopes": [SCOPE]}, {"service_account": {"references": ["google_service_account.nodes.email"]}}, []),
        ({"oauth_scopes": ["https://www.googleapis.com/auth/logging.write"], "service_account": "default"}, {}, []),
        ({"oauth_scopes": [SCOPE], "service_account": "nodes@example.iam.gserviceaccount.com"}, {}, []),
        ({"oauth_scopes": [SCOPE], "workload_metadata_config": [{"mode": "GKE_METADATA"}]}, {}, []),
    ],
)
def test_nodes_of_google(node: dict[str, Any], written: dict[str, Any], found: list[tuple[str, str]]) -> None:
    pool = {"google_container_node_pool.nodes": ({"node_config": [node]}, {"node_config": [written]})}
    assert _settings(_model(pool)) == found


def _assigned(role: str, *references: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"role_definition_name": role}, {"principal_id": {"references": list(references)}}


def test_the_kubelets_of_azure_hold_more_than_images() -> None:
    cluster = {"local_account_disabled": True, "role_based_access_control_enabled": True}
    named = [{"user_assigned_identity_id": {"references": ["azurerm_user_assigned_identity.k.id"]}}]
    own = "azurerm_kubernetes_cluster.c.kubelet_identity[0].object_id"
    resources = {
        "azurerm_kubernetes_cluster.c": (cluster, {"kubelet_identity": named}),
        "azurerm_user_assigned_identity.k": ({"name": "k"}, {}),
        "azurerm_role_assignment.pull": _assigned("AcrPull", own, "azurerm_kubernetes_cluster.c"),
    }
    assert _settings(_model(resources)) == []
    resources["azurerm_role_assignment.more"] = _assigned("Reader", own, "azurerm_kubernetes_cluster.c")
    assert _settings(_model(resources)) == [("aks-kubelet-identity-imds", "Reader")]
    resources["azurerm_role_assignment.more"] = _assigned(
        "Owner", "azurerm_user_assigned_identity.k.principal_id", "azurerm_user_assigned_identity.k"
    )
    assert _settings(_model(resources)) == [("aks-kubelet-identity-imds", "Owner")]


def test_local_accounts_of_azure() -> None:
    open_ = {"azurerm_kubernetes_cluster.c": ({"role_based_access_control_enabled": False}, {})}
    assert _settings(_model(open_)) == [("aks-local-accounts", "not set"), ("aks-no-rbac", "false")]
