"""What a path of the node gives away, to who may write there and to who may only read."""

from __future__ import annotations

import pytest

from tests.extract.kubernetes.kubernetes_manifests import model

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
     "/var/run/containerd/x", "/var/lib/containerd", "/var/lib/docker", "/home/kubernetes/bin"],
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
    ["/var/lib/docker/containers", "/var/lib/rancher/k3s/storage/pvc-1", "/mnt/data", "/sys/fs/cgroup",
     "/etc/machine-id", "/usr/share/zoneinfo", "/var/openebs/local", "/var/log/agent", "/proc/meminfo", "/dev/fuse"],
)  # fmt: skip
def test_logs_data_and_what_everybody_knows_are_left_alone(path: str) -> None:
    assert _kinds(path) == []


@pytest.mark.parametrize("path", ["/var/lib/myapp", "/opt/data", "/run/cilium", "/etc/myapp", "/tmp", "/dev/sda"])
def test_what_nobody_knows_is_said(path: str) -> None:
    assert _kinds(path) == _kinds(path, read_only=True) == ["pod-hostpath-unknown"]


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("/var/spool", ["pod-hostpath-system"]),
        ("/var/spool/", ["pod-hostpath-system"]),
        ("/var/lib/../spool/at", ["pod-hostpath-system"]),
        ("/run/k3s", ["pod-hostpath-programs", "pod-hostpath-runtime-socket"]),
        ("/opt", ["pod-hostpath-programs"]),
        ("/var/lib/k0s", ["pod-hostpath-cluster-state", "pod-hostpath-kubelet"]),
        ("/var/lib/rancher", ["pod-hostpath-cluster-state", "pod-hostpath-kubelet", "pod-hostpath-programs"]),
        ("/etc/srv", ["pod-hostpath-kubelet"]),
        ("/usr/local", ["pod-hostpath-programs"]),
        ("/home/ubuntu", ["pod-hostpath-system"]),
    ],
)
def test_a_folder_hands_over_what_lies_below_it(path: str, kinds: list[str]) -> None:
    assert _kinds(path) == kinds


def test_a_snap_of_microk8s_holds_all_of_a_cluster() -> None:
    whole = ["cluster-state", "kubelet", "programs", "runtime-socket"]
    assert _kinds("/var/snap") == [f"pod-hostpath-{kind}" for kind in whole]
    assert _kinds("/var/snap", read_only=True) == [f"pod-hostpath-{kind}" for kind in whole if kind != "programs"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("C:\\", "pod-hostpath-root"),
        ("c:\\var\\lib\\kubelet\\pods", "pod-hostpath-kubelet"),
        ("'\\\\.\\pipe\\docker_engine'", "pod-hostpath-runtime-socket"),
        ("/proc/self/task/1/root/var/lib/kubelet", "pod-hostpath-kubelet"),
        ("/proc/1/map_files", "pod-hostpath-system"),
        ("/sys/kernel", "pod-hostpath-sys"),
        ("/var/lib/cloud/instance", "pod-hostpath-cloud-creds"),
    ],
)
def test_other_spellings_and_other_kinds(path: str, kind: str) -> None:
    assert _kinds(path) == [kind]


@pytest.mark.parametrize(
    ("link", "folder"),
    [("/dev/fd", "/proc/self/fd"), ("/var/lock", "/run/lock"), ("/usr/tmp", "/var/tmp"), ("/var/run", "/run")],
)
def test_what_a_link_of_every_system_leads_to_is_what_it_is(link: str, folder: str) -> None:
    assert _kinds(link) == _kinds(folder)
    assert _kinds(f"{link}/x") == _kinds(f"{folder}/x")
