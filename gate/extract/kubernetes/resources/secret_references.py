"""Which secrets a pod reads and how: names, never values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gate.extract.kubernetes.documents.objects import namespace_of, object_id, remembered
from gate.extract.kubernetes.documents.pods import Pod, containers, volumes
from gate.extract.kubernetes.language.shapes import Place, listing, mapping, text
from gate.inputs.documents import Manifest
from gate.model.access import SecretReference, SecretUse

_CSI_SECRETS = "secrets-store.csi.k8s.io"


def secret_references(pod: Pod) -> list[SecretReference]:
    """Every reference once, in the order of the manifest. Raises ``WrongShape``."""
    found = [*_from_containers(pod), *_from_volumes(pod), *_from_pull_secrets(pod)]
    return list(dict.fromkeys(found))


@remembered
def pull_secrets(manifest: Manifest) -> list[SecretReference]:
    """What pods of a ServiceAccount pull their images with. Raises ``WrongShape``."""
    names = [entry.get("name") for _, entry in _entries(manifest.body, "imagePullSecrets", ())]
    space = namespace_of(manifest)
    return [
        SecretReference(object_id("Secret", space, n), "imagePullSecrets") for n in names if isinstance(n, str) and n
    ]


def _secret(pod: Pod, value: object, place: Place, via: SecretUse, kind: str = "Secret") -> Iterator[SecretReference]:
    name = text(value, place)
    if name:
        yield SecretReference(object_id(kind, pod.namespace, name), via)


def _from_containers(pod: Pod) -> Iterator[SecretReference]:
    for container in containers(pod):
        for at, entry in _entries(container.body, "env", container.place):
            source = mapping(entry.get("valueFrom"), (*at, "valueFrom"))
            reference = mapping(source.get("secretKeyRef"), (*at, "valueFrom", "secretKeyRef"))
            yield from _secret(pod, reference.get("name"), (*at, "valueFrom", "secretKeyRef", "name"), "env")
        for at, entry in _entries(container.body, "envFrom", container.place):
            reference = mapping(entry.get("secretRef"), (*at, "secretRef"))
            yield from _secret(pod, reference.get("name"), (*at, "secretRef", "name"), "envFrom")


def _from_volumes(pod: Pod) -> Iterator[SecretReference]:
    for place, volume in volumes(pod):
        secret = mapping(volume.get("secret"), (*place, "secret"))
        yield from _secret(pod, secret.get("secretName"), (*place, "secret", "secretName"), "volume")
        projected = mapping(volume.get("projected"), (*place, "projected"))
        for at, entry in _entries(projected, "sources", (*place, "projected")):
            reference = mapping(entry.get("secret"), (*at, "secret"))
            yield from _secret(pod, reference.get("name"), (*at, "secret", "name"), "projected")
        csi = mapping(volume.get("csi"), (*place, "csi"))
        if csi.get("driver") == _CSI_SECRETS:
            at = (*place, "csi", "volumeAttributes")
            attributes = mapping(csi.get("volumeAttributes"), at)
            name = attributes.get("secretProviderClass")
            yield from _secret(pod, name, (*at, "secretProviderClass"), "csi", "SecretProviderClass")


def _from_pull_secrets(pod: Pod) -> Iterator[SecretReference]:
    for at, entry in _entries(pod.spec, "imagePullSecrets", pod.place):
        yield from _secret(pod, entry.get("name"), (*at, "name"), "imagePullSecrets")


def _entries(body: dict[str, Any], key: str, place: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
    for index, entry in enumerate(listing(body.get(key), (*place, key))):
        at = (*place, key, index)
        yield at, mapping(entry, at)
