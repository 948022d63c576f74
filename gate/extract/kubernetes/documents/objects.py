"""Ids, namespaces and sources of Kubernetes objects."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from gate.extract.kubernetes.language.shapes import Place
from gate.inputs.documents import Manifest
from gate.model.access import Location, Source

DEFAULT_NAMESPACE = "default"
RBAC = "rbac.authorization.k8s.io"
T = TypeVar("T")
_CLUSTER_SCOPED = frozenset({"ClusterRole", "ClusterRoleBinding", "User", "Group", "Namespace", "PersistentVolume",
                             "ClusterSecretStore", "ClusterIssuer", "ClusterSPIFFEID", "APIService",
                             "CertificateSigningRequest", "ClusterTrustBundle",
                             "CustomResourceDefinition", "MutatingWebhookConfiguration",
                             "ValidatingWebhookConfiguration", "MutatingAdmissionPolicy",
                             "MutatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy",
                             "ValidatingAdmissionPolicyBinding", "ClusterPolicy", "MutatingPolicy", "GeneratingPolicy",
                             "Assign", "AssignMetadata", "AssignImage", "ModifySet"})  # fmt: skip

# The groups that an API server of Kubernetes 1.36 serves by itself, and the metrics beside it (kubectl api-versions).
_OWN_GROUPS = frozenset(
    f"{name}.k8s.io"
    for name in (
        "admissionregistration", "apiextensions", "apiregistration", "authentication", "authorization", "certificates",
        "coordination", "discovery", "events", "flowcontrol.apiserver", "internal.apiserver", "metrics", "networking",
        "node", "rbac.authorization", "resource", "scheduling", "storage", "storagemigration",
    )
)  # fmt: skip


def remembered(reader: Callable[[Manifest], T]) -> Callable[[Manifest], T]:
    """A reader that reads each manifest once; what it raises is raised again each time."""
    name = f"{reader.__module__}.{reader.__name__}"

    @wraps(reader)
    def read(manifest: Manifest) -> T:
        if name not in manifest.readings:
            manifest.readings[name] = reader(manifest)
        return cast("T", manifest.readings[name])

    return read


def object_id(kind: str, namespace: str, name: str) -> str:
    """``k8s:<kind>/<namespace>/<name>``; the namespace of cluster-scoped kinds is empty."""
    return f"k8s:{kind}/{namespace}/{name}"


def namespace_of(manifest: Manifest) -> str:
    """The namespace an object goes to: ``default`` when it names none, empty for cluster-scoped kinds."""
    return "" if manifest.kind in _CLUSTER_SCOPED else manifest.namespace or DEFAULT_NAMESPACE


def manifest_id(manifest: Manifest) -> str:
    """The id of the object."""
    return object_id(manifest.kind, namespace_of(manifest), manifest.name)


def group_of(manifest: Manifest) -> str:
    """The API group, empty for the core group."""
    return manifest.api_version.rpartition("/")[0]


def is_of_others(group: str) -> bool:
    """Whether an API group is none of Kubernetes' own: ``sparkoperator.k8s.io`` is an operator's."""
    return "." in group and group not in _OWN_GROUPS


def source_of(manifest: Manifest, place: Place = (), statement: str | None = None) -> Source:
    """The place in the file: the part of the object at ``place``, or the nearest part around it with a known line."""
    return Source(manifest_id(manifest), statement, location_of(manifest, place))


def location_of(manifest: Manifest, place: Place = ()) -> Location | None:
    """Lines of the part at ``place``; of the whole object when ``place`` is empty; ``None`` outside of files."""
    while place and place not in manifest.lines:
        place = place[:-1]
    if not place:
        return manifest.location
    return Location(manifest.file.path, manifest.lines[place], _last_lines(manifest)[place])


@remembered
def _last_lines(manifest: Manifest) -> dict[Place, int]:
    """The last line of each part: worked out once, since a role of a thousand rules asks a thousand times."""
    last: dict[Place, int] = {}
    for at, line in manifest.lines.items():
        for size in range(len(at) + 1):
            part = at[:size]
            if line > last.get(part, 0):
                last[part] = line
    return last
