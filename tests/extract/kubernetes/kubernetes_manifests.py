"""Manifests for tests, read by the real reader."""

from __future__ import annotations

from textwrap import dedent

from gate.extract.kubernetes.adapter import extract
from gate.inputs.documents import SourceFile
from gate.inputs.manifests.manifest_files import parse_manifests
from gate.model.access import AccessModel, Location

FILE = SourceFile("k8s.yaml", "kubernetes", "0" * 64)


def model(text: str) -> AccessModel:
    """What the adapter says about YAML."""
    found = AccessModel()
    extract(parse_manifests(dedent(text), FILE).manifests, found)
    return found


def lines(first: int, last: int) -> Location:
    return Location("k8s.yaml", first, last)


def role(rules: str, *, kind: str = "ClusterRole", name: str = "r", namespace: str = "shop") -> str:
    place = f", namespace: {namespace}" if kind == "Role" else ""
    head = f"apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: {name}{place}}}\n"
    return f"{head}rules:\n{rules}\n---\n"


def binding(role: str, *subjects: str, kind: str = "ClusterRoleBinding", namespace: str = "shop") -> str:
    """``role`` is ``Kind/name``; a subject is ``ServiceAccount/ns/name``, ``User/name`` or ``Group/name``."""
    place = f", namespace: {namespace}" if kind == "RoleBinding" else ""
    role_kind, name = role.split("/")
    text = f"apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: b{place}}}\n"
    text += f"roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role_kind}, name: '{name}'}}\nsubjects:\n"
    for subject in subjects:
        subject_kind, _, rest = subject.partition("/")
        if subject_kind == "ServiceAccount":
            space, _, account = rest.partition("/")
            text += f"  - {{kind: ServiceAccount, namespace: {space}, name: {account}}}\n"
        else:
            text += f"  - {{kind: {subject_kind}, apiGroup: rbac.authorization.k8s.io, name: '{rest}'}}\n"
    return text + "---\n"
