"""Which files of a folder are looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_SUFFIXES = (".json", ".yaml", ".yml")
_SKIPPED = frozenset({"node_modules"})


def candidates(folder: Path) -> Iterator[Path]:
    """Every ``.json``, ``.yaml`` and ``.yml`` below the folder, in a stable order.

    Hidden folders (``.git``, ``.terraform``, ``.github``) and ``node_modules`` are left out, links to folders not
    followed: a link could lead round in circles or out of the change.
    """
    for at, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        for name in sorted(files):
            if name.lower().endswith(_SUFFIXES) and not name.startswith("."):
                yield Path(at) / name


def has_terraform(folder: Path) -> bool:
    """Whether Terraform source lies in the folder itself."""
    return any(folder.glob("*.tf")) or any(folder.glob("*.tf.json")) or any(folder.glob("*.tofu"))
