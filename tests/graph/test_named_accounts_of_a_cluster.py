"""Whose tokens a right on accounts by name makes: in every namespace, or in the one of the binding."""

from __future__ import annotations

import pytest

from gate.extract.bridge.platform_openings import add_openings
from gate.graph.build import add_graph
from tests.extract.kubernetes.kubernetes_manifests import binding, model, role

_RULE = "  - {apiGroups: [''], resources: [serviceaccounts/token], verbs: [create], resourceNames: [bot]}"
_ACCOUNTS = "".join(
    f"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}, namespace: {space}}}\n---\n"
    for space, name in (("shop", "bot"), ("ops", "bot"), ("shop", "other"))
)


@pytest.mark.parametrize(
    ("bound", "reached"),
    [
        ("ClusterRoleBinding", ["k8s:ServiceAccount/ops/bot", "k8s:ServiceAccount/shop/bot"]),
        ("RoleBinding", ["k8s:ServiceAccount/shop/bot"]),
    ],
)
def test_accounts_of_that_name(bound: str, reached: list[str]) -> None:
    text = _ACCOUNTS + role(_RULE) + binding("ClusterRole/r", "ServiceAccount/shop/other", kind=bound)
    found = model(text)
    add_openings(found)
    add_graph(found)
    assert found.graph is not None
    assert sorted(found.graph.reach["k8s:ServiceAccount/shop/other"].becomes) == reached
