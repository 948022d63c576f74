"""Custom resources that hand out secrets and identities: what is read of them, and what stays not analysed."""

from __future__ import annotations

import pytest

from tests.extract.kubernetes.kubernetes_manifests import model

ESO = "external-secrets.io/v1"


def manifest(version: str, kind: str, spec: str, name: str = "web") -> str:
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {spec}\n---\n"


def settings(text: str) -> list[tuple[str, str, str]]:
    return [(s.name, s.where, s.value) for w in model(text).workloads.values() for s in w.settings]


def not_analysed(text: str) -> list[str]:
    return [entry.source.address for entry in model(text).not_analysed]


def test_a_store_acts_as_the_account_it_names() -> None:
    provider = "{aws: {service: SecretsManager, auth: {jwt: {serviceAccountRef: {name: reader}}}}}"
    found = model(manifest(ESO, "SecretStore", f"{{provider: {provider}}}"))
    assert found.workloads["k8s:SecretStore/shop/web"].runs_as == ("k8s:ServiceAccount/shop/reader",)
    assert not_analysed(manifest(ESO, "SecretStore", f"{{provider: {provider}}}")) == ["k8s:SecretStore/shop/web"]


def test_a_cluster_store_without_conditions_is_for_every_namespace() -> None:
    store = "{{provider: {{aws: {{role: 'arn:aws:iam::123456789012:role/reader'}}}}{}}}"
    assert settings(manifest(ESO, "ClusterSecretStore", store.format(""))) == [
        ("store-for-all", "spec", "no conditions"),
        ("assumes-role", "spec.provider.aws.role", "arn:aws:iam::123456789012:role/reader"),
    ]
    limited = store.format(", conditions: [{namespaces: [shop]}]")
    assert [name for name, _, _ in settings(manifest(ESO, "ClusterSecretStore", limited))] == ["assumes-role"]


def test_an_external_secret_says_its_store_and_whether_it_copies_all_that_fits() -> None:
    one = manifest(ESO, "ExternalSecret", "{secretStoreRef: {name: aws}, data: [{remoteRef: {key: shop/db}}]}")
    every = manifest(
        ESO, "ExternalSecret", "{secretStoreRef: {name: all, kind: ClusterSecretStore}, dataFrom: [{find: {name: {}}}]}"
    )
    assert settings(one) == []
    stored = model(one).workloads["k8s:ExternalSecret/shop/web"].secrets
    assert [(r.secret, r.via) for r in stored] == [("k8s:SecretStore/shop/aws", "secretStoreRef")]
    assert settings(every) == [("copies-every-secret", "spec.dataFrom[0].find", "find")]


@pytest.mark.parametrize(
    ("spec", "said", "reviewed"),
    [
        ("{secretName: tls, dnsNames: [shop.example]}", [], False),
        ("{secretName: tls, usages: [client auth]}", [], True),
        ("{secretName: tls, uris: ['spiffe://example.org/web']}", [], True),
        ("{secretName: ca, isCA: true}", ["certificate-authority"], False),
        ("{secretName: ca, isCA: true, nameConstraints: {permitted: {dnsDomains: [shop.internal]}}}", [], False),
        (
            "{secretName: ca, isCA: true, nameConstraints: {excluded: {dnsDomains: [a.example]}}}",
            ["certificate-authority"],
            False,
        ),
        ("{secretName: k, commonName: 'system:kube-scheduler'}", ["certificate-of-cluster-user"], False),
        ("{secretName: k, subject: {organizations: ['system:masters']}}", ["certificate-of-cluster-user"], False),
    ],
)
def test_certificates(spec: str, said: list[str], reviewed: bool) -> None:
    text = manifest("cert-manager.io/v1", "Certificate", spec)
    assert [name for name, _, _ in settings(text)] == said
    assert bool(not_analysed(text)) == reviewed


@pytest.mark.parametrize(
    ("spec", "reviewed"),
    [
        ("{selfSigned: {}}", False),
        ("{acme: {solvers: [{http01: {ingress: {}}}]}}", False),
        ("{acme: {solvers: [{dns01: {route53: {role: 'arn:aws:iam::123456789012:role/dns'}}}]}}", True),
        ("{ca: {secretName: ca}}", True),
    ],
)
def test_issuers(spec: str, reviewed: bool) -> None:
    assert bool(not_analysed(manifest("cert-manager.io/v1", "Issuer", spec))) == reviewed


OWN = "spiffe://example.org/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (f"{{spiffeIDTemplate: '{OWN}'}}", []),
        ("{spiffeIDTemplate: 'spiffe://example.org/web', podSelector: {matchLabels: {app: web}}}", []),
        ("{spiffeIDTemplate: 'spiffe://example.org/web'}", [("identity-for-every-pod", "every pod of the cluster")]),
        (
            "{spiffeIDTemplate: 'spiffe://example.org/web', namespaceSelector: {matchLabels: {team: shop}}}",
            [("identity-for-every-pod", "every pod of a namespace")],
        ),
        (f"{{spiffeIDTemplate: '{OWN}', admin: true}}", [("spiffe-admin", "true")]),
        (f"{{spiffeIDTemplate: '{OWN}', downstream: true}}", [("spiffe-downstream", "true")]),
    ],
)
def test_spiffe_ids(spec: str, said: list[tuple[str, str]]) -> None:
    text = manifest("spire.spiffe.io/v1alpha1", "ClusterSPIFFEID", spec)
    assert [(name, value) for name, _, value in settings(text)] == said
    assert not_analysed(text) == []


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("{destinations: [{namespace: shop}], clusterResourceWhitelist: [{group: '*', kind: '*'}]}", []),
        ("{destinations: [{namespace: '*'}]}", ["objects of namespaces from its repositories"]),
        ("{destinations: [{namespace: '*'}], sourceRepos: ['*'], clusterResourceWhitelist: [{group: '*', kind: '*'}]}",
         ["everything from any repository"]),
    ],
)  # fmt: skip
def test_projects(spec: str, said: list[str]) -> None:
    text = manifest("argoproj.io/v1alpha1", "AppProject", spec)
    assert [value for _, _, value in settings(text)] == said
    assert not_analysed(text) == []


def test_an_application_stays_not_analysed() -> None:
    assert not_analysed(manifest("argoproj.io/v1alpha1", "Application", "{project: shop}"))


RIGHTS = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: x}}"


@pytest.mark.parametrize(
    ("version", "kind", "spec", "said"),
    [
        ("kubernetes.crossplane.io/v1alpha2", "Object", f"{{forProvider: {{manifest: {RIGHTS}}}}}", True),
        ("apiextensions.crossplane.io/v1", "Composition",
         "{resources: [{base: {apiVersion: iam.aws.upbound.io/v1beta1, kind: Role, spec: {}}}]}", True),
        ("apiextensions.crossplane.io/v1", "Composition",
         "{resources: [{base: {apiVersion: s3.aws.upbound.io/v1beta1, kind: Bucket, spec: {}}}]}", False),
        ("example.com/v1", "Watcher",
         "{target: {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, name: x}}", False),
    ],
)  # fmt: skip
def test_objects_inside_of_others_are_not_passed_over(version: str, kind: str, spec: str, said: bool) -> None:
    assert bool(not_analysed(manifest(version, kind, spec))) == said


@pytest.mark.parametrize(
    ("signer", "reviewed"),
    [
        ("kubernetes.io/kube-apiserver-client", True),
        ("kubernetes.io/legacy-unknown", True),
        ("shop.example/tls", False),
    ],
)
def test_only_signers_of_the_cluster_make_its_users(signer: str, reviewed: bool) -> None:
    text = manifest("certificates.k8s.io/v1", "CertificateSigningRequest", f"{{signerName: {signer}}}")
    assert bool(not_analysed(text)) == reviewed
