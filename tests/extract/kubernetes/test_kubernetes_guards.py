"""What makes this gate's own guard weak, told from `deploy/` as it is and each change of it; and guards of others."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from gate.extract.kubernetes.adapter import extract
from gate.extract.kubernetes.guards.own import as_shipped
from gate.inputs.documents import Manifest
from gate.inputs.manifests.manifest_files import parse_manifests
from gate.model.access import AccessModel, GuardFlaw
from tests.extract.kubernetes.kubernetes_manifests import FILE, model
from tools.generate import own_guard

ROOT = Path(__file__).parents[3]
BASE = ROOT / "deploy" / "base"
RBAC = "rbac.authorization.k8s.io"
Change = Callable[[dict[str, Any]], object]
Said = list[tuple[str, str, str]]


def _shipped(file: str, kind: str) -> dict[str, Any]:
    found = yaml.safe_load_all((BASE / file).read_text(encoding="utf-8"))
    return next(document for document in found if document["kind"] == kind)


def _said(*bodies: dict[str, Any]) -> Said:
    found = model("---\n".join(yaml.safe_dump(body) for body in bodies))
    assert found.unknown == []
    return [(loose.guard, loose.flaw, loose.what) for loose in found.loose_guards]


def _changed(body: dict[str, Any], change: Change) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    change(changed)
    return changed


CONFIG = _shipped("webhooks.yaml", "ValidatingWebhookConfiguration")
DEPLOYMENT = _shipped("deployment.yaml", "Deployment")
SERVICE = _shipped("deployment.yaml", "Service")
POLICY = _shipped("exemptions.yaml", "ValidatingAdmissionPolicy")
BINDING = _shipped("exemptions.yaml", "ValidatingAdmissionPolicyBinding")


def _settings(text: str) -> dict[str, Any]:
    metadata = {"name": "gate-config-7m4k", "namespace": "gate-system"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"gate.yaml": text}}


def _first(body: dict[str, Any]) -> dict[str, Any]:
    hook: dict[str, Any] = body["webhooks"][0]
    return hook


def _excluded(name: str) -> Change:
    return lambda body: _first(body)["namespaceSelector"]["matchExpressions"][0]["values"].append(name)


def test_what_is_shipped_is_whole() -> None:
    for body in (CONFIG, DEPLOYMENT, SERVICE, POLICY, BINDING, _settings((BASE / "gate.yaml").read_text())):
        assert _said(body) == []


def test_the_packaged_expressions_are_those_of_deploy() -> None:
    assert as_shipped() == own_guard.shipped(), "run `make knowledge`"


def test_every_flaw_is_weighed() -> None:
    known = yaml.safe_load((ROOT / "rego/gate/knowledge/kubernetes/guards/data.yaml").read_text())
    assert set(known) == set(get_args(GuardFlaw))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda b: b.update(webhooks=[]), ("asks nobody", "no webhooks")),
        (lambda b: b.pop("webhooks"), ("asks nobody", "no webhooks")),
        (lambda b: _first(b).update(failurePolicy="Ignore"), ("ignores failures", "failurePolicy: Ignore")),
        (lambda b: _first(b).update(clientConfig={"url": "https://x.example.com"}), ("asks another", "a URL")),
        (lambda b: _first(b)["clientConfig"]["service"].update(namespace="mine"),
         ("asks another", "mine/gate-admission")),
        (lambda b: _first(b)["clientConfig"]["service"].update(name="yes"), ("asks another", "gate-system/yes")),
        (lambda b: _first(b).update(objectSelector={"matchLabels": {"a": "b"}}),
         ("asks less", "only objects with certain labels")),
        (lambda b: _first(b).update(namespaceSelector={"matchLabels": {"judged": "yes"}}),
         ("asks less", "only namespaces with certain labels")),
        (lambda b: _first(b)["matchConditions"].append({"name": "x", "expression": "request.userInfo.username != 'm'"}),
         ("asks less", "by matchConditions that are not the gate's")),
        (lambda b: _first(b).update(matchPolicy="Exact"), ("asks less", "matchPolicy: Exact")),
        (_excluded("shop"), ("asks less", "not in shop")),
        (lambda b: b["webhooks"].pop(), ("asks less", "not in gate-system, kube-system")),
        (lambda b: _first(b)["rules"][0].update(resources=["roles", "rolebindings"]),
         ("asks less", f"not about clusterrolebindings.{RBAC}, clusterroles.{RBAC}")),
        (lambda b: _first(b)["rules"][3].update(operations=["UPDATE"]),
         ("asks less", "not about cronjobs.batch, daemonsets.apps, deployments.apps, jobs.batch, replicasets.apps, "
                       "statefulsets.apps")),
        (lambda b: _first(b)["rules"][1].update(apiVersions=["v9"]),
         ("asks less", "not about namespaces, pods, pods/ephemeralcontainers, replicationcontrollers, "
                       "serviceaccounts")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["gate", "acme-gate", "other"])
def test_a_webhook_of_the_gate_that_judges_less(change: Change, said: tuple[str, str], name: str) -> None:
    body = _changed(CONFIG, change)
    body["metadata"].update(name=name, labels={"app.kubernetes.io/part-of": "nhi-gate"})
    assert _said(body) == [("gate", *said)]


def test_the_gate_may_run_in_another_namespace() -> None:
    moved = copy.deepcopy(CONFIG)
    for hook in moved["webhooks"]:
        hook["clientConfig"]["service"]["namespace"] = "sec"
    assert [flaw for _, flaw, _ in _said(moved)] == ["asks another", "asks another"]
    home = _changed(DEPLOYMENT, lambda body: body["metadata"].update(namespace="sec"))
    assert _said(moved, home) == []


@pytest.mark.parametrize(
    ("body", "change", "said"),
    [
        (DEPLOYMENT, lambda b: b["spec"].update(replicas=0), ("stopped", "replicas: 0")),
        (DEPLOYMENT, lambda b: b["spec"]["template"]["spec"]["containers"][0].update(args=["sleep", "9"]),
         ("other program", "no container runs gate serve admission")),
        (DEPLOYMENT, lambda b: b["spec"]["template"]["spec"]["containers"][0].update(command=["/bin/proxy"]),
         ("other program", "no container runs gate serve admission")),
        (DEPLOYMENT, lambda b: b["spec"]["template"]["spec"]["containers"][0]["args"].append("--mode=dry-run"),
         ("does not refuse", "--mode dry-run")),
        (DEPLOYMENT, lambda b: b["spec"]["template"]["spec"]["containers"][0]["args"].extend(["--mode", "warn"]),
         ("does not refuse", "--mode warn")),
        (DEPLOYMENT, lambda b: b["spec"]["template"]["spec"]["containers"][0].update(env=[{"name": "GATE_OPA"}]),
         ("other program", "the variable GATE_OPA")),
        (SERVICE, lambda b: b["spec"]["selector"].update({"app.kubernetes.io/name": "mine"}),
         ("asks another", "pods that are not the gate's")),
        (SERVICE, lambda b: b.update(spec={"type": "ExternalName", "externalName": "x.example.com"}),
         ("asks another", "a name elsewhere")),
        (POLICY, lambda b: b["spec"].update(failurePolicy="Ignore"), ("ignores failures", "failurePolicy: Ignore")),
        (POLICY, lambda b: b["spec"].update(validations=[{"expression": "true"}]),
         ("leaves out", "validations that are not the gate's")),
        (POLICY, lambda b: b["spec"]["variables"][2].update(expression="true"),
         ("leaves out", "variables that are not the gate's")),
        (POLICY, lambda b: b["spec"].update(matchConditions=[{"name": "x", "expression": "false"}]),
         ("asks less", "by matchConditions")),
        (POLICY, lambda b: b["spec"]["matchConstraints"].update(objectSelector={"matchLabels": {"a": "b"}}),
         ("asks less", "by matchConstraints")),
        (POLICY, lambda b: b["spec"]["matchConstraints"]["resourceRules"][0].update(resources=["namespaces"]),
         ("asks less", "by matchConstraints")),
        (BINDING, lambda b: b["spec"].update(validationActions=["Audit"]),
         ("does not refuse", "validationActions without Deny")),
        (BINDING, lambda b: b["spec"].update(matchResources={"namespaceSelector": {"matchLabels": {"a": "b"}}}),
         ("asks less", "by matchResources of its binding")),
    ],
)  # fmt: skip
def test_what_answers_and_what_guards_exemptions(body: dict[str, Any], change: Change, said: tuple[str, str]) -> None:
    assert _said(_changed(body, change)) == [("gate", *said)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("admission: {mode: dry-run}", ("does not refuse", "mode: dry-run")),
        ("admission: {mode: warn}", ("does not refuse", "mode: warn")),
        ("admission: {namespaces: [{names: ['*'], mode: warn}]}", ("does not refuse", "mode: warn in every namespace")),
        ("admission: {namespaces: [{names: ['dev-*', ops], mode: warn}]}", ("leaves out", "mode: warn in dev-*, ops")),
        ("deny_from: critical", ("leaves out", "deny_from: critical")),
        ("rules: {cluster-admin: {enabled: false, reason: x}}", ("leaves out", "the rule cluster-admin")),
        ("rules: {cluster-admin: {effect: warn, reason: x}}", ("leaves out", "the rule cluster-admin")),
    ],
)
def test_settings_that_refuse_less(text: str, said: tuple[str, str]) -> None:
    assert _said(_settings(f"version: 1\n{text}\n")) == [("gate", *said)]


def test_settings_that_refuse_more_or_are_none() -> None:
    stricter = "admission: {namespaces: [{names: [prod], deny_from: medium}]}"
    for text in ("deny_from: low", stricter, "{", "[a]", "a: b\n---\nc: d"):
        assert _said(_settings(text)) == []


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"gate.nhi/exempt": "true"}, [("gate", "exempts", "x")]),
        ({"gate.nhi/exempt": "false"}, []),
        ({"admission.gatekeeper.sh/ignore": "yes"}, [("policy engine", "exempts", "x")]),
        ({"team": "gate"}, []),
    ],
)
def test_labels_of_a_namespace_that_take_it_out_of_sight(labels: dict[str, str], said: Said) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x", "labels": labels}}
    assert _said(namespace) == said


OTHER = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {{name: policies}}
webhooks:
  - name: validate.example.com
    failurePolicy: {failure}
    clientConfig: {{service: {{name: w, namespace: d}}}}
    rules: [{{apiGroups: ['{group}'], apiVersions: ['*'], operations: ['*'], resources: ['*']}}]
"""


@pytest.mark.parametrize(
    ("failure", "group", "said"),
    [
        ("Ignore", "*", [("webhook", "ignores failures", "failurePolicy: Ignore")]),
        ("Ignore", "rbac.authorization.k8s.io", [("webhook", "ignores failures", "failurePolicy: Ignore")]),
        ("Ignore", "cert-manager.io", []),
        ("Fail", "*", []),
    ],
)
def test_webhooks_of_others(failure: str, group: str, said: Said) -> None:
    assert _said(*yaml.safe_load_all(OTHER.format(failure=failure, group=group))) == said


@pytest.mark.parametrize(
    ("expression", "never"),
    [
        ("false", True),
        ("request.userInfo.username != 'x' && false", True),
        ("!(true)", True),
        ("(1 == 2) || ('a' != 'a')", True),
        ("has(object.spec.x) && (object.kind == 'Role' && 1 == 2)", True),
        ("true", False),
        ("false || request.operation == 'CREATE'", False),
        ("'false' != ''", False),
        ("!('system:nodes' in request.userInfo.groups)", False),
        ("[false].exists(x, x)", False),
        ("true ? object.spec.a : false", False),
        ("object.spec.x in ['&& false']", False),
    ],
)
def test_a_webhook_that_is_never_asked(expression: str, never: bool) -> None:
    (body,) = yaml.safe_load_all(OTHER.format(failure="Fail", group="*"))
    _first(body)["matchConditions"] = [{"name": "a", "expression": "true"}, {"name": "b", "expression": expression}]
    said = [("webhook", "asks nobody", "by a matchCondition that is never true")] if never else []
    assert _said(body) == said


@pytest.mark.parametrize(
    ("expression", "said"), [("true", []), ("1 == 1 || object.x", []), ("has(object.x)", ["asks less"])]
)
def test_a_condition_that_always_holds_takes_nothing_from_the_gates_webhook(expression: str, said: list[str]) -> None:
    body = _changed(CONFIG, lambda b: _first(b)["matchConditions"].append({"name": "x", "expression": expression}))
    assert [flaw for _, flaw, _ in _said(body)] == said


@pytest.mark.parametrize(
    ("name", "hooks", "said"),
    [
        ("acme-gate", [], [("gate", "asks nobody", "no webhooks")]),
        ("policies", [], [("webhook", "asks nobody", "no webhooks")]),
        ("readiness-gate", [{"name": "a.example.com", "clientConfig": {"service": {"name": "w"}}}], []),
    ],
)
def test_whose_webhook_it_is(name: str, hooks: list[Any], said: Said) -> None:
    kind, version = "ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1"
    assert _said({"apiVersion": version, "kind": kind, "metadata": {"name": name}, "webhooks": hooks}) == said


def _both(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    def read(bodies: list[dict[str, Any]]) -> list[Manifest]:
        return parse_manifests("---\n".join(yaml.safe_dump(b) for b in bodies), FILE).manifests

    found = AccessModel()
    extract(read(after), found, earlier=read(before))
    return [(loose.guard, loose.flaw, loose.what, loose.change) for loose in found.loose_guards]


def _namespace(level: str | None, name: str = "shop") -> dict[str, Any]:
    labels = {"pod-security.kubernetes.io/enforce": level} if level else {}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([CONFIG], [], [("gate", "deleted", "ValidatingWebhookConfiguration", "delete")]),
        ([POLICY, BINDING], [POLICY], [("gate", "deleted", "ValidatingAdmissionPolicyBinding", "delete")]),
        ([DEPLOYMENT], [], [("gate", "deleted", "Deployment", "delete")]),
        ([_namespace(None, "gate-system")], [], [("gate", "deleted", "Namespace", "delete")]),
        (list(yaml.safe_load_all(OTHER.format(failure="Fail", group="*"))), [],
         [("webhook", "deleted", "ValidatingWebhookConfiguration", "delete")]),
        ([_namespace("restricted")], [_namespace("baseline")],
         [("pod security", "lowered", "Pod Security from restricted to baseline", "update")]),
        ([_namespace("baseline")], [_namespace(None)],
         [("pod security", "lowered", "Pod Security from baseline to privileged", "update")]),
        ([_namespace("baseline")], [_namespace("restricted")], []),
        ([_namespace("restricted")], [], []),
        ([CONFIG], [CONFIG], []),
    ],
)  # fmt: skip
def test_guards_that_go(before: list[dict[str, Any]], after: list[dict[str, Any]], said: list[Any]) -> None:
    assert _both(before, after) == said
