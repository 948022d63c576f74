"""Objects that hand something over to whichever pod asks: paths of a node as volumes, roles that a namespace permits.

They run nothing. They stand among the workloads because what matters of them is a setting, as of a pod.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gate.extract.kubernetes.documents.objects import manifest_id, source_of
from gate.extract.kubernetes.language.host_paths import host_path_kinds, is_known
from gate.extract.kubernetes.language.shapes import Place, dotted, mapping, pairs
from gate.extract.kubernetes.resources.claims import HostVolume
from gate.inputs.documents import Manifest
from gate.model.access import Setting, Source, Workload

# kiam: a regular expression (https://github.com/uswitch/kiam); kube2iam: a JSON list of patterns
# (https://github.com/jtblin/kube2iam).
_PERMITS = ("iam.amazonaws.com/permitted", "iam.amazonaws.com/allowed-roles")
_ANY = re.compile(r"""[\^\s\["']*(?:\.[*+]|\*)[$\s\]"']*""")


def volume_offer(volume: HostVolume, workloads: Iterable[Workload]) -> Workload | None:
    """A persistent volume that is a folder of a node's own, which no pod of the change is known to mount."""
    kinds = tuple(filter(is_known, host_path_kinds(volume.path)))  # else it is the folder of that volume
    id_ = manifest_id(volume.manifest)
    if not kinds or any(s.source.address == id_ for workload in workloads for s in workload.settings):
        return None
    place = volume.place
    source = source_of(volume.manifest, place)
    return _offer(volume.manifest, *(Setting(kind, dotted(place), volume.path, source) for kind in kinds))


def permitted_roles(manifest: Manifest) -> Workload | None:
    """A namespace whose pods may name any role to an agent on the node. Raises ``WrongShape``."""
    place: Place = ("metadata", "annotations")
    annotations = pairs(mapping(manifest.body.get("metadata"), place[:1]).get("annotations"), place)
    for key in _PERMITS:
        if _ANY.fullmatch(annotations.get(key, "")):
            source = source_of(manifest, (*place, key))
            return _offer(manifest, Setting("namespace-permits-any-role", key, annotations[key], source))
    return None


def _offer(manifest: Manifest, *settings: Setting) -> Workload:
    source: Source = source_of(manifest)
    return Workload(
        id=manifest_id(manifest),
        kind=manifest.kind,
        platform="kubernetes",
        runs_as=(),
        source=source,
        exposure="none",
        token=False,
        settings=settings,
        change="create",
    )
