"""An object of a cluster is the same object whether YAML or a Terraform resource writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gate.engine.engine import Engine
from gate.inputs.config import Config
from gate.inputs.documents import Documents, SourceFile
from gate.inputs.manifests.manifest_files import parse_manifests
from gate.inputs.terraform.plan_json import parse_plan
from gate.judgement import judge

FILE = SourceFile("plan.json", "terraform-plan", "0" * 64)
Resource = tuple[str, dict[str, Any]]

ACCOUNT = {"metadata": [{"name": "bot", "namespace": "apps", "labels": None, "generate_name": None}],
           "automount_service_account_token": True}  # fmt: skip
READER = {"metadata": [{"name": "reader"}], "rule": [{"api_groups": [""], "resources": ["secrets"], "verbs": ["list"],
                                                    "resource_names": None, "non_resource_urls": None}]}  # fmt: skip
BOUND = {
    "metadata": [{"name": "readers"}],
    "role_ref": [{"api_group": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "reader"}],
    "subject": [
        {"kind": "ServiceAccount", "name": "bot", "namespace": "apps", "api_group": ""},
        {"kind": "Group", "name": "oidc:admins", "namespace": "", "api_group": "rbac.authorization.k8s.io"},
    ],
}
_CONTAINER = {
    "name": "c",
    "image": "i",
    "env": [{"name": "MODE", "value": "a", "value_from": []}],
    "port": [{"container_port": 80, "host_port": None}],
    "volume_mount": [{"name": "root", "mount_path": "/host", "read_only": False}],
    "security_context": [
        {"privileged": True, "run_as_user": "0", "capabilities": [{"add": ["SYS_ADMIN"], "drop": []}]}
    ],
}
_POD = {
    "service_account_name": "bot",
    "automount_service_account_token": True,
    "host_pid": True,
    "host_network": False,
    "node_selector": {"a_b": "c"},
    "container": [_CONTAINER],
    "volume": [{"name": "root", "host_path": [{"path": "/", "type": ""}], "secret": []}],
}
DEPLOYED = {
    "metadata": [{"name": "d", "namespace": "apps"}],
    "spec": [{
        "selector": [{"match_labels": {"a": "d"}}],
        "template": [{"metadata": [{"labels": {"a": "d"}}], "spec": [_POD]}],
    }],
    "wait_for_rollout": True,
}  # fmt: skip
YAML = """\
apiVersion: v1
kind: ServiceAccount
metadata: {name: bot, namespace: apps}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [secrets], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects:
  - {kind: ServiceAccount, name: bot, namespace: apps}
  - {kind: Group, name: "oidc:admins", apiGroup: rbac.authorization.k8s.io}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: apps}
spec:
  selector: {matchLabels: {a: d}}
  template:
    metadata: {labels: {a: d}}
    spec:
      serviceAccountName: bot
      hostPID: true
      volumes: [{name: root, hostPath: {path: /}}]
      containers:
        - name: c
          image: i
          env: [{name: MODE, value: a}]
          ports: [{containerPort: 80}]
          volumeMounts: [{name: root, mountPath: /host}]
          securityContext: {privileged: true, runAsUser: 0, capabilities: {add: [SYS_ADMIN]}}
"""
TYPED: tuple[Resource, ...] = (
    ("kubernetes_service_account_v1", ACCOUNT),
    ("kubernetes_cluster_role_v1", READER),
    ("kubernetes_cluster_role_binding", BOUND),
    ("kubernetes_deployment_v1", DEPLOYED),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as running:
        yield running


def _plan(*resources: Resource, before: bool = False, unknown: object = False, expressions: Any = None) -> Documents:  # noqa: ANN401
    changes, configured = [], []
    for number, (kind, values) in enumerate(resources):
        entry = {"address": f"{kind}.x{number}", "mode": "managed", "type": kind, "name": f"x{number}"}
        written = {name: {"constant_value": value} for name, value in values.items()} | (expressions or {})
        change = {"actions": ["no-op"] if before else ["create"], "before": values if before else None, "after": values}
        changes.append({**entry, "change": {**change, "after_unknown": unknown}})
        configured.append({**entry, "expressions": written})
    root = {"root_module": {"resources": configured}}
    plan, _ = parse_plan({"format_version": "1.2", "resource_changes": changes, "configuration": root}, FILE)
    return Documents(plans=[plan])


def _told(documents: Documents, engine: Engine) -> list[tuple[str, str | None, str, str]]:
    decision = judge(documents, Config(), engine)
    return sorted((f.rule, f.identity, f.severity, f.message) for f in decision.findings)


def _manifests(text: str) -> Documents:
    return Documents(manifests=parse_manifests(text, FILE).manifests)


def test_the_kubernetes_providers_resources_are_judged_as_the_objects_they_are(engine: Engine) -> None:
    found = _told(_plan(*TYPED), engine)
    assert {rule for rule, *_ in found} >= {"rbac-escalation", "powerful-pod", "node-takeover"}
    assert found == _told(_manifests(YAML), engine)


@pytest.mark.parametrize(
    ("kind", "attribute", "whole"),
    [
        ("kubectl_manifest", "yaml_body", False),
        ("kubernetes_manifest", "manifest", True),
        ("kustomization_resource", "manifest", False),
    ],
)
def test_whole_objects_are_judged_as_they_are(engine: Engine, kind: str, attribute: str, whole: bool) -> None:
    bodies = [manifest.body for manifest in parse_manifests(YAML, FILE).manifests]
    resources = [(kind, {attribute: body if whole else json.dumps(body)}) for body in bodies]
    assert _told(_plan(*resources), engine) == _told(_manifests(YAML), engine)


def test_a_release_that_shows_what_it_renders_is_judged_by_that(engine: Engine) -> None:
    bodies = {f"x/{n}": manifest.body for n, manifest in enumerate(parse_manifests(YAML, FILE).manifests)}
    assert _told(_plan(("helm_release", {"manifest": json.dumps(bodies)})), engine) == _told(_manifests(YAML), engine)
    ((rule, identity, severity, message),) = _told(_plan(("helm_release", {"chart": "agent"})), engine)
    assert (rule, identity, severity) == ("not-analysed", None, "high")
    assert "deploys objects that are not in this change" in message


def test_what_was_there_before_is_not_new(engine: Engine) -> None:
    decision = judge(_plan(*TYPED, before=True), Config(), engine)
    assert (decision.verdict, {f.change for f in decision.findings}) == ("allow", {"preexisting"})


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("kubernetes_config_map_v1", {"metadata": [{"name": "x", "namespace": "app"}], "data": {"a": "b"}}),
        ("kubernetes_service_v1", {"metadata": [{"name": "x"}], "spec": [{"port": [{"port": 80}], "selector": {}}]}),
        ("kubernetes_namespace", {"metadata": [{"name": "x", "labels": {"a": "b"}}]}),
        ("kubernetes_role", {"metadata": [{"name": "x", "namespace": "app"}],
                             "rule": [{"api_groups": [""], "resources": ["configmaps"], "verbs": ["get"]}]}),
        ("kubernetes_secret_v1", {"metadata": [{"name": "x", "namespace": "app"}], "data": {"ca.crt": ""}}),
    ],
)  # fmt: skip
def test_what_gives_nothing_away_is_allowed(engine: Engine, kind: str, values: dict[str, Any]) -> None:
    assert _told(_plan((kind, values)), engine) == []


def test_the_map_of_a_clusters_users_is_still_told(engine: Engine) -> None:
    roles = "- rolearn: arn:aws:iam::111122223333:role/ops\n  username: ops\n  groups: [system:masters]\n"
    values = {"metadata": [{"name": "aws-auth", "namespace": "kube-system"}], "data": {"mapRoles": roles}}
    text = json.dumps(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": values["metadata"][0], "data": values["data"]}
    )
    found = _told(_plan(("kubernetes_config_map", values)), engine)
    assert found and found == _told(_manifests(text), engine)


@pytest.mark.parametrize(
    ("unknown", "expressions", "is_read"),
    [
        # The provider fills it in: nobody configured it.
        ({"spec": [{"template": [{"spec": [{"hostname": True, "container": [{"image_pull_policy": True}]}]}]}]},
         {"spec": [{"template": [{"spec": [{"container": [{"name": {"constant_value": "c"}}]}]}]}]}, True),
        # Where the image comes from decides about no access.
        ({"spec": [{"template": [{"spec": [{"container": [{"image": True}]}]}]}]},
         {"spec": [{"template": [{"spec": [{"container": [{"image": {"references": ["x.y.url"]}}]}]}]}]}, True),
        # As whom it runs does.
        ({"spec": [{"template": [{"spec": [{"service_account_name": True}]}]}]},
         {"spec": [{"template": [{"spec": [{"service_account_name": {"references": ["x.y.name"]}}]}]}]}, False),
        # A dynamic block has no expression.
        ({"spec": [{"template": [{"spec": [{"volume": [{"host_path": [{"path": True}]}]}]}]}]},
         {"spec": [{"template": [{"spec": [{}]}]}]}, False),
        (True, {}, False),
    ],
)  # fmt: skip
def test_an_object_is_left_unread_where_something_that_decides_is_not_known(
    engine: Engine, unknown: object, expressions: dict[str, Any], is_read: bool
) -> None:
    documents = _plan(("kubernetes_deployment_v1", DEPLOYED), unknown=unknown, expressions=expressions)
    rules = {rule for rule, *_ in _told(documents, engine)}
    assert ("not-analysed" in rules, "node-takeover" in rules) == (not is_read, is_read)


def test_a_secret_is_told_where_it_is_written_out_and_not_where_it_is_handed_on(engine: Engine) -> None:
    value = "Kq7vXm2zRw9LtB4d"
    values = {"metadata": [{"name": "s", "namespace": "app"}], "data": {"x": value}}
    body = json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"x": value}})
    for kind, given, attribute in (
        ("kubernetes_secret_v1", values, "data"),
        ("kubectl_manifest", {"yaml_body": body}, "yaml_body"),
    ):
        ((rule, _, severity, message),) = _told(_plan((kind, given)), engine)
        assert (rule, severity) == ("plaintext-secret", "high") and message.startswith(f"{kind}.x0 contains")
        function: dict[str, Any] = {attribute: {}}  # yamlencode({…}), file("…")
        assert [rule for rule, *_ in _told(_plan((kind, given), expressions=function), engine)] == ["plaintext-secret"]
        by = {attribute: {"references": ["random_password.p.result", "random_password.p"]}}
        assert _told(_plan((kind, given), expressions=by), engine) == []


def test_labels_that_a_resource_puts_on_a_namespace_are_that_namespace_s(engine: Engine) -> None:
    part = {"api_version": "v1", "kind": "Namespace", "metadata": [{"name": "x"}], "labels": {"a.example.com/b": "c"}}
    assert _told(_plan(("kubernetes_labels", part)), engine) == []
    (found,) = _told(_plan(("kubernetes_labels", part), unknown={"labels": True}), engine)
    assert found[:3] == ("not-analysed", None, "medium")


def test_what_is_patched_on_an_account_is_refused_until_somebody_reviews_it(engine: Engine) -> None:
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/org-admin"}
    part = {"kind": "ServiceAccount", "metadata": [{"name": "default"}], "annotations": role}
    (found,) = _told(_plan(("kubernetes_annotations", part)), engine)
    assert found[:3] == ("not-analysed", None, "high")
    exempts = {"kind": "Namespace", "metadata": [{"name": "x"}], "labels": {"gate.nhi/exempt": "true"}}
    (found,) = _told(_plan(("kubernetes_labels", exempts)), engine)
    assert found[:3] == ("loose-guard", None, "high")


@pytest.mark.parametrize("kept", [False, True])
def test_the_gate_s_own_webhook_that_a_plan_takes_away_is_told(engine: Engine, kept: bool) -> None:
    hook = {"name": "admission.gate.nhi", "failure_policy": "Fail", "rule": [], "client_config": []}
    values = {"metadata": [{"name": "acme"}], "webhook": [hook]}
    kind = "kubernetes_validating_webhook_configuration_v1"
    change = {"actions": ["no-op" if kept else "delete"], "before": values, "after": values if kept else None}
    entry = {"address": f"{kind}.x", "mode": "managed", "type": kind, "name": "x", "change": change}
    plan, _ = parse_plan({"format_version": "1.2", "resource_changes": [entry]}, FILE)
    decision = judge(Documents(plans=[plan]), Config(), engine)
    found = [(f.rule, f.status, f.evidence[0]["action"]) for f in decision.findings if f.rule == "loose-guard"]
    told = ("loose-guard", "preexisting", "asks less") if kept else ("loose-guard", "active", "deleted")
    assert (decision.verdict, found) == ("allow" if kept else "deny", [told])
