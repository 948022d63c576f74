"""Makes the plans of the fixtures: real Terraform, the real AWS provider, moto in the place of AWS.

    python -m tools.generate.plans [FOLDER ...]        (default: fixtures/)

Every folder below with ``.tf`` files is a root, and ``plan.json`` is written beside them. Three names are special:

- ``before/`` in a root is a whole root of its own, applied first: the plan then has values *before*, updates,
  deletes and no-ops.
- ``root/`` keeps the source away from its plan: the plan is written one folder up, as for a gate that is given no
  source.
- ``modules/`` holds modules of the root above it, never a root.

Roots below ``evaluate/`` are also applied: ``state.json`` is what Terraform made of each resource.

Providers come from ``GATE_PROVIDER_MIRROR`` (a filesystem mirror), else from what ``TF_CLI_CONFIG_FILE`` or
``TF_PLUGIN_CACHE_DIR`` say, else from where Terraform looks by itself. Needs ``terraform`` and ``moto_server`` on PATH.
What changes from run to run (time, generated suffixes) is fixed, so that running again gives no difference.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
NOT_ROOTS = {"before", "modules", ".terraform"}
EPOCH = "2026-01-01T00:00:00Z"
SEED = 42

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:?00)")
# Terraform's unique suffix: 18 digits of time and a counter of 8 hex digits.
_SUFFIX = re.compile(r"\b(?:(?<=-)|(?<=terraform-)|)20\d{16}([0-9a-f]{8})\b")


def roots(folder: Path) -> list[Path]:
    """Folders at or below ``folder`` that hold a Terraform root, in order."""
    found = {file.parent for file in folder.rglob("*.tf")}
    return sorted(root for root in found if not NOT_ROOTS & set(root.relative_to(FIXTURES).parts))


@contextmanager
def moto() -> Iterator[str]:
    """Starts one moto server on a free port of loopback; gives its address."""
    with socket.socket() as probe:
        # An IP address and not a name: the provider then asks for buckets by path, which needs no DNS.
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        ["moto_server", "-H", "127.0.0.1", "-p", str(port)],
        env={**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for _ in range(200):
            if server.poll() is not None:
                raise SystemExit("moto_server ended before it answered; run it by hand to see why")
            try:
                _post(f"{url}/moto-api/reset")
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        yield url
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def _post(url: str) -> None:
    urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=10).read()


def environment(url: str, scratch: Path) -> dict[str, str]:
    """What Terraform runs with: dummy credentials, moto as AWS, nothing of the caller's AWS or Terraform settings."""
    kept = {
        k: v for k, v in os.environ.items() if not k.upper().startswith(("AWS_", "TF_")) and "PROXY" not in k.upper()
    }
    kept |= {
        "AWS_ACCESS_KEY_ID": "mock",
        "AWS_SECRET_ACCESS_KEY": "mock",
        "AWS_ENDPOINT_URL": url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
    }
    mirror = os.environ.get("GATE_PROVIDER_MIRROR")
    config = os.environ.get("TF_CLI_CONFIG_FILE")
    cache = os.environ.get("TF_PLUGIN_CACHE_DIR")
    if mirror:
        settings = scratch / "terraform.rc"
        settings.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror}" }}\n}}\n')
        kept["TF_CLI_CONFIG_FILE"] = str(settings)
    elif config and Path(config).exists():
        kept["TF_CLI_CONFIG_FILE"] = config
    elif cache:
        kept["TF_PLUGIN_CACHE_DIR"] = cache
    return kept


def terraform(work: Path, env: dict[str, str], *arguments: str) -> str:
    """Runs Terraform in ``work``; its standard output. Ends the program with Terraform's own words when it fails."""
    done = subprocess.run(["terraform", *arguments], cwd=work, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"terraform {arguments[0]}\n{done.stdout}{done.stderr}")
    return done.stdout


def _lay(root: Path, work: Path) -> None:
    """Puts the files of ``root`` into ``work`` in place of those there, and keeps the state."""
    for old in work.iterdir():
        if old.suffix in {".tf", ".tfvars", ".tftpl"}:
            old.unlink()
    shutil.copytree(root, work, dirs_exist_ok=True, ignore=shutil.ignore_patterns("before", "*.json", ".terraform*"))


def make(root: Path, url: str, scratch: Path) -> None:
    """Writes ``plan.json`` for one root, and ``state.json`` when it stands below ``evaluate/``."""
    env = environment(url, scratch)
    _post(f"{url}/moto-api/reset")
    _post(f"{url}/moto-api/seed?a={SEED}")
    # One at a time, so that moto draws the same identifiers in every run.
    apply = ("apply", "-auto-approve", "-no-color", "-input=false", "-parallelism=1")
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        work = Path(folder)
        before = root / "before"
        if before.is_dir():
            _lay(before, work)
            terraform(work, env, "init", "-no-color", "-input=false")
            terraform(work, env, *apply)
        _lay(root, work)
        terraform(work, env, "init", "-no-color", "-input=false")
        terraform(work, env, "plan", "-no-color", "-input=false", "-out", "gate.tfplan")
        plan = json.loads(terraform(work, env, "show", "-json", "gate.tfplan"))
        target = root.parent if root.name == "root" else root
        _write(target / "plan.json", _plan(plan), url)
        if "evaluate" in root.relative_to(FIXTURES).parts:
            terraform(work, env, *apply)
            _write(root / "state.json", _state(json.loads(terraform(work, env, "show", "-json"))), url)


def _plan(plan: dict[str, Any]) -> dict[str, Any]:
    plan["timestamp"] = EPOCH
    for unordered in ("relevant_attributes", "resource_drift"):
        if unordered in plan:
            plan[unordered].sort(key=json.dumps)
    return plan


def _state(state: dict[str, Any]) -> dict[str, Any]:
    """Address → mode, type and the values that are not empty, of every resource instance."""
    found: dict[str, Any] = {}

    def walk(module: dict[str, Any]) -> None:
        for resource in module.get("resources", []):
            values = {k: v for k, v in resource["values"].items() if v not in (None, "", [], {})}
            found[resource["address"]] = {"mode": resource["mode"], "type": resource["type"], "values": values}
        for child in module.get("child_modules", []):
            walk(child)

    walk(state.get("values", {}).get("root_module", {}))
    return dict(sorted(found.items()))


def _write(path: Path, document: dict[str, Any], url: str) -> None:
    now = datetime.now(UTC)

    def fixed(match: re.Match[str]) -> str:
        text = re.sub(r"(\.\d+)?(Z|\+00:?00)$", "+00:00", match.group())
        # Only what this run made: a date that a fixture writes stands far from now.
        return EPOCH if abs(datetime.fromisoformat(text) - now) < timedelta(days=1) else match.group()

    # Moto builds queue addresses from its own.
    text = json.dumps(document, indent=1, ensure_ascii=False).replace(url, "https://aws.example") + "\n"
    path.write_text(_SUFFIX.sub(r"202601010000000000\1", _TIME.sub(fixed, text)), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Makes all plans below the given folders; 1 when a root failed (the others are made all the same)."""
    wanted = [root for folder in arguments or [str(FIXTURES)] for root in roots(Path(folder).resolve())]
    failed = 0
    with tempfile.TemporaryDirectory() as scratch, moto() as url:
        for root in wanted:
            started = time.monotonic()
            try:
                make(root, url, Path(scratch))
            except RuntimeError as error:
                failed += 1
                print(f"FAILED {root.relative_to(FIXTURES)}: {error}", file=sys.stderr)
                continue
            print(f"{root.relative_to(FIXTURES)}  {time.monotonic() - started:.1f} s", flush=True)
    print(f"{len(wanted) - failed} of {len(wanted)} plans made")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
