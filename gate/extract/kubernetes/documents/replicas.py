"""Objects that others of the same input made: a Deployment's pods are judged once, as the Deployment.

What an object says of its owner is only its own word, so one is left out for what it says, never for whom it names.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from gate.extract.kubernetes.documents.objects import group_of, namespace_of
from gate.inputs.documents import Manifest
from gate.model.access import Workload

_Key = tuple[str, str, str, str]
_NOBODY: _Key = ("", "", "", "")


class Makers:
    """Who made what among ``manifests``."""

    def __init__(self, manifests: Iterable[Manifest]) -> None:
        self._manifests = {_key(manifest): manifest for manifest in manifests}

    def of(self, manifest: Manifest) -> Manifest | None:
        """The object at the end of the chain of controllers; ``None`` when none of them is among the manifests."""
        found, seen = None, {_key(manifest)}
        while (key := _controller(found or manifest)) in self._manifests and key not in seen:
            seen.add(key)
            found = self._manifests[key]
        return found


def without_replicas(found: Iterable[tuple[Manifest, Workload]]) -> Iterator[Workload]:
    """Each workload once: of the pods that one Deployment, Job … made, one of each sort that says more than it does."""
    read = list(found)
    makers = Makers(manifest for manifest, _ in read)
    made = {id(manifest): workload for manifest, workload in read}
    told: set[Hashable] = set()
    for manifest, workload in read:
        maker = makers.of(manifest)
        if maker is None:
            yield workload
            continue
        root = made[id(maker)]
        more = (root.id, _said(workload), workload.runs_as, workload.token)
        if more not in told and not _says_no_more(workload, root):
            told.add(more)
            yield workload


def _key(manifest: Manifest) -> _Key:
    return group_of(manifest), manifest.kind, namespace_of(manifest), manifest.name


def _controller(manifest: Manifest) -> _Key:
    metadata = manifest.body.get("metadata")
    references = metadata.get("ownerReferences") if isinstance(metadata, dict) else None
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, dict) and reference.get("controller") is True:
            group = str(reference.get("apiVersion")).rpartition("/")[0]
            return group, str(reference.get("kind")), namespace_of(manifest), str(reference.get("name"))
    return _NOBODY


def _says_no_more(workload: Workload, root: Workload) -> bool:
    return (
        workload.runs_as == root.runs_as
        and (not workload.token or bool(root.token))
        and _said(workload) <= _said(root)
        and set(workload.secrets) <= set(root.secrets)
    )


def _said(workload: Workload) -> frozenset[tuple[str, str]]:
    return frozenset((setting.name, setting.value) for setting in workload.settings)
