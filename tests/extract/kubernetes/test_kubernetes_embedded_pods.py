"""Pods inside custom resources are read whatever the kind."""

from __future__ import annotations

import pytest

from gate.model.access import SecretReference, Setting, Source, Workload
from tests.extract.kubernetes.kubernetes_manifests import lines, model

RUNNER = "k8s:ServiceAccount/ci/runner"


def test_a_workflow_is_a_workload_with_the_settings_of_every_template() -> None:
    found = model(
        """\
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {generateName: build-, namespace: ci}
        spec:
          serviceAccountName: runner
          volumes:
            - {name: sock, hostPath: {path: /var/run/docker.sock}}
          templates:
            - name: build
              container:
                image: builder
                command: [build, "{{inputs.parameters.target}}"]
                env: [{name: T, valueFrom: {secretKeyRef: {name: token, key: t}}}]
                volumeMounts: [{name: sock, mountPath: /s}]
              sidecars: [{name: d, image: dind, securityContext: {privileged: true}}]
        """
    )
    workflow = "k8s:Workflow/ci/build-"
    assert found.workloads == {
        workflow: Workload(
            id=workflow,
            kind="Workflow",
            platform="kubernetes",
            runs_as=(RUNNER,),
            source=Source(workflow, None, lines(1, 15)),
            namespace="ci",
            token=True,
            settings=(
                Setting(
                    "pod-privileged",
                    "spec.templates[0].containers[0].securityContext.privileged",
                    "true",
                    Source(workflow, None, lines(9, 15)),
                ),
                Setting(
                    "pod-hostpath-runtime-socket",
                    "spec.templates[0].volumes[0].hostPath.path",
                    "/var/run/docker.sock",
                    Source(workflow, None, lines(9, 15)),
                ),
            ),
            secrets=(SecretReference("k8s:Secret/ci/token", "env"),),
            change="create",
        )
    }
    assert set(found.identities) == {RUNNER}


@pytest.mark.parametrize(
    ("api", "kind", "spec", "settings", "runs_as"),
    [
        (
            "apps.kruise.io/v1alpha1",
            "CloneSet",
            "template: {spec: {hostPID: true, containers: [{name: c, image: i}]}}",
            ["pod-host-pid"],
            "default",
        ),
        (
            "tekton.dev/v1",
            "Task",
            "steps: [{name: s, image: i, securityContext: {privileged: true}}]",
            ["pod-privileged"],
            None,
        ),
        (
            "tekton.dev/v1",
            "TaskRun",
            "serviceAccountName: runner, podTemplate: {hostNetwork: true}",
            ["pod-host-network"],
            "runner",
        ),
        (
            "keda.sh/v1alpha1",
            "ScaledJob",
            "jobTargetRef: {template: {spec: {serviceAccountName: runner, containers: [{image: i}]}}}",
            [],
            "runner",
        ),
        ("monitoring.coreos.com/v1", "Prometheus", "serviceAccountName: runner, replicas: 2", [], "runner"),
    ],
)
def test_kinds_nobody_listed(api: str, kind: str, spec: str, settings: list[str], runs_as: str | None) -> None:
    text = f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: one, namespace: ci}}\nspec: {{{spec}}}\n"
    [workload] = model(text).workloads.values()
    assert [setting.name for setting in workload.settings] == settings
    assert workload.runs_as == ((f"k8s:ServiceAccount/ci/{runs_as}",) if runs_as else ())


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: one}\nspec: {groups: []}\n",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: one}\n"
        "spec: {containers: [{image: i, securityContext: {privileged: true}}]}\n",
    ],
)
def test_what_runs_nothing_is_no_workload(text: str) -> None:
    assert model(text).workloads == {}


def _told(text: str) -> dict[str, tuple[tuple[str, ...], set[str]]]:
    return {w.id: (w.runs_as, {s.name for s in w.settings}) for w in model(text).workloads.values()}


ADMIN = "k8s:ServiceAccount/apps/adm"


@pytest.mark.parametrize(
    ("kind", "spec", "runs_as", "settings"),
    [
        # Settings of the container beside those of the pod.
        ("sparkoperator.k8s.io/v1beta2 SparkApplication",
         "{volumes: [{name: r, hostPath: {path: /}}], driver: {serviceAccount: adm, "
         "securityContext: {privileged: true}, volumeMounts: [{name: r, mountPath: /h}]}, executor: {}}",
         (ADMIN,), {"pod-privileged", "pod-hostpath-root"}),
        ("opentelemetry.io/v1beta1 OpenTelemetryCollector",
         "{serviceAccount: adm, securityContext: {privileged: true}, volumes: [{name: r, hostPath: {path: /}}], "
         "volumeMounts: [{name: r, mountPath: /h}], config: {}}",
         (ADMIN,), {"pod-privileged", "pod-hostpath-root"}),
        ("monitoring.coreos.com/v1 Prometheus",
         "{serviceAccountName: adm, securityContext: {fsGroup: 2000}, volumes: [{name: r, hostPath: {path: /}}], "
         "volumeMounts: [{name: r, mountPath: /h}]}",
         (ADMIN,), {"pod-hostpath-root"}),
        ("example.com/v1 Agent", "{node: {securityContext: {capabilities: {add: [SYS_ADMIN]}}}}",
         (), {"pod-cap-sys-admin"}),
        # A volume that holds an account's token.
        ("kubevirt.io/v1 VirtualMachine",
         "{template: {spec: {domain: {}, volumes: [{name: sa, serviceAccount: {serviceAccountName: adm}}]}}}",
         ("k8s:ServiceAccount/apps/adm",), set()),
        ("example.com/v1 Job", "{serviceAccount: adm}", (ADMIN,), set()),
        # No account of the cluster, and a security context of a pod alone.
        ("example.com/v1 Bucket", "{serviceAccount: app@project.iam.gserviceaccount.com}", None, set()),
        ("example.com/v1 Thing", "{securityContext: {fsGroup: 1, runAsUser: 0}}", None, set()),
        ("example.com/v1 Thing", "{volumes: [{name: r, hostPath: {path: /}}]}", None, set()),
        ("storage.k8s.io/v1 StorageClass", "{serviceAccount: adm, securityContext: {privileged: true}}", None, set()),
    ],
)  # fmt: skip
def test_pod_settings_that_stand_flat_in_an_operators_kind_are_read(
    kind: str, spec: str, runs_as: tuple[str, ...] | None, settings: set[str]
) -> None:
    version, name = kind.split(" ")
    found = _told(f"apiVersion: {version}\nkind: {name}\nmetadata: {{name: x, namespace: apps}}\nspec: {spec}\n")
    expected = {} if runs_as is None else {f"k8s:{name}/apps/x": (runs_as, settings)}
    if name == "VirtualMachine":  # the account of its own pod, then the one whose token a disk holds
        found = {key: (tuple(a for a in accounts if a == ADMIN), s) for key, (accounts, s) in found.items()}
    assert found == expected
