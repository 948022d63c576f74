"""`deploy/` on a real API server: it is taken, it is enough, its guard holds, the right things are asked about."""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from api_server import ApiServer
from webhook import Webhook

from gate.inputs.cluster.kinds import KINDS

DEPLOY = Path(__file__).parents[2] / "deploy"
WEBHOOKS = "app.kubernetes.io/component=webhooks"
MINE = ["-l", "test=deployment"]


def until(condition: object, what: str = "") -> None:
    assert callable(condition)
    end = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < end, what or condition
        time.sleep(0.1)


@pytest.fixture(scope="module")
def installed(cluster: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Everything but the webhooks, as docs/admission.md says; the folder is a copy with a real authority in it."""
    folder = tmp_path_factory.mktemp("installed") / "deploy"
    shutil.copytree(DEPLOY, folder)
    bundle = base64.b64encode(cluster.authority.certificate.read_bytes()).decode()
    authority = folder / "given-secret" / "authority.yaml"
    authority.write_text(authority.read_text().replace('caBundle: ""', f'caBundle: "{bundle}"'))
    overlay = str(folder / "given-secret")
    done = cluster.try_kubectl("apply", "--server-side", "-k", overlay, "-l", "app.kubernetes.io/component!=webhooks")
    assert not done.returncode and not done.stderr, done.stderr
    yield folder
    cluster.kubectl("delete", "validatingadmissionpolicybinding", "gate-exemptions")
    until(lambda: cluster.try_kubectl("delete", "-k", overlay, "--ignore-not-found").returncode == 0)


@pytest.fixture(scope="module")
def users(cluster: ApiServer, installed: Path) -> Iterator[dict[str, Path]]:
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


def namespace(name: str, **labels: str) -> str:
    metadata = {"name": name, "labels": {"test": "deployment", **labels}}
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})


def test_the_pods_meet_the_restricted_standard_and_come_first(cluster: ApiServer, installed: Path):
    def pods() -> list[dict[str, Any]]:
        return json.loads(cluster.kubectl("get", "pods", "-n", "gate-system", "-o", "json"))["items"]

    until(lambda: len(pods()) == 2, "the ReplicaSet could not make its pods")
    assert {pod["spec"]["priority"] for pod in pods()} == {1_000_000_000}


def test_the_role_names_every_resource_that_is_read_as_the_api_server_calls_it(cluster: ApiServer, installed: Path):
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


def test_the_role_is_enough_and_shows_no_secret(cluster: ApiServer, installed: Path, tmp_path: Path):
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


@pytest.fixture(scope="module")
def asked(cluster: ApiServer, installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    """The webhooks in force, at a process here: no service of this cluster leads anywhere."""
    webhook = Webhook(cluster, tmp_path_factory.mktemp("asked"), kubeconfig=cluster.as_account("gate-system", "gate"))
    webhook.start()
    rendered = cluster.kubectl("kustomize", str(installed / "given-secret"))
    config = next(d for d in yaml.safe_load_all(rendered) if d["kind"] == "ValidatingWebhookConfiguration")
    for hook in config["webhooks"]:
        assert hook["clientConfig"].pop("service")["path"] == "/validate"
        hook["clientConfig"]["url"] = f"https://localhost:{webhook.port}/validate"
    cluster.apply(namespace("shop"))
    until(lambda: cluster.try_kubectl("get", "sa", "default", "-n", "shop").returncode == 0)
    cluster.kubectl("apply", "--server-side", "-f", "-", stdin=yaml.safe_dump(config))
    until(lambda: refusal(cluster, BINDING.format(namespace="shop")), "the webhooks do not come into force")
    yield webhook
    cluster.kubectl("delete", "validatingwebhookconfiguration", "gate")
    cluster.kubectl("delete", "namespace", *MINE, "--wait=true")
    webhook.end()


BINDING = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: mallory, namespace: {namespace}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}}
subjects: [{{kind: User, name: mallory}}]
"""


def refusal(cluster: ApiServer, manifest: str) -> str:
    done = cluster.try_kubectl("create", "--dry-run=server", "-f", "-", stdin=manifest)
    return done.stderr if done.returncode else ""


def told(webhook: Webhook, subject: str) -> list[str]:
    """Operations on an object that the gate was asked about."""
    return [review["operation"] for review in webhook.reviews() if review["object"] == subject]


def test_bindings_are_judged_in_every_namespace_but_exempt_ones(cluster: ApiServer, asked: Webhook):
    cluster.apply(namespace("free", **{"gate.nhi/exempt": "true"}))
    assert 'webhook "admission.gate.nhi" denied' in refusal(cluster, BINDING.format(namespace="shop"))
    assert 'webhook "system.gate.nhi" denied' in refusal(cluster, BINDING.format(namespace="kube-system"))
    assert 'webhook "system.gate.nhi" denied' in refusal(cluster, BINDING.format(namespace="gate-system"))
    until(lambda: refusal(cluster, BINDING.format(namespace="free")) == "", "the exemption does not come into force")


def test_no_secret_reaches_the_gate_but_one_that_asks_for_a_token(cluster: ApiServer, asked: Webhook):
    cluster.kubectl("create", "secret", "generic", "password", "-n", "shop", "--from-literal=password=hunter2-Zq81")
    token = """
apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: {name: eternal, namespace: shop, annotations: {kubernetes.io/service-account.name: default}}
"""
    assert "service account token" in refusal(cluster, token)
    assert told(asked, "Secret shop/password") == []
    assert told(asked, "Secret shop/eternal") == ["CREATE"]


def test_a_pod_is_judged_when_its_settings_change_and_its_finalizers_go_without(cluster: ApiServer, asked: Webhook):
    cluster.apply("""
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, finalizers: [example.com/tracking]}
spec: {containers: [{name: web, image: registry.example.com/web:1}]}
""")
    assert told(asked, "Pod shop/web") == ["CREATE"]
    cluster.kubectl("patch", "pod", "web", "-n", "shop", "-p", '{"spec": {"activeDeadlineSeconds": 90}}')
    assert told(asked, "Pod shop/web") == ["CREATE", "UPDATE"]
    cluster.kubectl("label", "pod", "web", "-n", "shop", "app=web")
    assert told(asked, "Pod shop/web") == ["CREATE", "UPDATE", "UPDATE"]
    asked.end()  # nobody there to ask
    try:
        refused = cluster.try_kubectl("label", "pod", "web", "-n", "shop", "app=other", "--overwrite")
        assert "failed calling webhook" in refused.stderr
        cluster.kubectl("patch", "pod", "web", "-n", "shop", "-p", '{"metadata": {"finalizers": null}}')
        cluster.kubectl("delete", "pod", "web", "-n", "shop", "--wait=true")
    finally:
        asked.start()


def test_a_debugging_container_is_judged(cluster: ApiServer, asked: Webhook):
    cluster.apply("""
apiVersion: v1
kind: Pod
metadata: {name: calm, namespace: shop}
spec: {containers: [{name: calm, image: registry.example.com/calm:1}]}
""")
    debug = {"name": "d", "image": "busybox", "securityContext": {"privileged": True}}
    patch = json.dumps({"spec": {"ephemeralContainers": [debug]}})
    done = cluster.try_kubectl("patch", "pod", "calm", "-n", "shop", "--subresource=ephemeralcontainers", "-p", patch)
    assert 'webhook "admission.gate.nhi" denied' in done.stderr


def test_kubelets_get_certificates_and_nobody_else_a_kubelet_s(cluster: ApiServer, asked: Webhook, tmp_path: Path):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    subject = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "system:nodes"),
        x509.NameAttribute(NameOID.COMMON_NAME, "system:node:one"),
    ]
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(subject)).sign(key, hashes.SHA256())
    manifest = yaml.safe_dump(
        {
            "apiVersion": "certificates.k8s.io/v1",
            "kind": "CertificateSigningRequest",
            "metadata": {"name": "csr-one"},
            "spec": {
                "request": base64.b64encode(request.public_bytes(serialization.Encoding.PEM)).decode(),
                "signerName": "kubernetes.io/kube-apiserver-client-kubelet",
                "usages": ["digital signature", "client auth"],
            },
        }
    )
    cluster.apply("""
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: csr-creator, labels: {test: deployment}}
rules: [{apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests], verbs: [create]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: csr-creators, labels: {test: deployment}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: csr-creator}
subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:nodes"}]
""")
    node = cluster.as_user("system:node:one", "system:nodes")
    create = ("create", "--dry-run=server", "-f", "-")
    until(lambda: cluster.try_kubectl(*create, stdin=manifest, kubeconfig=node).returncode == 0)
    assert told(asked, "CertificateSigningRequest csr-one") == []
    cluster.try_kubectl(*create, stdin=manifest)
    assert told(asked, "CertificateSigningRequest csr-one") == ["CREATE"]
