"""What is said about namespaces, and about roles that others may bind by name."""

from __future__ import annotations

import pytest

from gate.model.access import Namespace
from tests.extract.kubernetes.kubernetes_manifests import binding, model, role


def _pod(spec: str, name: str = "web") -> str:
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop}}\n"
        f"spec: {{serviceAccountName: {name}, {spec}}}\n---\n"
    )


def test_a_namespace_says_what_it_enforces() -> None:
    found = model(
        """
        apiVersion: v1
        kind: Namespace
        metadata:
          name: shop
          labels: {pod-security.kubernetes.io/enforce: restricted, resource.k8s.io/admin-access: "true"}
        """
    )
    assert found.namespaces == {"shop": Namespace(written=True, pod_security="restricted", admin_access=True)}


def test_secrets_are_known_by_their_objects_and_by_who_refers_to_them() -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\n---\n"
    text += _pod("containers: [{name: c, env: [{name: K, valueFrom: {secretKeyRef: {name: key, key: k}}}]}]")
    assert model(text).namespaces == {"shop": Namespace(secrets=("k8s:Secret/shop/db", "k8s:Secret/shop/key"))}


@pytest.mark.parametrize(
    "spec",
    [
        "containers: [{name: c}], volumes: [{name: v, configMap: {name: settings}}]",
        "containers: [{name: c}], volumes: [{name: v, projected: {sources: [{configMap: {name: settings}}]}}]",
        "containers: [{name: c, envFrom: [{configMapRef: {name: settings}}]}]",
        "containers: [{name: c, env: [{name: K, valueFrom: {configMapKeyRef: {name: settings, key: k}}}]}]",
    ],
)
def test_whose_pods_read_a_config_map(spec: str) -> None:
    assert model(_pod(spec)).namespaces == {"shop": Namespace(configured=("k8s:ServiceAccount/shop/web",))}


@pytest.mark.parametrize(
    "spec",
    [
        "containers: [{name: c}]",
        "containers: [{name: c}], volumes: [{name: v, projected: {sources: [{configMap: {name: kube-root-ca.crt}}]}}]",
        "containers: [{name: c}], volumes: [{name: v, configMap: text}]",
    ],
)
def test_nothing_is_said_of_a_namespace_without_any_of_it(spec: str) -> None:
    assert model(_pod(spec)).namespaces == {}


def test_a_role_that_may_be_bound_by_name_is_known_by_its_content() -> None:
    text = role("  - {apiGroups: [''], resources: [secrets], verbs: [get]}", name="reads")
    text += role("  - {apiGroups: ['*'], resources: ['*'], verbs: ['*']}", name="all")
    text += role("  - {apiGroups: [''], resources: [secrets], verbs: [get]}", name="not-named")
    named = "resourceNames: [reads, all, unseen]}"
    text += role(
        "  - {apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [bind], " + named, name="binder"
    )
    text += role(
        "  - {apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [get], resourceNames: [view]}",
        name="reader",
    )
    text += binding("ClusterRole/binder", "User/jane") + binding("ClusterRole/reader", "User/joe")
    assert model(text).roles == {"k8s:ClusterRole//reads": ("get secrets",), "k8s:ClusterRole//all": ("*",)}
