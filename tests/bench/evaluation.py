"""What evaluating the source costs, beside ``terraform plan`` of the same root against moto."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "fixtures" / "demo" / "allowed"
RUNS = 3

sys.path.insert(0, str(ROOT / "tests" / "generate"))


def table() -> None:
    """Print the table, or why there is none."""
    missing = [tool for tool in ("terraform", "moto_server") if not shutil.which(tool)]
    if missing or not os.environ.get("GATE_PROVIDER_MIRROR"):
        wanted = " and ".join([*missing, *([] if os.environ.get("GATE_PROVIDER_MIRROR") else ["GATE_PROVIDER_MIRROR"])])
        print(f"\nEvaluation by Terraform was not measured: {wanted} missing.")
        return
    from plans import environment, moto, terraform

    with tempfile.TemporaryDirectory() as temporary, moto() as url:
        work = Path(temporary) / "root"
        shutil.copytree(SOURCE, work, ignore=shutil.ignore_patterns("*.json", "k8s", ".terraform*"))
        env = environment(url, Path(temporary)) | {"NO_COLOR": "1"}
        terraform(work, env, "init", "-no-color", "-input=false")
        plan = ["terraform", "plan", "-no-color", "-input=false", "-out", "gate.tfplan"]
        planned = _seconds(plan, work, env)
        (work / "plan.json").write_text(terraform(work, env, "show", "-json", "gate.tfplan"))
        gate = [str(Path(sys.executable).parent / "gate"), "check", "--quiet"]
        print("\n| one root of the demo | time | / terraform plan |")
        print("|---|---:|---:|")
        print(f"| `terraform plan` against moto | {planned:.2f} s | |")
        for shown, arguments in (
            ("gate check plan.json", ["plan.json"]),
            ("gate check plan.json --source DIR", ["plan.json", "--source", "."]),
            ("gate check DIR", ["."]),
        ):
            if shown == "gate check DIR":
                (work / "plan.json").unlink()
                (work / "gate.tfplan").unlink()
            seconds = _seconds([*gate, *arguments], work, env)
            print(f"| `{shown}` | {seconds:.2f} s | {seconds / planned:.1f}× |", flush=True)


def _seconds(command: list[str], folder: Path, env: dict[str, str]) -> float:
    """Median wall time; ends the program when the command neither allows nor denies."""
    found = []
    for _ in range(RUNS):
        began = time.perf_counter()
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
        found.append(time.perf_counter() - began)
        if done.returncode not in (0, 1):
            sys.exit(f"{' '.join(command)}: {done.stderr}")
    return sorted(found)[RUNS // 2]
