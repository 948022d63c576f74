"""What a policy writes, as facts: paths, and what they come to where a pod is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gate.extract.kubernetes.compute.embedded_pods import workload_in
from gate.extract.kubernetes.documents.objects import source_of
from gate.extract.kubernetes.resources.claims import HostVolumes
from gate.extract.kubernetes.rewriting.trees import OPEN, Writing, known, paths
from gate.inputs.documents import Manifest
from gate.model.access import Interceptor, Workload


def rewriter(writing: Writing) -> Interceptor:
    """The policy as somebody who changes requests on their way."""
    found = dict(sorted(paths(writing.tree)))
    opaque = tuple(path for path, is_known in found.items() if not is_known)
    source = source_of(writing.manifest, writing.place)
    return Interceptor(
        "mutating policy", None, False, False, writing.kinds, source, "create", writes=tuple(found), opaque=opaque
    )


def pods_written(manifest: Manifest, found: Sequence[Writing], hosts: HostVolumes) -> Workload | None:
    """What is known of the pods that a policy changes, as one workload. Raises ``WrongShape``."""
    parts = [(writing.place, known(writing.tree)) for writing in found if writing.tree is not OPEN]
    return workload_in(manifest, [(place, _with_mounts(tree)) for place, tree in parts], hosts, acts=False)


def _with_mounts(tree: Any) -> Any:  # noqa: ANN401
    """A tree whose volumes are mounted: what mounts them may be written by something else."""
    if isinstance(tree, list):
        return [_with_mounts(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    found = {key: _with_mounts(item) for key, item in tree.items()}
    mounts = [{"name": name} for name in _names(found.get("volumes"))]
    if mounts:
        containers = found.get("containers")
        found["containers"] = [
            *(containers if isinstance(containers, list) else ()),
            {"image": "", "volumeMounts": mounts},
        ]
    return found


def _names(volumes: object) -> Iterator[str]:
    for volume in volumes if isinstance(volumes, list) else ():
        name = volume.get("name") if isinstance(volume, dict) else None
        if isinstance(name, str):
            yield name
