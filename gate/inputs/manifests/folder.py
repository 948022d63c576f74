"""Which files of a folder are looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gate.inputs.manifests.unrendered import KUSTOMIZATIONS, is_chart

_SUFFIXES = (".json", ".yaml", ".yml")
_SKIPPED = frozenset({"node_modules"})
_OF_A_CHART = frozenset({"templates", "charts"})


def candidates(folder: Path) -> Iterator[Path]:
    """Every ``.json``, ``.yaml`` and ``.yml`` below the folder and each kustomization, in a stable order.

    Hidden files count, since ``kubectl apply -f`` takes them. Hidden folders (``.git``, ``.terraform``, ``.github``),
    ``node_modules`` and the templates of a Helm chart are left out, links to folders not followed: a link could lead
    round in circles or out of the change.
    """
    for at, folders, files in os.walk(folder):
        chart = is_chart(files, folders)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in _SKIPPED and not (chart and name in _OF_A_CHART)
        )
        for name in sorted(files):
            if name.lower().endswith(_SUFFIXES) or name in KUSTOMIZATIONS:
                yield Path(at) / name


def has_terraform(folder: Path) -> bool:
    """Whether Terraform source lies in the folder itself."""
    return any(folder.glob("*.tf")) or any(folder.glob("*.tf.json")) or any(folder.glob("*.tofu"))
