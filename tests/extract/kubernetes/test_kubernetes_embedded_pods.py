"""Pods inside custom resources are read whatever the kind."""

from __future__ import annotations

import pytest
from kubernetes_manifests import lines, model

from gate.model.access import SecretReference, Setting, Source, Workload

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
