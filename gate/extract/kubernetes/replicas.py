"""Pods that a workload of the same input made: judged once, as the workload, unless they say more than its template.

What a pod says of its owner is only its own word, so a pod is left out for what it may do, never for whom it names.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping

from gate.extract.kubernetes.objects import group_of, namespace_of
from gate.inputs.documents import Manifest
from gate.model.access import Workload

_Key = tuple[str, str, str, str]


def without_replicas(found: Iterable[tuple[Manifest, Workload]]) -> Iterator[Workload]:
    """Each workload once: of the pods that one Deployment, Job … made, one of each sort that says more than it does."""
    read = list(found)
    made = {_key(manifest): (manifest, workload) for manifest, workload in read}
    told: set[Hashable] = set()
    for manifest, workload in read:
        root = _root(manifest, made)
        if root is None:
            yield workload
            continue
        more = (root.id, _said(workload), workload.runs_as, workload.token)
        if more not in told and not _says_no_more(workload, root):
            told.add(more)
            yield workload


def _key(manifest: Manifest) -> _Key:
    return group_of(manifest), manifest.kind, namespace_of(manifest), manifest.name


def _root(manifest: Manifest, made: Mapping[_Key, tuple[Manifest, Workload]]) -> Workload | None:
    """The workload at the end of the chain of controllers; ``None`` when none of them is among ``made``."""
    found, seen = None, {_key(manifest)}
    while (key := _controller(manifest)) in made and key not in seen:
        seen.add(key)
        manifest, found = made[key]
    return found


def _controller(manifest: Manifest) -> _Key:
    metadata = manifest.body.get("metadata")
    references = metadata.get("ownerReferences") if isinstance(metadata, dict) else None
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, dict) and reference.get("controller") is True:
            group = str(reference.get("apiVersion")).rpartition("/")[0]
            return group, str(reference.get("kind")), namespace_of(manifest), str(reference.get("name"))
    return "", "", "", ""


def _says_no_more(workload: Workload, root: Workload) -> bool:
    return (
        workload.runs_as == root.runs_as
        and (not workload.token or bool(root.token))
        and _said(workload) <= _said(root)
        and set(workload.secrets) <= set(root.secrets)
    )


def _said(workload: Workload) -> frozenset[tuple[str, str]]:
    return frozenset((setting.name, setting.value) for setting in workload.settings)
