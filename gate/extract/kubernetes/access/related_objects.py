"""The words under which an object of a cluster is found by the others that it bears on."""

from __future__ import annotations

from collections.abc import Iterator

from gate.extract.kubernetes.compute.pod_exposure import DOORS
from gate.extract.kubernetes.documents.objects import group_of, manifest_id, namespace_of
from gate.extract.kubernetes.documents.pods import POD_KINDS, pod_of
from gate.extract.kubernetes.identities.bindings import read_binding
from gate.extract.kubernetes.identities.roles import read_role
from gate.extract.kubernetes.resources.claims import claim_names, host_volume
from gate.inputs.documents import Manifest

Key = tuple[str, str, str, str]
"""Group, kind, namespace, name."""


def key_of(manifest: Manifest) -> Key:
    """The key of an object; its API version is not part of it."""
    return group_of(manifest), manifest.kind, namespace_of(manifest), manifest.name


def links(manifest: Manifest) -> Iterator[str]:
    """The words under which an object is found. Raises ``WrongShape``."""
    kind, namespace = (group_of(manifest), manifest.kind), namespace_of(manifest)
    if kind[1] in ("ServiceAccount", "Role", "ClusterRole"):
        yield f"is {manifest_id(manifest)}"
        if kind[1] == "ClusterRole" and read_role(manifest).labels:
            yield "labelled role"
    elif kind[1] in ("RoleBinding", "ClusterRoleBinding"):
        binding = read_binding(manifest)
        yield f"to {binding.role}"
        yield f"bound in {binding.namespace}"
        yield from (f"binds {subject.id}" for subject in binding.subjects)
        yield from (f"binds account {s.name}" for s in binding.subjects if s.kind == "service_account")
        yield from dict.fromkeys(f"reaches {s.namespace}" for s in binding.subjects if s.namespace)
    elif kind in POD_KINDS and (pod := pod_of(manifest)):
        yield f"runs as {pod.account}"
        yield f"pods {namespace}"
        yield from dict.fromkeys(f"mounts {namespace}/{name}" for name in claim_names(pod))
    elif kind == ("", "Namespace"):
        yield f"is namespace {manifest.name}"
    if kind in DOORS:
        yield f"door {namespace}"
    elif kind == ("", "PersistentVolume") and host_volume(manifest):
        yield "host volume"
    elif kind == ("", "PersistentVolumeClaim"):
        yield f"claim {namespace}"
