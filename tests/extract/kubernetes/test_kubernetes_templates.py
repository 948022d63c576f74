"""Places of a template that nobody filled in are unknown, not harmless texts."""

from __future__ import annotations

import pytest

from tests.extract.kubernetes.kubernetes_manifests import binding, model, role


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("  - {apiGroups: [''], resources: [secrets], verbs: ['{{ .Values.verb }}']}", "rules[0].verbs[0]"),
        ("  - {apiGroups: [''], resources: ['${RESOURCE}'], verbs: [get]}", "rules[0].resources[0]"),
        ("  - {apiGroups: ['$(GROUP)'], resources: [pods], verbs: [get]}", "rules[0].apiGroups[0]"),
    ],
)
def test_a_rule_with_a_place_left_open_is_unknown(rule: str, place: str) -> None:
    found = model(role(rule) + binding("ClusterRole/r", "ServiceAccount/shop/app"))
    reasons = [unknown.reason for unknown in found.unknown]
    wrong = f"{place} is a template that was not rendered, expected text"
    assert reasons == [f"The ClusterRole k8s:ClusterRole//r could not be read: {wrong}."]


def test_a_host_path_with_a_place_left_open_is_unknown() -> None:
    found = model(
        """\
        apiVersion: v1
        kind: Pod
        metadata: {name: p}
        spec:
          containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v}]}]
          volumes: [{name: v, hostPath: {path: "/${WHERE}"}}]
        """
    )
    assert [unknown.what for unknown in found.unknown] == ["object"]
