"""Objects that bear identity and that nobody here understands yet: each is said, with why it matters.

A custom resource of a kind that is not listed grants nothing as far as anyone knows, and is passed over.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache

from gate.extract.kubernetes.documents.objects import RBAC, group_of, is_of_others, source_of
from gate.extract.kubernetes.language.shapes import WrongShape
from gate.extract.kubernetes.rewriting.generating import UNREAD, unread
from gate.inputs.documents import Manifest
from gate.model.access import NotAnalysed

_KUBELET_SIGNERS = ("kubernetes.io/kube-apiserver-client-kubelet", "kubernetes.io/kubelet-serving")
_DEEPEST = 32
_DEPLOYS = "deploys objects that are not in this change"
_DELETES = "deletes objects of others"
_MAKES = "makes a controller create objects that carry an identity"
_RBAC_TEXT = re.compile(rf"apiVersion[\"']?:\s*[\"']?{re.escape(RBAC)}/")
# API group pattern, kinds (``*``: every one), why it bears identity.
_KINDS: tuple[tuple[str, frozenset[str], str], ...] = (
    (
        "external-secrets.io",
        frozenset({"SecretStore", "ClusterSecretStore"}),
        "has access to an external secret store",
    ),
    (
        "external-secrets.io",
        frozenset({"ExternalSecret", "ClusterExternalSecret"}),
        "copies secrets of an external store",
    ),
    ("external-secrets.io", frozenset({"PushSecret", "ClusterPushSecret"}), "copies secrets to an external store"),
    ("generators.external-secrets.io", frozenset("*"), "generates credentials"),
    ("secrets-store.csi.x-k8s.io", frozenset({"SecretProviderClass"}), "mounts secrets of an external store"),
    ("cert-manager.io", frozenset({"ClusterIssuer"}), "issues certificates"),
    ("cert-manager.io", frozenset({"Issuer"}), "issues certificates in its namespace"),
    ("cert-manager.io", frozenset({"Certificate", "CertificateRequest"}), "obtains a certificate and its private key"),
    ("policy.cert-manager.io", frozenset({"CertificateRequestPolicy"}), "decides which certificates are issued"),
    ("trust.cert-manager.io", frozenset({"Bundle"}), "decides which authorities are trusted"),
    ("certificates.k8s.io", frozenset({"CertificateSigningRequest"}), "asks for a certificate that names a user"),
    ("certificates.k8s.io", frozenset({"ClusterTrustBundle"}), "decides which authorities are trusted"),
    (
        "spire.spiffe.io",
        frozenset({"ClusterSPIFFEID", "ClusterStaticEntry", "ClusterFederatedTrustDomain"}),
        "gives pods a SPIFFE identity",
    ),
    ("iam.services.k8s.aws", frozenset("*"), "creates AWS IAM identities or policies"),
    (
        "eks.services.k8s.aws",
        frozenset({"PodIdentityAssociation", "AccessEntry"}),
        "links Kubernetes and AWS identities",
    ),
    ("iam.aws.crossplane.io", frozenset("*"), "creates AWS IAM identities or policies"),
    ("iam.aws.upbound.io", frozenset("*"), "creates AWS IAM identities or policies"),
    ("iam.aws.m.upbound.io", frozenset("*"), "creates AWS IAM identities or policies"),
    (
        "eks.aws*.upbound.io",
        frozenset({"PodIdentityAssociation", "AccessEntry", "AccessPolicyAssociation"}),
        "links Kubernetes and AWS identities",
    ),
    (
        "cloudplatform.gcp*.upbound.io",
        frozenset(
            {
                "ServiceAccount",
                "ServiceAccountKey",
                "ServiceAccountIAMMember",
                "ProjectIAMMember",
                "FolderIAMMember",
                "OrganizationIAMMember",
            }
        ),
        "creates Google Cloud identities or access",
    ),
    ("authorization.azure*.upbound.io", frozenset("*"), "grants Azure roles"),
    ("managedidentity.azure*.upbound.io", frozenset("*"), "creates Azure identities"),
    ("*.crossplane.io", frozenset({"ProviderConfig", "ClusterProviderConfig"}), "has access to a cloud"),
    ("*.upbound.io", frozenset({"ProviderConfig", "ClusterProviderConfig"}), "has access to a cloud"),
    ("iam.cnrm.cloud.google.com", frozenset("*"), "creates Google Cloud identities or access"),
    ("managedidentity.azure.com", frozenset("*"), "creates Azure identities"),
    ("authorization.azure.com", frozenset("*"), "grants Azure roles"),
    ("aadpodidentity.k8s.io", frozenset("*"), "links pods to Azure identities"),
    ("crd.k8s.amazonaws.com", frozenset({"IAMIdentityMapping"}), "maps AWS identities to Kubernetes users and groups"),
    (
        "iamauthenticator.k8s.aws",
        frozenset({"IAMIdentityMapping"}),
        "maps AWS identities to Kubernetes users and groups",
    ),
    ("argoproj.io", frozenset({"AppProject"}), "decides what Argo CD can deploy, where, and for whom"),
    ("argoproj.io", frozenset({"Application", "ApplicationSet"}), _DEPLOYS),
    ("helm.cattle.io", frozenset({"HelmChart", "HelmChartConfig"}), _DEPLOYS),
    ("helm.toolkit.fluxcd.io", frozenset({"HelmRelease"}), _DEPLOYS),
    ("kustomize.toolkit.fluxcd.io", frozenset({"Kustomization"}), _DEPLOYS),
    ("fleet.cattle.io", frozenset({"Bundle", "GitRepo"}), _DEPLOYS),
    ("kappctrl.k14s.io", frozenset({"App"}), _DEPLOYS),
    ("operators.coreos.com", frozenset({"ClusterServiceVersion", "Subscription"}), _DEPLOYS),
    ("core.oam.dev", frozenset({"Application"}), _DEPLOYS),
    ("fluxcd.controlplane.io", frozenset({"FluxInstance", "ResourceSet"}), _DEPLOYS),
    ("addons.cluster.x-k8s.io", frozenset({"ClusterResourceSet", "HelmChartProxy"}), _DEPLOYS),
    ("metacontroller.k8s.io", frozenset({"CompositeController", "DecoratorController"}), _DEPLOYS),
    ("policies.kyverno.io", frozenset({"GeneratingPolicy", "NamespacedGeneratingPolicy"}), UNREAD),
    ("kyverno.io", frozenset({"CleanupPolicy", "ClusterCleanupPolicy"}), _DELETES),
    ("policies.kyverno.io", frozenset({"DeletingPolicy", "NamespacedDeletingPolicy"}), _DELETES),
    ("secrets.hashicorp.com", frozenset({"VaultAuth", "VaultAuthGlobal", "VaultConnection"}), "has access to Vault"),
    (
        "secrets.hashicorp.com",
        frozenset({"VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret"}),
        "copies secrets of Vault",
    ),
    (
        "security.istio.io",
        frozenset({"AuthorizationPolicy", "RequestAuthentication"}),
        "decides which identities a mesh admits",
    ),
    (
        "security.openshift.io",
        frozenset({"SecurityContextConstraints"}),
        "decides what pods can do to their node, and for whom",
    ),
    ("authorization.openshift.io", frozenset("*"), "binds roles through OpenShift's older API"),
    ("oauth.openshift.io", frozenset({"OAuthClient"}), "creates an OAuth client"),
    ("user.openshift.io", frozenset({"Group", "Identity", "User"}), "creates users or groups"),
    ("rbacmanager.reactiveops.io", frozenset({"RBACDefinition"}), "creates role bindings"),
    ("capsule.clastix.io", frozenset({"Tenant"}), "creates role bindings"),
)


def bears_identity(group: str, kind: str) -> bool:
    """Whether an object of this kind bears identity although this adapter does not read it."""
    return _role(group, kind) is not None


def not_analysed(manifest: Manifest) -> NotAnalysed | None:
    """Why an object that this adapter does not read bears identity; ``None`` when it does not."""
    group = group_of(manifest)
    role = _role(group, manifest.kind)
    if role is None and is_of_others(group) and _wraps(manifest.body):
        role = _MAKES
    if role is None:
        role = _generated(manifest)
    return _said(manifest, role) if role and not _names_nobody(manifest) else None


def _generated(manifest: Manifest) -> str | None:
    """Why what a policy generates bears identity, where it is not judged as the objects that it makes."""
    try:
        return unread(manifest)
    except WrongShape:
        return UNREAD


def _wraps(value: object, depth: int = 0) -> bool:
    """Whether whole objects that bear identity stand inside: of a composition, a wrapper, a template of such or a
    text that is one.
    """
    if isinstance(value, list):
        return any(_wraps(item, depth + 1) for item in value)
    if isinstance(value, str):
        return depth > 1 and _RBAC_TEXT.search(value) is not None
    if not isinstance(value, dict) or depth > _DEEPEST:
        return False
    version, kind = value.get("apiVersion"), value.get("kind")
    # The object itself aside. What only refers to another has no metadata.
    if depth and isinstance(version, str) and isinstance(kind, str) and isinstance(value.get("metadata"), dict):
        group = version.rpartition("/")[0]
        if group == RBAC or _role(group, kind) is not None:
            return True
    # A composition's templates name their objects when they make them.
    if isinstance(base := value.get("base"), dict) and _wraps({**base, "metadata": {}}, depth + 1):
        return True
    return any(_wraps(item, depth + 1) for item in value.values())


def _names_nobody(manifest: Manifest) -> bool:
    """Signers of others make no users of this cluster. A kubelet asks for its own certificates, again and again; who
    asks is the API server's word.
    """
    spec = manifest.body.get("spec")
    if manifest.kind != "CertificateSigningRequest" or not isinstance(spec, dict):
        return False
    signer = str(spec.get("signerName") or "kubernetes.io/legacy-unknown")
    asks = str(spec.get("username")).startswith(("system:node:", "system:bootstrap:"))
    return not signer.startswith("kubernetes.io/") or (asks and signer in _KUBELET_SIGNERS)


@cache
def _role(group: str, kind: str) -> str | None:
    return next((role for pattern, kinds, role in _KINDS if _fits(pattern, kinds, group, kind)), None)


def _fits(pattern: str, kinds: frozenset[str], group: str, kind: str) -> bool:
    return ("*" in kinds or kind in kinds) and fnmatchcase(group, pattern)


def _said(manifest: Manifest, role: str) -> NotAnalysed:
    return NotAnalysed(f"{manifest.api_version} {manifest.kind}", "kubernetes", role, source_of(manifest), "create")
