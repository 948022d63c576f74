"""What a real API server asks the gate about, and what not, with the webhooks of `deploy/` in force."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.cluster.api_server import ApiServer
from tests.cluster.deployment import MINE, installed, namespace, until
from tests.cluster.webhook import Webhook


@pytest.fixture(scope="module")
def overlay(cluster: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with installed(cluster, tmp_path_factory.mktemp("installed") / "deploy") as folder:
        yield folder


@pytest.fixture(scope="module")
def asked(cluster: ApiServer, overlay: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    """The webhooks in force, at a process here: no service of this cluster leads anywhere."""
    webhook = Webhook(cluster, tmp_path_factory.mktemp("asked"), kubeconfig=cluster.as_account("gate-system", "gate"))
    webhook.start()
    rendered = cluster.kubectl("kustomize", str(overlay))
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
    cluster.kubectl("delete", "namespace,clusterrole,clusterrolebinding", *MINE, "--wait=true")
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


def test_of_the_config_maps_of_the_system_only_the_map_of_aws_identities_is_judged(cluster: ApiServer, asked: Webhook):
    for name in ("aws-auth", "other"):
        cluster.kubectl("create", "configmap", name, "-n", "kube-system", "--from-literal=a=b", "--dry-run=server")
    assert told(asked, "ConfigMap kube-system/aws-auth") == ["CREATE"]
    assert told(asked, "ConfigMap kube-system/other") == []


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
