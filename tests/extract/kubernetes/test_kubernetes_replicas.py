"""What a workload made is told once, unless it says more than its template."""

from __future__ import annotations

import json

from gate.extract.secrets.plaintext import plaintext_secrets
from gate.inputs.documents import Documents
from gate.inputs.manifests.manifest_files import parse_manifests
from tests.extract.kubernetes.kubernetes_manifests import FILE, model

POD = {"serviceAccountName": "web", "containers": [{"name": "c", "image": "i"}]}
TOKEN = {
    "name": "kube-api-access-x2vpd",
    "projected": {
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt"}},
        ]
    },
}


def _object(kind: str, name: str, spec: dict, owner: str | None = None, api: str = "apps/v1") -> str:
    metadata: dict = {"name": name, "namespace": "shop"}
    if owner:
        owner_kind, _, owner_name = owner.partition("/")
        metadata["ownerReferences"] = [
            {"apiVersion": "apps/v1", "kind": owner_kind, "name": owner_name, "controller": True}
        ]
    return json.dumps({"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}) + "\n---\n"


def _cluster(*pods: dict, owner: str = "ReplicaSet/web-1") -> str:
    return (
        "".join(_object("Pod", f"web-1-{n}", pod, owner, "v1") for n, pod in enumerate(pods))
        + _object("ReplicaSet", "web-1", {"template": {"spec": POD}}, "Deployment/web")
        + _object("Deployment", "web", {"template": {"spec": POD}})
    )


def _workloads(text: str) -> list[str]:
    return list(model(text).workloads)


def test_pods_and_replica_sets_are_told_as_their_deployment() -> None:
    mounted = {**POD, "volumes": [TOKEN], "nodeName": "n1"}

    assert _workloads(_cluster(POD, mounted)) == ["k8s:Deployment/shop/web"]


def test_a_pod_that_may_more_is_told_once_for_each_sort() -> None:
    host, other = {**POD, "hostPID": True}, {**POD, "serviceAccountName": "admin"}

    assert _workloads(_cluster(POD, host, host, other)) == [
        "k8s:Pod/shop/web-1-1",
        "k8s:Pod/shop/web-1-3",
        "k8s:Deployment/shop/web",
    ]


def test_pods_whose_owner_is_not_here_are_told() -> None:
    assert _workloads(_cluster(POD, owner="ReplicaSet/elsewhere")) == [
        "k8s:Pod/shop/web-1-0",
        "k8s:Deployment/shop/web",
    ]


def test_objects_that_own_each_other_are_told() -> None:
    text = _object("ReplicaSet", "a", {"template": {"spec": POD}}, "ReplicaSet/b")
    text += _object("ReplicaSet", "b", {"template": {"spec": {**POD, "hostPID": True}}}, "ReplicaSet/a")

    assert "k8s:ReplicaSet/shop/b" in _workloads(text)


def test_a_token_for_longer_than_the_clusters_own_is_a_setting() -> None:
    longer = json.loads(json.dumps(TOKEN).replace("3607", "86400"))

    (own,) = model(_object("Pod", "p", {**POD, "volumes": [TOKEN]}, api="v1")).workloads.values()
    (more,) = model(_object("Pod", "p", {**POD, "volumes": [longer]}, api="v1")).workloads.values()

    assert (own.token, [s.name for s in own.settings]) == (True, [])
    assert [s.name for s in more.settings] == ["pod-projected-token-audience"]


def test_a_secret_that_pods_copied_is_told_of_the_deployment_and_another_one_of_the_pod() -> None:
    def with_password(value: str) -> dict:
        return {**POD, "containers": [{"name": "c", "env": [{"name": "DB_PASSWORD", "value": value}]}]}

    shared, own = "q8Vt2xLmZr0pWn4K", "Zr0pWn4Kq8Vt2xLm"
    text = _object("Deployment", "web", {"template": {"spec": with_password(shared)}})
    text += _object("Pod", "a", with_password(shared), "Deployment/web", "v1")
    text += _object("Pod", "b", with_password(own), "Deployment/web", "v1")

    found = plaintext_secrets(Documents(manifests=parse_manifests(text, FILE).manifests), "after")

    assert [secret.source.address for secret in found] == ["k8s:Deployment/shop/web", "k8s:Pod/shop/b"]
