"""Paths of a node that a pod mounts through a claim."""

from __future__ import annotations

import pytest

from tests.extract.kubernetes.kubernetes_manifests import model

VOLUME = """\
apiVersion: v1
kind: PersistentVolume
metadata: {{name: root}}
spec: {{{}}}
---
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: data, namespace: shop}}
spec: {{{}}}
---
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: shop}
spec:
  containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v}]}]
  volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]
"""
SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  template: {spec: {containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v}]}]}}
  volumeClaimTemplates: [{metadata: {name: v}, spec: {storageClassName: manual}}]
"""
ROOT = ("pod-hostpath-root", "volume v through PersistentVolume root", "/")


def _settings(text: str) -> list[tuple[str, str, str]]:
    """Of what runs: a volume that no pod is known to mount stands beside it with a setting of its own."""
    pods = (w for w in model(text).workloads.values() if w.kind != "PersistentVolume")
    return [(s.name, s.where, s.value) for workload in pods for s in workload.settings]


def test_a_volume_of_a_nodes_own_folder_that_no_pod_mounts_stands_for_itself() -> None:
    found = model(VOLUME.format("hostPath: {path: /etc}")).workloads["k8s:PersistentVolume//root"]
    assert [(s.name, s.where, s.value) for s in found.settings] == [
        ("pod-hostpath-system", "spec.hostPath.path", "/etc")
    ]
    assert (found.runs_as, found.exposure, found.token) == ((), "none", False)
    assert not model(VOLUME.format("local: {path: /mnt/disks/ssd1}")).workloads
    claimed = VOLUME.format("hostPath: {path: /}") + CLAIM.format("volumeName: root") + POD
    assert list(model(claimed).workloads) == ["k8s:Pod/shop/p"]


@pytest.mark.parametrize(
    ("volume", "claim", "settings"),
    [
        ("hostPath: {path: /}", "volumeName: root", [ROOT]),
        ("local: {path: /}", "volumeName: root", [ROOT]),
        ("hostPath: {path: /}, claimRef: {namespace: shop, name: data}", "storageClassName: ''", [ROOT]),
        ("hostPath: {path: /}, claimRef: {namespace: shop, name: other}", "volumeName: root", []),
        ("hostPath: {path: /}, storageClassName: manual", "storageClassName: manual", [ROOT]),
        ("hostPath: {path: /}", "storageClassName: ''", [ROOT]),
        ("hostPath: {path: /}", "resources: {}", []),
        ("hostPath: {path: /mnt/disks/one}", "volumeName: root", []),
        ("csi: {driver: ebs.csi.aws.com}", "volumeName: root", []),
    ],
)
def test_a_claim_leads_to_the_volumes_it_can_be_bound_to(
    volume: str, claim: str, settings: list[tuple[str, str, str]]
) -> None:
    assert _settings(VOLUME.format(volume) + CLAIM.format(claim) + POD) == settings


def test_a_claim_out_of_view_is_the_one_the_volume_names() -> None:
    volume = VOLUME.format("hostPath: {path: /}, claimRef: {namespace: shop, name: data}")
    assert _settings(volume + POD) == [ROOT]


@pytest.mark.parametrize("spec", ["storageClassName: manual", "claimRef: {namespace: shop, name: v-db-0}"])
def test_a_stateful_set_makes_its_claims_itself(spec: str) -> None:
    assert _settings(VOLUME.format(f"hostPath: {{path: /}}, {spec}") + SET) == [ROOT]


def test_a_volume_nothing_mounts_gives_nothing() -> None:
    pod = POD.replace("volumeMounts: [{name: v, mountPath: /v}]", "args: [x]")
    assert _settings(VOLUME.format("hostPath: {path: /}") + CLAIM.format("volumeName: root") + pod) == []
