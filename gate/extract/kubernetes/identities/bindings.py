"""Bindings: which role reaches whom, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from gate.extract.kubernetes.documents.objects import manifest_id, namespace_of, object_id, remembered, source_of
from gate.extract.kubernetes.identities.roles import Role, bootstrap, effective_statements
from gate.extract.kubernetes.identities.subjects import subject_identity
from gate.extract.kubernetes.language.shapes import WrongShape, listing, mapping, name
from gate.inputs.documents import Manifest
from gate.model.access import Identity, Unknown


@dataclass(frozen=True, slots=True)
class Binding:
    """A RoleBinding or ClusterRoleBinding: ``role`` is the id of its role, ``namespace`` empty when cluster-wide."""

    id: str
    role: str
    namespace: str
    subjects: tuple[Identity, ...]
    manifest: Manifest


@remembered
def read_binding(manifest: Manifest) -> Binding:
    """A binding of the change. Raises ``WrongShape``."""
    namespace = namespace_of(manifest)
    reference = mapping(manifest.body.get("roleRef"), ("roleRef",))
    kind = reference.get("kind")
    if kind != "ClusterRole" and (kind != "Role" or not namespace):
        raise WrongShape(("roleRef", "kind"), "ClusterRole, or Role in a RoleBinding", kind)
    role_name = name(reference.get("name"), ("roleRef", "name"))
    subjects = listing(manifest.body.get("subjects"), ("subjects",))
    found = (subject_identity(s, ("subjects", i), namespace) for i, s in enumerate(subjects))
    return Binding(
        id=manifest_id(manifest),
        role=object_id(kind, namespace if kind == "Role" else "", role_name),
        namespace=namespace,
        subjects=tuple({subject.id: subject for subject in found}.values()),
        manifest=manifest,
    )


def accounts_named(name: str, binding: Binding) -> Iterator[str]:
    """Ids of the service accounts of a name, of any namespace, that it binds."""
    for subject in binding.subjects:
        if subject.kind == "service_account" and subject.name == name:
            yield subject.id


def accounts_in(namespace: str, binding: Binding) -> Iterator[str]:
    """Ids of the service accounts of a namespace that it binds."""
    prefix = object_id("ServiceAccount", namespace, "")
    yield from (subject.id for subject in binding.subjects if subject.id.startswith(prefix))


def of_every_cluster(binding: Binding, roles: Mapping[str, Role]) -> bool:
    """Whether every cluster starts with this binding, of no other subjects, to this role, which is as it was."""
    known = _bootstrap_bindings().get(binding.id)
    if known is None or known[0] != binding.role or not {s.id for s in binding.subjects} <= known[1]:
        return False
    return roles[binding.role].manifest is None


@cache
def _bootstrap_bindings() -> dict[str, tuple[str, frozenset[str]]]:
    """Id → its role, its subjects."""
    found = {}
    for key, entry in bootstrap()["bindings"].items():
        kind, *namespace, binding_name = key.split("/")
        scope = "".join(namespace)
        role_kind, _, role_name = entry["role"].partition("/")
        role = object_id(role_kind, scope if role_kind == "Role" else "", role_name)
        subjects = frozenset(subject_identity(s, (), scope).id for s in entry["subjects"])
        found[object_id(kind, scope, binding_name)] = (role, subjects)
    return found


def unreadable_role(binding: Binding, roles: Mapping[str, Role]) -> Unknown | None:
    """What stands in the way when nobody here knows what the bound role allows."""
    role = roles.get(binding.role)
    if not binding.subjects or (role and (not role.selectors or effective_statements(role, roles))):
        return None
    gap = "aggregates cluster roles that are not in this change" if role else "is neither in this change nor built in"
    remedy = "give the manifest of the role to the same check"
    if binding.manifest.location is None:  # of a cluster, all of whose roles are known
        gap = (
            "aggregates no existing cluster role"
            if role
            else "does not exist: whoever creates it decides what is bound"
        )
        remedy = "create the role before its binding"
    return Unknown(
        what="role",
        reason=f"{binding.id} binds {binding.role}, which {gap}",
        source=source_of(binding.manifest, ("roleRef",)),
        identity=binding.subjects[0].id if len(binding.subjects) == 1 else None,
        reference=binding.role,
        remedy=remedy,
        change="create",
    )
