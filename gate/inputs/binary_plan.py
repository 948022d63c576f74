"""A binary plan file (a zip archive that ``terraform plan -out`` writes) to its JSON, by Terraform or OpenTofu itself.

``show`` starts the providers that lie in the directory's ``.terraform``, as ``terraform plan`` did before.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

from gate.errors import InputError

SECONDS = 300
"""How long ``show`` may take; a plan of 10,000 resources takes about 10 s."""

_BY_HAND = "In the directory where the plan was made, run: terraform show -json PLAN > plan.json, and give plan.json."


# Terraform's own words may quote the configuration. These tell why without a value of it.
_REASONS = (
    (re.compile(r"created by (?:Terraform|OpenTofu) v?([\w.\-]{1,30}), but this is v?([\w.\-]{1,30})"),
     "it was created by version {0}, and the one on PATH is {1}"),
    (re.compile(r"created by a (?:newer|different) version"), "it was created by another version than the one on PATH"),
    (re.compile(r"(?:no package for|plugins are not installed|Inconsistent dependency lock|plugin schemas)"),
     "its providers are not installed in that directory (terraform init)"),
    (re.compile(r"(?:encrypted|decrypt|key provider)"), "it is encrypted, and the key is not configured here"),
)  # fmt: skip


def _reason(stderr: bytes) -> str:
    said = " ".join(stderr.decode("utf-8", "replace").replace("│", " ").split())
    found = ((known.search(said), told) for known, told in _REASONS)
    return next((f": {told.format(*match.groups())}" for match, told in found if match), "")


def show(data: bytes, path: Path | None, name: str) -> str:
    """The plan as JSON text; ``InputError`` when it is another archive, no Terraform is there, or it refuses."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            is_plan = "tfplan" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        is_plan = False
    if not is_plan:
        raise InputError(f"{name} is a zip archive, not a plan.", hint="Give the plan or the manifests themselves.")
    if path is None:
        raise InputError(f"{name} is a binary plan, which can only be read from a file.", hint=_BY_HAND)
    executable = shutil.which("terraform") or shutil.which("tofu")
    if executable is None:
        raise InputError(f"{name} is a binary plan, and neither terraform nor tofu is on PATH.", hint=_BY_HAND)
    absolute = path.resolve()
    try:
        shown = subprocess.run(  # noqa: S603
            [executable, "show", "-json", "-no-color", str(absolute)],
            cwd=absolute.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise InputError(f"{name}: terraform show did not finish.", hint=_BY_HAND) from None
    if shown.returncode != 0:
        raise InputError(
            f"{name}: terraform show -json could not read this binary plan{_reason(shown.stderr)}.", hint=_BY_HAND
        )
    return shown.stdout.decode("utf-8", "replace")
