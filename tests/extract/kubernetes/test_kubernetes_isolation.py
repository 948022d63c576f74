"""Settings that weaken a pod's isolation, and where it wants to run."""

from __future__ import annotations

import pytest

from tests.extract.kubernetes.kubernetes_manifests import model

HARD = "securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}"
APP = "{name: app, image: i, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}%s}%s}"


def _said(spec: str, metadata: str = "name: p, namespace: shop", kind: str = "Pod") -> list[tuple[str, str]]:
    text = f"apiVersion: v1\nkind: Pod\nmetadata: {{{metadata}}}\nspec: {{{spec}}}\n"
    if kind == "DaemonSet":
        head = f"apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{{metadata}}}\n"
        text = f"{head}spec: {{template: {{spec: {{{spec}}}}}}}\n"
    return [(s.name, s.value) for w in model(text).workloads.values() for s in w.isolation]


def _pod(more: str = "", *, context: str = "", container: str = "", hard: str = HARD) -> list[tuple[str, str]]:
    return _said(", ".join(part for part in (hard, f"containers: [{APP % (context, container)}]", more) if part))


def test_a_pod_that_pod_security_calls_restricted_says_nothing() -> None:
    assert _pod() == []


def test_what_is_left_unset_is_said_once_a_pod() -> None:
    containers = "containers: [{name: a, image: i}, {name: b, image: i}]"
    assert _said(containers) == [
        ("pod-cap-no-drop", "ALL is not dropped"),
        ("pod-allow-privilege-escalation", "not set"),
        ("pod-run-as-root", "not set"),
        ("pod-seccomp-unconfined", "not set"),
        ("pod-host-users", "not set"),
    ]


@pytest.mark.parametrize(
    ("context", "said"),
    [
        (", runAsUser: 0", [("pod-run-as-root", "user 0"), ("pod-host-users", "not set")]),
        (", runAsGroup: 0", [("pod-run-as-root", "group 0"), ("pod-host-users", "not set")]),
        (", runAsUser: 1000", []),
        (", seccompProfile: {type: Unconfined}", [("pod-seccomp-unconfined", "Unconfined")]),
        (", appArmorProfile: {type: Unconfined}", [("pod-apparmor-unconfined", "Unconfined")]),
        (", seLinuxOptions: {user: system_u, type: spc_t}", [("pod-selinux-custom", "user, spc_t")]),
        (", seLinuxOptions: {level: 's0:c1'}", []),
    ],
)
def test_a_container_speaks_before_its_pod(context: str, said: list[tuple[str, str]]) -> None:
    assert _pod(context=context) == said


def test_windows_knows_none_of_linux() -> None:
    assert _said("os: {name: windows}, containers: [{name: a, image: i}]") == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("shareProcessNamespace: true", []),
        ("hostUsers: true", []),
        ("volumes: [{name: v, nfs: {server: s, path: /}}]", [("pod-volume-types", "nfs")]),
        ("volumes: [{name: v, hostPath: {path: /srv}}]", []),
        ("nodeName: n1", [("pod-node-name-or-tolerations", "node n1")]),
        ("priorityClassName: system-node-critical", [("pod-node-name-or-tolerations", "system-node-critical")]),
        ("nodeSelector: {node-role.kubernetes.io/control-plane: ''}",
         [("pod-node-name-or-tolerations", "control plane")]),
        ("tolerations: [{key: node-role.kubernetes.io/master, operator: Exists}]",
         [("pod-node-name-or-tolerations", "control plane")]),
        ("tolerations: [{operator: Exists}]", []),
        ("affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
         "[{matchExpressions: [{key: node-role.kubernetes.io/control-plane, operator: Exists}]}]}}}",
         [("pod-node-name-or-tolerations", "control plane")]),
    ],
)  # fmt: skip
def test_settings_of_the_pod(more: str, said: list[tuple[str, str]]) -> None:
    assert _pod(more) == said


def test_a_daemon_set_may_run_on_every_node() -> None:
    spec = f"{HARD}, containers: [{APP % ('', '')}], tolerations: [{{key: node-role.kubernetes.io/control-plane}}]"
    assert _said(spec, kind="DaemonSet") == []


def test_hooks_and_probes_that_ask_another_host() -> None:
    assert _pod(container=", lifecycle: {preStop: {httpGet: {host: 169.254.169.254, port: 80}}}") == [
        ("pod-host-probes", "169.254.169.254")
    ]
    assert _pod(container=", readinessProbe: {tcpSocket: {port: 80}}") == []


def test_what_the_system_runs_in_its_namespace_says_so_by_its_priority() -> None:
    spec = f"{HARD}, containers: [{APP % ('', '')}]"
    assert _said(spec, "name: p, namespace: kube-system") == [("pod-kube-system-namespace", "kube-system")]
    assert _said(f"{spec}, priorityClassName: system-cluster-critical", "name: p, namespace: kube-system") == []


def test_a_pod_that_names_a_role_or_poses_as_static() -> None:
    spec = f"{HARD}, containers: [{APP % ('', '')}]"
    notes = (
        "annotations: {iam.amazonaws.com/role: web, kubernetes.io/config.mirror: abc}, labels: {aadpodidbinding: web}"
    )
    assert _said(spec, f"name: p, namespace: shop, {notes}") == [
        ("pod-static-mirror", "kubernetes.io/config.mirror"),
        ("pod-cloud-annotations", "web"),
        ("pod-cloud-annotations", "azure:web"),
    ]
