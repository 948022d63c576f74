"""What a path of the node gives away, to who may write there and to who may only read."""

from __future__ import annotations

import pytest
from kubernetes_manifests import model

POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: p, namespace: shop}}
spec:
  containers: [{{name: c, image: i, volumeMounts: [{{name: v, mountPath: /v, readOnly: {read_only}}}]}}]
  volumes: [{{name: v, hostPath: {{path: {path}}}}}]
"""


def _kinds(path: str, *, read_only: bool = False) -> list[str]:
    (pod,) = model(POD.format(path=path, read_only=str(read_only).lower())).workloads.values()
    return [setting.name for setting in pod.settings]


@pytest.mark.parametrize(
    "path",
    ["/opt/cni/bin", "/etc/cni/net.d", "/usr/local/bin", "/usr/lib", "/lib/modules", "/etc/profile.d", "/run/systemd",
     "/var/run/containerd/x", "/var/lib/containerd", "/var/lib/docker", "/run/k3s", "/home/kubernetes/bin"],
)  # fmt: skip
def test_what_the_node_runs_matters_to_who_may_write_there(path: str) -> None:
    assert _kinds(path) == ["pod-hostpath-programs"]
    assert _kinds(path, read_only=True) == []


@pytest.mark.parametrize("path", ["/var/lib/etcd", "/var/lib/rancher/k3s/server/db", "/etc/rancher/k3s"])
def test_the_cluster_s_state_matters_to_who_may_read_it(path: str) -> None:
    assert _kinds(path, read_only=True) == ["pod-hostpath-cluster-state"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/proc/1/root", "pod-hostpath-root"),
        ("/proc/self/root/etc/kubernetes/", "pod-hostpath-kubelet"),
        ("/proc/1/root/../root/var/run", "pod-hostpath-runtime-socket"),
        ("/var/run", "pod-hostpath-runtime-socket"),
    ],
)
def test_ways_round_to_a_folder_are_that_folder(path: str, kind: str) -> None:
    assert _kinds(path) == [kind]


@pytest.mark.parametrize(
    "path",
    ["/var/lib/docker/containers", "/var/lib/rancher/k3s/storage/pvc-1", "/var/lib/myapp", "/mnt/data", "/opt/data",
     "/sys/fs/cgroup", "/etc/machine-id", "/usr/share/zoneinfo", "/run/cilium", "/var/openebs/local"],
)  # fmt: skip
def test_logs_data_and_what_nobody_runs_are_left_alone(path: str) -> None:
    assert _kinds(path) == []
