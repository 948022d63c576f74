"""Paths of the node behind persistent volume claims: a claim, and the volumes of the change that can be bound to it.

A claim is bound to the volume it names, to the one that names it (``claimRef``), or else to any volume of its class.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gate.extract.kubernetes.documents.objects import namespace_of, remembered
from gate.extract.kubernetes.documents.pods import Pod, volumes
from gate.extract.kubernetes.language.shapes import Place, filled, listing, mapping, text
from gate.inputs.documents import Manifest


@dataclass(frozen=True, slots=True)
class HostVolume:
    """A PersistentVolume that is a path of a node. ``claim``: namespace and name of the only claim that may have it."""

    path: str
    place: Place
    storage_class: str
    claim: tuple[str, str] | None
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim. ``storage_class`` is ``None`` where the cluster's default one makes a volume for it."""

    namespace: str
    name: str
    volume: str | None
    storage_class: str | None


@remembered
def host_volume(manifest: Manifest) -> HostVolume | None:
    """A PersistentVolume of kind ``hostPath`` or ``local``; ``None`` for any other. Raises ``WrongShape``."""
    spec = mapping(manifest.body.get("spec"), ("spec",))
    for kind in ("hostPath", "local"):
        place: Place = ("spec", kind, "path")
        path = text(mapping(spec.get(kind), place[:-1]).get("path"), place)
        if path:
            reference = mapping(spec.get("claimRef"), ("spec", "claimRef"))
            claimed = text(reference.get("name"), ("spec", "claimRef", "name"))
            claimer = text(reference.get("namespace"), ("spec", "claimRef", "namespace")) or "default"
            storage_class = text(spec.get("storageClassName"), ("spec", "storageClassName")) or ""
            return HostVolume(
                filled(path, place), place, storage_class, (claimer, claimed) if claimed else None, manifest
            )
    return None


@remembered
def claim(manifest: Manifest) -> Claim:
    """A PersistentVolumeClaim of the change. Raises ``WrongShape``."""
    return _claim(manifest.body, (), namespace_of(manifest), manifest.name)


def claim_names(pod: Pod) -> Iterator[str]:
    """Names of the claims that the volumes of a pod say. Raises ``WrongShape``."""
    for place, volume in volumes(pod):
        if name := _claim_name(volume, place):
            yield name


def _claim_name(volume: dict[str, Any], place: Place) -> str | None:
    at = (*place, "persistentVolumeClaim")
    return text(mapping(volume.get("persistentVolumeClaim"), at).get("claimName"), (*at, "claimName"))


def _claim(body: dict[str, Any], place: Place, namespace: str, name: str) -> Claim:
    at = (*place, "spec")
    spec = mapping(body.get("spec"), at)
    volume = text(spec.get("volumeName"), (*at, "volumeName"))
    return Claim(namespace, name, volume or None, text(spec.get("storageClassName"), (*at, "storageClassName")))


class HostVolumes:
    """The volumes and claims of the change, to ask which paths of a node a pod's volume may be."""

    def __init__(self, volumes: Iterable[HostVolume], claims: Iterable[Claim]) -> None:
        self._volumes = tuple(volumes)
        self._claims: dict[tuple[str, str], list[Claim]] = {}
        for one in claims:
            self._claims.setdefault((one.namespace, one.name), []).append(one)

    def __bool__(self) -> bool:
        return bool(self._volumes)

    def behind(self, volume: dict[str, Any], place: Place, namespace: str) -> Iterator[HostVolume]:
        """What a volume of a pod may be, through its claim or the template of one. Raises ``WrongShape``."""
        if not self._volumes:
            return
        if name := _claim_name(volume, place):
            found = self._claims.get((namespace, name), [Claim(namespace, name, None, None)])
            yield from (v for v in self._volumes if any(_fits(v, one) for one in found))
        at = (*place, "ephemeral", "volumeClaimTemplate")
        template = mapping(mapping(volume.get("ephemeral"), at[:-1]).get("volumeClaimTemplate"), at)
        yield from (v for v in self._volumes if template and _fits(v, _claim(template, at, namespace, "")))

    def templated(self, manifest: Manifest) -> Iterator[tuple[str, HostVolume]]:
        """Names of a StatefulSet's claim templates with what each may be bound to. Raises ``WrongShape``."""
        place: Place = ("spec", "volumeClaimTemplates")
        spec = mapping(manifest.body.get("spec"), place[:1])
        for index, body in enumerate(listing(spec.get("volumeClaimTemplates"), place) if self._volumes else ()):
            template = mapping(body, (*place, index))
            metadata = mapping(template.get("metadata"), (*place, index, "metadata"))
            name = text(metadata.get("name"), (*place, index, "metadata", "name")) or ""
            prefix = f"{name}-{manifest.name}-"
            one = _claim(template, (*place, index), namespace_of(manifest), prefix)
            for volume in self._volumes:
                named = volume.claim and volume.claim[0] == one.namespace and volume.claim[1].startswith(prefix)
                if named or _fits(volume, one):
                    yield name, volume


def _fits(volume: HostVolume, one: Claim) -> bool:
    if volume.claim is not None:
        return volume.claim == (one.namespace, one.name)
    if one.volume is not None:
        return one.volume == volume.manifest.name
    return one.storage_class == volume.storage_class
