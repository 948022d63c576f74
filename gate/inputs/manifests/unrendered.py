"""Sources of manifests: what they deploy is known only after a tool has rendered them.

A Helm chart's templates are no manifests. A kustomization may patch, rename and move what lies beside it, or fetch
more; one that only lists files of the same folder changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gate.inputs.documents import UnreadDocument
from gate.inputs.text.reading import decode, display, read_file
from gate.inputs.text.yaml.loading import load_documents
from gate.model.access import Location

CHART = "Chart.yaml"
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_CHANGES_NOTHING = frozenset({"apiVersion", "kind", "metadata", "resources", "images", "replicas", "sortOptions"})


def is_chart(files: Sequence[str], folders: Sequence[str]) -> bool:
    """Whether a folder with these files and folders is a Helm chart."""
    return CHART in files and "templates" in folders


def render_chart(folder: Path) -> str:
    """What to type for a chart."""
    return f"Render it and give the result: helm template {display(folder)} | gate check -"


def unrendered(path: Path) -> UnreadDocument | None:
    """What stands in the way when ``path`` belongs to a chart or is a kustomization; ``None`` when nothing does."""
    folder, place = path.parent, Location(display(path), 1, 1)
    if path.name == CHART and (folder / "templates").is_dir():
        reason = "what the chart installs is known only when it is rendered; its templates were not judged"
        return UnreadDocument(place, "Helm chart", reason, render_chart(folder))
    if path.name not in KUSTOMIZATIONS or not (why := _changes(path)):
        return None
    remedy = f"Render it and give the result in place of the folder: kubectl kustomize {display(folder)} | gate check -"
    return UnreadDocument(
        place, "kustomization", f"it was not rendered, and it deploys something other than these files: {why}", remedy
    )


def _changes(path: Path) -> str:
    """What a kustomization does beside listing files and folders below its own; empty when that is all."""
    documents = list(load_documents(decode(read_file(path), display(path))))
    if len(documents) != 1 or documents[0].problem or not isinstance(documents[0].value, dict):
        return "it could not be read"
    said: dict[str, Any] = documents[0].value
    if other := sorted(str(key) for key in said if key not in _CHANGES_NOTHING):
        return ", ".join(other[:4]) + (f" and {len(other) - 4} more" if len(other) > 4 else "")
    resources = said.get("resources") or []
    if not isinstance(resources, list) or not all(_lies_below(path.parent, entry) for entry in resources):
        return "resources from elsewhere"
    return ""


def _lies_below(folder: Path, entry: object) -> bool:
    if not isinstance(entry, str):
        return False
    try:
        target = (folder / entry).resolve()
        return target.is_relative_to(folder.resolve()) and target.exists()
    except (OSError, RuntimeError, ValueError):
        return False
