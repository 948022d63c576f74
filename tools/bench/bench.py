"""``make bench``: wall time and peak memory of whole processes on one grown plan, beside conftest and checkov.

Ratios of one run on one machine are what can be quoted; the machine's name stands under the table.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.bench.evaluation import table as evaluation_table
from tools.bench.grow import grown

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "fixtures" / "demo" / "allowed" / "plan.json"
SIZES = (265, 1000, 10600)
RUNS = {265: 5, 1000: 3, 10600: 3}
CHECKOV_LIMIT = 600
ONE_RULE = """package main

import rego.v1

deny contains message if {
	some change in input.resource_changes
	change.type == "aws_iam_policy"
	some statement in json.unmarshal(change.change.after.policy).Statement
	statement.Action == "*"
	message := change.address
}
"""


def measured(command: list[str], folder: Path) -> tuple[float, float, int]:
    """Seconds of wall time, peak MiB of the whole process tree (resident memory, sampled), and the exit status."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GITHUB_")} | {"NO_COLOR": "1"}
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, _tree(process.pid))
        time.sleep(0.01)
    return time.perf_counter() - began, peak / 1024, process.returncode


def _tree(pid: int) -> int:
    total = 0
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        total += next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += sum(_tree(int(child)) for child in (task / "children").read_text().split())
    except (FileNotFoundError, ProcessLookupError):
        pass
    return total


def main() -> None:
    """Print the table."""
    gate = [str(Path(sys.executable).parent / "gate"), "check", "plan.json", "--quiet"]
    heads = ["resources", "plan", "gate", "memory", "conftest, one rule", "gate / conftest"]
    heads += ["checkov", "memory", "checkov / gate"]
    print(f"| {' | '.join(heads)} |\n|{'---:|' * len(heads)}", flush=True)
    for size in SIZES:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            plan = grown(PLAN, size)
            (folder / "plan.json").write_text(json.dumps(plan))
            (folder / "policy").mkdir()
            (folder / "policy" / "one.rego").write_text(ONE_RULE)
            runs = sorted(measured(gate, folder) for _ in range(RUNS[size]))
            seconds, memory, status = runs[len(runs) // 2]
            if status not in (0, 1):
                sys.exit(f"gate ended with status {status}")
            row = [f"{len(plan['resource_changes']):,}", f"{(folder / 'plan.json').stat().st_size / 1e6:.1f} MB"]
            row += [f"{seconds:.2f} s", f"{memory:.0f} MiB"]
            conftest = shutil.which("conftest")
            if conftest:
                other = sorted(measured([conftest, "test", "plan.json"], folder) for _ in range(RUNS[size]))
                row += [f"{other[len(other) // 2][0]:.2f} s", f"{seconds / other[len(other) // 2][0]:.1f}×"]
            else:
                row += ["not installed", ""]
            checkov = shutil.which("checkov")
            if checkov:
                command = [checkov, "-f", "plan.json", "--framework", "terraform_plan", "--compact", "--quiet"]
                other_seconds, other_memory, _ = measured(command, folder)
                row += [f"{other_seconds:.1f} s", f"{other_memory:.0f} MiB", f"{other_seconds / seconds:.0f}×"]
            else:
                row += ["not installed", "", ""]
            print("| " + " | ".join(row) + " |", flush=True)
    evaluation_table()
    print(f"\n{platform.machine()}, {os.cpu_count()} cores, {_processor()}, Python {platform.python_version()}.")
    versions = [
        [str(Path(sys.executable).parent / "gate"), "--version"],
        ["conftest", "--version"],
        ["checkov", "--version"],
    ]
    for command in versions:
        if shutil.which(command[0]):
            said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip().splitlines()
            print(f"{Path(command[0]).name}: {', '.join(said[:2])}")


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


if __name__ == "__main__":
    main()
