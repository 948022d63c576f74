"""Running Terraform: found, without the caller's environment and credentials, confined, with a time-out."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gate.errors import EvaluationTimeout

# Providers of protocol 6 and ``plan -json`` that lists every error. Terraform 1.1, OpenTofu from its beginning.
# https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol
MINIMUM = {"terraform": (1, 1), "tofu": (1, 6)}


@dataclass(frozen=True, slots=True)
class Terraform:
    """An executable and its version, ``(1, 11, 4)``; ``product`` is terraform or tofu."""

    path: str
    product: str
    version: tuple[int, ...]

    @property
    def evaluates(self) -> bool:
        """Whether it takes the gate's own provider."""
        return self.version[:2] >= MINIMUM[self.product]


@cache
def find_terraform() -> Terraform | None:
    """``GATE_TERRAFORM``, else ``terraform``, else ``tofu`` on PATH; None when there is none that answers."""
    for name in filter(None, (os.environ.get("GATE_TERRAFORM"), "terraform", "tofu")):
        path = shutil.which(name)
        if path and (found := _version(path)):
            return found
    return None


def _version(path: str) -> Terraform | None:
    try:
        with tempfile.TemporaryDirectory(prefix="gate-") as folder:
            elsewhere = Path(folder)
            (elsewhere / "terraform.rc").touch()
            settings = environment(elsewhere)
            _, told = run([path, "version"], elsewhere, settings, timeout=30, doing="asking for its version")
    except (OSError, EvaluationTimeout):
        return None
    said = re.search(rb"^(Terraform|OpenTofu) v(\d+(?:\.\d+)+)", told, re.MULTILINE)
    if said is None:
        return None
    numbers = tuple(int(number) for number in said[2].split(b"."))
    return Terraform(path, "tofu" if said[1] == b"OpenTofu" else "terraform", numbers)


def environment(home: Path) -> dict[str, str]:
    """The environment Terraform runs in: nothing of the caller's but the values of variables, ``TF_VAR_…``.

    ``home``: a folder of its own, with the settings in ``terraform.rc``.
    """
    given = {name: value for name, value in os.environ.items() if name.startswith("TF_VAR_")}
    return given | {
        "HOME": str(home),
        "TMPDIR": str(home),
        "PATH": os.defpath,
        "TF_CLI_CONFIG_FILE": str(home / "terraform.rc"),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        "TF_DISABLE_PLUGIN_TLS": "1",  # they talk in this private folder; making keys takes 0.1 s
        "GOGC": "400",  # a short run: collecting its garbage less often saves a third of the time
    }


def run(
    command: Sequence[str], directory: Path, environment: Mapping[str, str], *, timeout: float, doing: str
) -> tuple[int, bytes]:
    """Run a command in ``directory``: its exit status and output. After ``timeout`` seconds: EvaluationTimeout."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise EvaluationTimeout(
                f"{doing}: Terraform did not finish within {timeout:g} seconds and was stopped",
                hint="Try again with --terraform-timeout, or check the plan alone: gate check plan.json",
            ) from None
        finally:
            _end(process)
        output.seek(0)
        return status, output.read()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Providers are Terraform's children: end the whole group, also after Ctrl-C."""
    if process.poll() is None:
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, signal_number)
                process.wait(3)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
            break


def errors(output: bytes) -> list[dict[str, Any]]:
    """The error diagnostics in the output of ``terraform plan -json``: one JSON object a line.

    https://developer.hashicorp.com/terraform/internals/machine-readable-ui
    """
    found = []
    for line in output.splitlines():
        if b'"diagnostic"' not in line:
            continue
        try:
            message = json.loads(line)
        except ValueError:
            continue
        diagnostic = message.get("diagnostic")
        if isinstance(diagnostic, dict) and diagnostic.get("severity") == "error":
            found.append(diagnostic)
    return found
