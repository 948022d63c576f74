"""Writes ``rego/gate/knowledge/indexed/data.json``: the knowledge as the rules look it up.

OPA keeps what follows from the data alone for one question only, and an admission webhook asks two hundred a second:
whatever would be a table in Rego is one here. Run it (``make knowledge``) after changing a ``data.yaml`` beside it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

KNOWLEDGE = Path(__file__).resolve().parents[2] / "rego/gate/knowledge"
OUT = KNOWLEDGE / "indexed/data.json"


def indexed() -> dict[str, Any]:
    """The document.

    ``stores``: action → what it does → service, of both platforms. ``writers``: actions that write identities or roles.
    ``starts``: Kubernetes action → places (in ``kubernetes.escalation``) of the paths whose first need it fulfils.
    ``aims``: where an AWS path finds its target → names of those paths.
    ``powerful``: Kubernetes actions that by themselves are a path of weight.
    """
    aws, kubernetes = (yaml.safe_load((KNOWLEDGE / name / "data.yaml").read_text()) for name in ("aws", "kubernetes"))
    starts: dict[str, list[int]] = {}
    for place, path in enumerate(kubernetes["escalation"]):
        for action in path["needs"][0]:
            starts.setdefault(action, []).append(place)
    aims: dict[str, dict[str, bool]] = {}
    for name, path in aws["escalation"]["paths"].items():
        aims.setdefault(path["target"], {})[name] = True
    writers = [a for a, group in aws["sensitive"]["actions"].items() if group == "identities"]
    return {
        "stores": {**aws["stores"], **{action: {"secret": "kubernetes"} for action in kubernetes["secret_reads"]}},
        "writers": dict.fromkeys([*writers, *kubernetes["rbac_writing"]], True),
        "starts": starts,
        "aims": aims,
        "powerful": {
            action: True
            for path in kubernetes["escalation"]
            if len(path["needs"]) == 1 and path["severity"].get("cluster") in ("critical", "high")
            for action in path["needs"][0]
        },
    }


def text() -> str:
    """The file's content."""
    lines = [f"{json.dumps(name)}: {json.dumps(table)}" for name, table in sorted(indexed().items())]
    return "{" + ",\n".join(lines) + "}\n"


if __name__ == "__main__":
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(text(), encoding="utf-8")
    sys.exit(0)
