"""Custom resources that hand secrets or identities to others: who gets what, as far as their own text says it.

External Secrets (https://external-secrets.io/latest/api/spec/), Secrets Store CSI driver, cert-manager
(https://cert-manager.io/docs/reference/api-docs/), SPIRE (https://github.com/spiffe/spire-controller-manager), Argo CD
(https://argo-cd.readthedocs.io/en/stable/operator-manual/project-specification/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gate.extract.kubernetes.documents.objects import group_of, manifest_id, namespace_of, object_id, source_of
from gate.extract.kubernetes.language.shapes import Place, dotted, flag, listing, mapping, text, texts
from gate.inputs.documents import Manifest
from gate.model.access import SecretReference, SecretUse, Setting, Workload

ASSUMES = "assumes-role"
STORE: SecretUse = "secretStoreRef"
_CLUSTER_USERS = "system:"


@dataclass(frozen=True, slots=True)
class Custom:
    """What a custom resource is as a workload (who it acts as, what it reads, what matters of it), and whether its own
    text says all there is to know. One that acts as somebody is known when that identity is (``bridge``).
    """

    workload: Workload
    understood: bool


def custom_identity(manifest: Manifest) -> Custom | None:
    """``None`` for kinds that are not read here. Raises ``WrongShape``."""
    reader = _READERS.get((group_of(manifest), manifest.kind))
    return reader(manifest, mapping(manifest.body.get("spec"), ("spec",))) if reader else None


def _custom(
    manifest: Manifest,
    settings: list[tuple[str, Place, str]],
    *,
    understood: bool,
    accounts: tuple[str, ...] = (),
    secrets: tuple[SecretReference, ...] = (),
) -> Custom:
    found = tuple(Setting(name, dotted(at), value, source_of(manifest, at)) for name, at, value in settings)
    return Custom(
        Workload(
            id=manifest_id(manifest),
            kind=manifest.kind,
            platform="kubernetes",
            runs_as=accounts,
            source=source_of(manifest),
            namespace=namespace_of(manifest),
            exposure="none",
            token=False,
            settings=found,
            secrets=secrets,
            change="create",
        ),
        understood,
    )


def _store(manifest: Manifest, spec: dict[str, Any]) -> Custom:
    """A store acts as the account it names, by a key that a secret holds, or as its controller."""
    namespace = namespace_of(manifest)
    settings: list[tuple[str, Place, str]] = []
    if manifest.kind == "ClusterSecretStore" and not listing(spec.get("conditions"), ("spec", "conditions")):
        settings.append(("store-for-all", ("spec",), "no conditions"))
    place: Place = ("spec", "provider", "aws")
    aws = mapping(mapping(spec.get("provider"), place[:2]).get("aws"), place)
    role = text(aws.get("role"), (*place, "role"))
    if role:
        settings.append((ASSUMES, (*place, "role"), role))
    return _custom(
        manifest, settings, understood=False, accounts=tuple(dict.fromkeys(_accounts(spec, ("spec",), namespace)))
    )


def _accounts(value: Any, place: Place, namespace: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "serviceAccountRef" and isinstance(item, dict) and isinstance(item.get("name"), str):
                where = item.get("namespace")
                yield object_id("ServiceAccount", where if isinstance(where, str) else namespace, item["name"])
            else:
                yield from _accounts(item, (*place, key), namespace)


def _external_secret(manifest: Manifest, spec: dict[str, Any]) -> Custom:
    """It copies named keys, or every key that fits, of a store into a Secret of its namespace."""
    place: Place = ("spec", STORE)
    store = mapping(spec.get(STORE), place)
    name = text(store.get("name"), (*place, "name"))
    kind = text(store.get("kind"), (*place, "kind")) or "SecretStore"
    at = "" if kind == "ClusterSecretStore" else namespace_of(manifest)
    secrets = (SecretReference(object_id(kind, at, name), STORE),) if name else ()
    settings: list[tuple[str, Place, str]] = []
    for index, entry in enumerate(listing(spec.get("dataFrom"), ("spec", "dataFrom"))):
        where = ("spec", "dataFrom", index)
        if mapping(entry, where).get("find"):
            settings.append(("copies-every-secret", (*where, "find"), "find"))
    return _custom(manifest, settings, understood=False, secrets=secrets)


def _certificate(manifest: Manifest, spec: dict[str, Any]) -> Custom:
    """One of a server says nothing about access. One of a client, a user of the cluster, or an authority that may issue
    for any name is somebody.
    """
    subject = mapping(spec.get("subject"), ("spec", "subject"))
    organizations = texts(subject.get("organizations"), ("spec", "subject", "organizations"))
    common = text(spec.get("commonName"), ("spec", "commonName")) or ""
    named = [name for name in (common, *organizations) if name.startswith(_CLUSTER_USERS)]
    settings: list[tuple[str, Place, str]] = [("certificate-of-cluster-user", ("spec",), name) for name in named]
    place: Place = ("spec", "nameConstraints")
    permitted = mapping(mapping(spec.get("nameConstraints"), place).get("permitted"), (*place, "permitted"))
    if flag(spec.get("isCA"), ("spec", "isCA")) and not any(permitted.values()):
        settings.append(("certificate-authority", ("spec", "isCA"), "true"))
    client = "client auth" in texts(spec.get("usages"), ("spec", "usages"))
    names = bool(listing(spec.get("uris"), ("spec", "uris")))
    return _custom(manifest, settings, understood=not (client or names))


def _issuer(manifest: Manifest, spec: dict[str, Any]) -> Custom:
    """Who signs with a key of its own, or proves names over HTTP, acts as nobody else."""
    place: Place = ("spec", "acme", "solvers")
    solvers = listing(mapping(spec.get("acme"), place[:2]).get("solvers"), place)
    proves = [mapping(solver, (*place, index)) for index, solver in enumerate(solvers)]
    plain = "selfSigned" in spec or ("acme" in spec and all("dns01" not in solver for solver in proves))
    settings: list[tuple[str, Place, str]] = []
    for index, solver in enumerate(proves):
        where: Place = (*place, index, "dns01", "route53")
        route53 = mapping(mapping(solver.get("dns01"), where[:-1]).get("route53"), where)
        role = text(route53.get("role"), (*where, "role"))
        if role:
            settings.append((ASSUMES, (*where, "role"), role))
    accounts = tuple(dict.fromkeys(_accounts(spec, ("spec",), namespace_of(manifest) or "cert-manager")))
    return _custom(manifest, settings, understood=plain, accounts=accounts)


def _spiffe_id(manifest: Manifest, spec: dict[str, Any]) -> Custom:
    """Whether pods share one identity, and whether that identity rules the server that hands identities out."""
    template = str(spec.get("spiffeIDTemplate"))  # its places are filled in by SPIRE
    pods = _selects(spec.get("podSelector"), ("spec", "podSelector"))
    spaces = _selects(spec.get("namespaceSelector"), ("spec", "namespaceSelector"))
    own = any(part in template for part in ("ServiceAccountName", "PodMeta.Name ", "PodMeta.Name}", "PodMeta.UID"))
    settings: list[tuple[str, Place, str]] = []
    if not own and not pods:
        some = spaces or "PodMeta.Namespace" in template
        who = "every pod of a namespace" if some else "every pod of the cluster"
        settings.append(("identity-for-every-pod", ("spec", "spiffeIDTemplate"), who))
    for key in ("admin", "downstream"):
        if flag(spec.get(key), ("spec", key)):
            settings.append((f"spiffe-{key}", ("spec", key), "true"))
    return _custom(manifest, settings, understood=True)


def _selects(selector: Any, place: Place) -> bool:
    said = mapping(selector, place)
    return bool(said.get("matchLabels") or said.get("matchExpressions"))


def _project(manifest: Manifest, spec: dict[str, Any]) -> Custom:
    """What a project lets its applications deploy, where to, and from where."""
    everywhere = _any(spec, "destinations", "namespace")
    anything = _any(spec, "clusterResourceWhitelist", "kind")
    from_anywhere = "*" in texts(spec.get("sourceRepos"), ("spec", "sourceRepos"))
    settings: list[tuple[str, Place, str]] = []
    if everywhere:
        what = "everything" if anything else "objects of namespaces"
        source = "any repository" if from_anywhere else "its repositories"
        settings.append(("project-deploys-everywhere", ("spec", "destinations"), f"{what} from {source}"))
    return _custom(manifest, settings, understood=True)


def _any(spec: dict[str, Any], key: str, part: str) -> bool:
    entries = enumerate(listing(spec.get(key), ("spec", key)))
    return any(mapping(entry, ("spec", key, index)).get(part) == "*" for index, entry in entries)


def _provider_class(manifest: Manifest, spec: dict[str, Any]) -> Custom:
    """The driver reads as the pod that mounts it: what that one's identity may read is known where the identity is."""
    provider = text(spec.get("provider"), ("spec", "provider")) or ""
    return _custom(manifest, [("mounts-as-the-pod", ("spec", "provider"), provider)], understood=False)


_READERS: dict[tuple[str, str], Callable[[Manifest, dict[str, Any]], Custom]] = {
    ("external-secrets.io", "SecretStore"): _store,
    ("external-secrets.io", "ClusterSecretStore"): _store,
    ("external-secrets.io", "ExternalSecret"): _external_secret,
    ("secrets-store.csi.x-k8s.io", "SecretProviderClass"): _provider_class,
    ("cert-manager.io", "Certificate"): _certificate,
    ("cert-manager.io", "Issuer"): _issuer,
    ("cert-manager.io", "ClusterIssuer"): _issuer,
    ("spire.spiffe.io", "ClusterSPIFFEID"): _spiffe_id,
    ("argoproj.io", "AppProject"): _project,
}
KINDS = tuple(_READERS)
