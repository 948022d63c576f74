"""``--namespace``: manifests made for ``kubectl apply -n`` name none."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gate.cli import app
from gate.engine.engine import Engine
from gate.errors import UsageError
from gate.inputs.recognise import read_documents
from gate.pipeline import check

INSTALL = """\
apiVersion: v1
kind: ServiceAccount
metadata: {name: ctl}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: elsewhere, namespace: other}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ctl}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: ctl, namespace: argocd}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ctl}
spec:
  selector: {matchLabels: {a: ctl}}
  template:
    metadata: {labels: {a: ctl}}
    spec: {serviceAccountName: ctl, containers: [{name: c, image: i}]}
"""


@pytest.fixture
def install(tmp_path: Path) -> str:
    path = tmp_path / "install.yaml"
    path.write_text(INSTALL, encoding="utf-8")
    return str(path)


def test_objects_that_name_none_are_put_there_and_others_are_left(install: str) -> None:
    found = {m.name: m.namespace for m in read_documents([install], namespace="argocd").manifests}
    assert found == {"ctl": "argocd", "elsewhere": "other"}
    assert {m.namespace for m in read_documents([install]).manifests} == {None, "other"}


def test_the_pod_of_an_administrator_is_told_in_its_namespace(install: str) -> None:
    with Engine() as engine:
        told = [(f.rule, f.identity) for f in check([install], namespace="argocd", engine=engine).findings]
        default = [f.rule for f in check([install], engine=engine).findings]
    assert ("powerful-pod", "k8s:ServiceAccount/argocd/ctl") in told
    assert "powerful-pod" not in default


@pytest.mark.parametrize("name", ["", "Argo", "a b", "-x", "x" * 64])
def test_what_is_no_name_of_a_namespace_is_refused(install: str, name: str) -> None:
    with pytest.raises(UsageError, match="not a valid namespace name"):
        read_documents([install], namespace=name)


@pytest.mark.parametrize("command", ["check", "diff"])
def test_both_commands_take_it(command: str) -> None:
    assert "--namespace" in CliRunner().invoke(app, [command, "--help"]).output
