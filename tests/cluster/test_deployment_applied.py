"""`deploy/` on a real API server: it is taken, its rights are enough, and the guard on the exempting label holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gate.inputs.cluster.kinds import KINDS
from tests.cluster.api_server import ApiServer
from tests.cluster.deployment import MINE, installed, namespace, until
from tests.cluster.webhook import Webhook


@pytest.fixture(scope="module")
def overlay(cluster: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with installed(cluster, tmp_path_factory.mktemp("installed") / "deploy") as folder:
        yield folder


@pytest.fixture(scope="module")
def users(cluster: ApiServer, overlay: Path) -> Iterator[dict[str, Path]]:
    """``editor`` may write namespaces, ``officer`` may exempt them besides."""
    cluster.apply("""
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: namespace-editor, labels: {test: deployment}}
rules:
- {apiGroups: [""], resources: [namespaces, namespaces/status, namespaces/finalize], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: namespace-editors, labels: {test: deployment}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: namespace-editor}
subjects: [{kind: User, name: editor}, {kind: User, name: officer}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: exempting-officers, labels: {test: deployment}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: gate-exempt-namespaces}
subjects: [{kind: User, name: officer}]
""")
    yield {name: cluster.as_user(name) for name in ("editor", "officer")}
    cluster.kubectl("delete", "clusterrole,clusterrolebinding,namespace", *MINE)


def test_the_pods_meet_the_restricted_standard_and_come_first(cluster: ApiServer, overlay: Path):
    def pods() -> list[dict[str, Any]]:
        return json.loads(cluster.kubectl("get", "pods", "-n", "gate-system", "-o", "json"))["items"]

    until(lambda: len(pods()) == 2, "the ReplicaSet could not make its pods")
    assert {pod["spec"]["priority"] for pod in pods()} == {1_000_000_000}


def test_the_role_names_every_resource_that_is_read_as_the_api_server_calls_it(cluster: ApiServer, overlay: Path):
    role = json.loads(cluster.kubectl("get", "clusterrole", "gate-read-only", "-o", "json"))
    may = {(g, r) for rule in role["rules"] for g in rule.get("apiGroups", ()) for r in rule.get("resources", ())}
    said = cluster.kubectl("api-resources", "--verbs=list", "--no-headers").splitlines()
    served = {}
    for line in said:
        plural, *_, version, _, kind = line.split()
        served[version.rpartition("/")[0], kind] = plural
    wanted = {(g, served[g, kind]) for g, kinds in KINDS.items() for kind in kinds if (g, kind) in served}
    assert len(wanted) > 15
    assert wanted <= may


def test_the_role_is_enough_and_shows_no_secret(cluster: ApiServer, overlay: Path, tmp_path: Path):
    account = cluster.as_account("gate-system", "gate")
    webhook = Webhook(cluster, tmp_path, kubeconfig=account)
    webhook.start()
    assert webhook.metric("gate_context_objects") > 100
    assert webhook.end() == 0
    for kind in ("secrets", "configmaps"):
        assert "Forbidden" in cluster.try_kubectl("get", kind, "-A", kubeconfig=account).stderr
    denied = cluster.try_kubectl("auth", "can-i", "create", "pods", "-A", kubeconfig=account)
    assert denied.stdout.strip() == "no"


@pytest.mark.parametrize("subresource", [(), ("--subresource=status",)])
def test_only_who_may_exempt_changes_the_exempting_label(cluster: ApiServer, users, subresource: tuple[str, ...]):
    name = "status-side" if subresource else "front-side"
    cluster.apply(namespace(name))

    def label(user: str, value: str | None) -> str:
        patch = json.dumps({"metadata": {"labels": {"gate.nhi/exempt": value}}})
        done = cluster.try_kubectl("patch", "namespace", name, *subresource, "-p", patch, kubeconfig=users[user])
        return done.stderr

    until(lambda: 'needs the verb "exempt"' in label("editor", "true"), "the guard does not come into force")
    assert "Forbidden" in label("editor", "true")
    assert label("officer", "true") == ""
    assert 'needs the verb "exempt"' in label("editor", "false")
    assert 'needs the verb "exempt"' in label("editor", None)
    assert label("officer", None) == ""


def test_a_namespace_is_not_created_exempt_either(cluster: ApiServer, users):
    exempt = namespace("born-exempt", **{"gate.nhi/exempt": "true"})
    until(lambda: cluster.try_kubectl("apply", "-f", "-", stdin=namespace("plain")).returncode == 0)
    done = cluster.try_kubectl("create", "-f", "-", stdin=exempt, kubeconfig=users["editor"])
    assert 'needs the verb "exempt"' in done.stderr
    cluster.kubectl("create", "-f", "-", stdin=exempt, kubeconfig=users["officer"])


def test_other_labels_and_other_namespaces_are_nobody_s_business(cluster: ApiServer, users):
    cluster.kubectl("create", "-f", "-", stdin=namespace("ordinary", team="shop"), kubeconfig=users["editor"])
    cluster.kubectl("label", "namespace", "ordinary", "team=other", "--overwrite", kubeconfig=users["editor"])
    cluster.kubectl("delete", "namespace", "ordinary", kubeconfig=users["editor"])


def test_the_gate_s_own_namespace_is_not_deleted_by_everybody(cluster: ApiServer, users):
    delete = ("delete", "namespace", "gate-system", "--dry-run=server")
    assert 'deleting it needs the verb "exempt"' in cluster.try_kubectl(*delete, kubeconfig=users["editor"]).stderr
    assert cluster.try_kubectl(*delete, kubeconfig=users["officer"]).returncode == 0
