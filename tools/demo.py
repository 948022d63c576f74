"""``make demo``: the gate on a real plan and manifests: a deny with reasons, an allow, and what --source adds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
GATE = str(Path(sys.executable).parent / "gate")


def _shown(arguments: list[str], expected: int) -> None:
    command = ["gate", "check", *arguments]
    print(f"\n$ {' '.join(command)}\n", flush=True)
    status = subprocess.run([GATE, *command[1:]], cwd=ROOT, check=False, env=os.environ).returncode
    print(f"\nExit status {status}.", flush=True)
    if status != expected:
        sys.exit(f"make demo expected exit status {expected}: this is a bug in the gate")


def main() -> None:
    """Both runs, then what to type for one's own plan."""
    print("A service as generated code wrote it: Terraform and Kubernetes, judged together as one change.")
    _shown(["fixtures/demo/denied/plan.json", "fixtures/demo/denied/k8s"], 1)
    print("\nThe same service, mended:")
    _shown(["fixtures/demo/allowed/plan.json", "fixtures/demo/allowed/k8s"], 0)
    unknown = "fixtures/rules/unreviewable-access/denied"
    print("\nA policy that is known after apply only, first from the plan alone, then with its source:")
    _shown([f"{unknown}/plan.json"], 1)
    _shown([f"{unknown}/plan.json", "--source", f"{unknown}/root"], 0)
    print(
        """
Your own plan, with its source, or a directory alone (no plan, no init, no credentials):
  terraform plan -out plan.out && terraform show -json plan.out > plan.json
  .venv/bin/gate check plan.json --source .
  .venv/bin/gate check .

Your manifests, a chart, or both together as one change:
  .venv/bin/gate check k8s/
  helm template ./chart | .venv/bin/gate check plan.json -

Every rule:  .venv/bin/gate rules          One in full:  .venv/bin/gate rules show privilege-escalation"""
    )


if __name__ == "__main__":
    main()
