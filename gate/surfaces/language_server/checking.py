"""What is judged when a file is opened or saved: ``gate check`` in a process of its own, which a newer save ends."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from gate.model.decision import Decision
from gate.surfaces.separate_check import decided, start

_TERRAFORM = (".tf", ".tf.json", ".tofu", ".tfvars")
_MANIFESTS = (".yaml", ".yml")


def target_of(file: Path) -> Path | None:
    """The Terraform directory that a file belongs to, a manifest itself; ``None`` for what the gate does not read."""
    name = file.name
    if name.endswith(_TERRAFORM):
        return file.parent
    return file if name.endswith(_MANIFESTS) and name not in ("gate.yaml", "gate.yml") else None


class Checks:
    """One check at a time for each target."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running: dict[Path, asyncio.subprocess.Process] = {}

    async def check(self, target: Path) -> Decision | None:
        """The decision; ``None`` when a newer check of the same target took its place.

        Raises ``GateError`` when there is no decision: a file that is being written is often not readable.
        """
        self._end(target)
        with tempfile.TemporaryDirectory(prefix="gate-lsp-") as folder:
            report = Path(folder) / "decision.json"
            limit = ["--time-limit", f"{max(1.0, self._seconds):g}"]
            base = target if target.is_dir() else target.parent
            process = await start(str(target), report, limit, folder=base)
            self._running[target] = process
            try:
                _, said = await process.communicate()
            finally:
                if self._running.get(target) is process:
                    del self._running[target]
            if process.returncode is not None and process.returncode < 0:
                return None
            return decided(process.returncode, said, report)

    def close(self) -> None:
        """End what runs."""
        for target in list(self._running):
            self._end(target)

    def _end(self, target: Path) -> None:
        process = self._running.pop(target, None)
        if process is not None and process.returncode is None:
            process.kill()
