"""Running Terraform: found, old enough, without credentials, without a network at evaluation time, with a time-out."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gate.errors import EvaluationTimeout
from gate.inputs.evaluation.symbols import plain

# Terraform overrides resources while planning since 1.11 (``override_during = plan``), OpenTofu always has.
# https://developer.hashicorp.com/terraform/language/tests/mocking
# https://opentofu.org/docs/cli/commands/test/#the-override_resource-and-override_data-blocks
MINIMUM = {"terraform": (1, 11), "tofu": (1, 8)}
# What a process of an untrusted change must not inherit: our cloud's credentials and endpoints.
_CREDENTIALS = re.compile(r"^(AWS|GOOGLE|GCLOUD|CLOUDSDK|ARM|AZURE|KUBE|VAULT|GITHUB|GH|OKTA|TFE|TF_TOKEN)_?")


_NOT_OURS = ("TF_LOG", "TF_DATA_DIR", "TF_CLI_ARGS", "TF_REATTACH_PROVIDERS")


@dataclass(frozen=True, slots=True)
class Terraform:
    """An executable and its version, ``(1, 11, 4)``; ``product`` is terraform or tofu."""

    path: str
    product: str
    version: tuple[int, ...]

    @property
    def evaluates(self) -> bool:
        """Whether its test command can override resources while planning."""
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
        ran = subprocess.run(
            [path, "version", "-json"], capture_output=True, timeout=30, env=environment(), check=False
        )
        answer = json.loads(ran.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    text = answer.get("terraform_version") or ""
    numbers = tuple(int(n) for n in re.findall(r"\d+", text.split("-")[0]))
    tofu = b"OpenTofu" in subprocess.run([path, "version"], capture_output=True, timeout=30, check=False).stdout
    return Terraform(path, "tofu" if tofu else "terraform", numbers) if numbers else None


def environment(*, offline: bool = False, variables: dict[str, str] | None = None) -> dict[str, str]:
    """The environment Terraform runs in. ``offline``: no credentials, and every HTTP client is sent to a closed port.

    Only ``terraform init`` runs without it: it fetches modules and providers, perhaps with a registry token.
    """
    kept = {k: v for k, v in os.environ.items() if not (offline and _CREDENTIALS.match(k))}
    kept |= {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1", "AWS_EC2_METADATA_DISABLED": "true"}
    # Logs can hold values; a data folder, arguments or a running provider of the caller's would lead out of the copy.
    kept = {k: v for k, v in kept.items() if not k.startswith(_NOT_OURS)}
    if offline:
        nowhere = "http://127.0.0.1:9"
        kept |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), nowhere)
        kept |= {"NO_PROXY": "", "no_proxy": "", "AWS_MAX_ATTEMPTS": "1"}
    return kept | (variables or {})


def run(
    terraform: Terraform, arguments: Sequence[str], directory: Path, *, timeout: float, offline: bool, doing: str
) -> tuple[int, Path]:
    """Run it in ``directory`` and return its exit status and the file with its output (the caller removes it).

    Output goes to a file: a test plan carries 14 MB of provider schemas. After ``timeout`` seconds: EvaluationTimeout.
    """
    with tempfile.NamedTemporaryFile(prefix="gate-", suffix=".out", delete=False, dir=directory) as output:
        process = subprocess.Popen(
            [terraform.path, *arguments],
            cwd=directory,
            env=environment(offline=offline),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.wait(timeout), Path(output.name)
        except subprocess.TimeoutExpired:
            raise EvaluationTimeout(
                f"{doing}: {terraform.product} did not finish within {timeout:g} seconds and was stopped",
                hint="Try again with --timeout, or check the plan alone: gate check plan.json",
            ) from None
        finally:
            _end(process)


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


def messages(output: Path) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The plan and the error diagnostics of ``terraform test -json -verbose``; its 14 MB of schemas are dropped."""
    plan: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = []
    with output.open("rb") as lines:
        for line in lines:
            if b'"type":"test_plan"' in line or b'"type":"diagnostic"' in line:
                message = json.loads(plain(line))
                if message["type"] == "test_plan":
                    plan = message["test_plan"]
                    plan.pop("provider_schemas", None)
                elif message["diagnostic"]["severity"] == "error":
                    errors.append(message["diagnostic"])
    return plan, errors
