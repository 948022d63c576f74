"""Print which lines of Rego no test reaches; standard input: what ``opa test --coverage --format json`` prints."""

from __future__ import annotations

import json
import sys

report = json.load(sys.stdin)["files"]
parts = {
    (path, part["start"]["row"], part["end"]["row"])
    for path, found in report.items()
    for part in found.get("not_covered", ())
}
for path, first, last in sorted(parts):
    print(f"{path}:{first}-{last}: no test reaches this")
