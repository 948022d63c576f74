"""``python -m tools.generate.judged_access COUNT [OUT]``: ask another evaluator of IAM policies, and compare.

The judge is @cloud-copilot/iam-simulate (npm, AGPL-3.0; run here, never shipped), whose version ``judge/package.json``
pins; it shares no code with the gate. It needs node and, once, npm. COUNT worlds of eighteen questions each are made.
With OUT they are kept with the answers, an object a line, for ``tests/extract/aws/test_against_iam_simulate.py``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from tests.extract.aws.judged_worlds import REQUESTS, differences, world

HERE = Path(__file__).parent
JUDGE = HERE / "judge"


def main() -> None:
    """Ask, compare, and keep."""
    count, out = int(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None
    if not (JUDGE / "node_modules").is_dir():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"], cwd=JUDGE, check=True)
    version = json.loads((JUDGE / "node_modules/@cloud-copilot/iam-simulate/package.json").read_text())["version"]
    dice = Random(count)
    made = [world(dice) for _ in range(count)]
    asked = "".join(
        json.dumps({"world": one, "requests": REQUESTS, "conditions": one["conditions"]}) + "\n" for one in made
    )
    done = subprocess.run(["node", JUDGE / "judge.js"], input=asked, capture_output=True, text=True, check=True)
    found: Counter[str] = Counter()
    for one, line in zip(made, done.stdout.splitlines(), strict=True):
        one |= json.loads(line)
        found["questions"] += len(REQUESTS) * len(one["contexts"])
        found["allowed"] += sum(row.count("1") for row in one["allowed"])
        for difference in differences(one):
            found[difference.partition(":")[0]] += 1
            if found["shown"] < 5:
                found["shown"] += 1
                print(
                    difference,
                    json.dumps(
                        {k: v for k, v in one.items() if k not in ("contexts", "allowed", "holds", "conditions")}
                    ),
                )
    print(dict(found))
    if out is not None:
        source = {
            "judge": "@cloud-copilot/iam-simulate",
            "version": version,
            "date": datetime.now(UTC).date().isoformat(),
        }
        lines = [json.dumps(source), *(json.dumps(one, separators=(",", ":")) for one in made)]
        out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
