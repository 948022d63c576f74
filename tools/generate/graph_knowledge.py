"""Writes the knowledge as ``gate/extract`` looks it up: which rights open which technique, without any weight.

The facts are those of ``aws_knowledge.py`` and ``rego/gate/knowledge/kubernetes``; severities stay in
``rego/gate/knowledge``, since only the rules judge. Run it (``make knowledge``) after changing a source or
a ``data.yaml``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from tools.generate import aws_data, aws_knowledge

ROOT = Path(__file__).resolve().parents[2]
KNOWLEDGE = ROOT / "rego/gate/knowledge"
AWS = ROOT / "gate/extract/aws/language/data/escalation.json"
KUBERNETES = ROOT / "gate/extract/kubernetes/access/escalation/escalation.json"

# Ways whose class ("any role that it can pass") is worth a chain by itself; of the others only what is in view.
_LEADING = {"passed", "user", "role", "joined", "new", "workload", "self", "group", "policy"}


# What runs as the role of another resource: a user profile as that of its domain.
_PARTS = {"aws_sagemaker_domain": {("sagemaker", "user-profile")}}


def never_acted_on(actions: list[str]) -> set[str]:
    """The types of workloads that these actions act on in no case, by the Service Authorization Reference.

    Of an action that acts on no such type by itself (a task, an app) it is not known what runs there.
    """
    kinds = aws_data.kinds_of_workloads()
    never: list[set[str]] = []
    for action in actions:
        prefix, _, name = action.partition(":")
        about = {(prefix, kind) for kind in aws_data.acts_on(prefix, name)}
        acted_on = {type_ for type_, found in kinds.items() if (found | _PARTS.get(type_, set())) & about}
        of_service = {type_ for type_, found in kinds.items() if any(service == prefix for service, _ in found)}
        never.append(of_service - acted_on if acted_on else set())
    return set.intersection(*never) if never else set()


def _technique(path: dict[str, Any]) -> dict[str, Any]:
    heavy = path.get("severity", "high" if path["target"] in _LEADING else "low") in ("critical", "high")
    out = {
        "all_of": path["all_of"],
        "any_of": path["any_of"],
        "services": path["services"],
        "target": path["target"],
        "aimed": path["aimed"],
        "closed_by": path["not_exploitable_when"],
        "steps": path["steps"],
        "names": path.get("names", []),
        "never": sorted(never_acted_on(path["aimed"])) if path["target"] == "workload" else [],
        "certain": not (path.get("weak") or path.get("ended")),
    }
    return out | {"leads": heavy and out["certain"]}


CONDITIONS = ("positive_operators", "caller_keys", "organization_keys", "not_limiting")


def aws() -> dict[str, Any]:
    """What ``gate/extract/aws/language/techniques.py`` documents."""
    known = aws_knowledge.knowledge()
    escalation = known["escalation"]
    conditions = known["conditions"]
    return {
        "techniques": {name: _technique(path) for name, path in escalation["paths"].items() if path["judged"]},
        "index": escalation["index"],
        "powerful": escalation["powerful"],
        "writes": {action: kind for kind, actions in escalation["writes"].items() for action in actions},
        "lifts": {
            action: {"target": kind, "guardrail": guardrail, "technique": technique}
            for kind, actions in escalation["lifts"].items()
            for action, (guardrail, technique) in actions.items()
            if guardrail != "content"
        },
        "privileged_policies": escalation["privileged_policies"],
        "tag_actions": escalation["tag_actions"],
        "conditions": {
            name: conditions[name]
            for name in ("positive_operators", "caller_keys", "organization_keys", "not_limiting")
        },
        "stores": known["stores"],
        "store_parts": known["store_parts"],
    }


def kubernetes() -> dict[str, Any]:
    """What ``gate/extract/kubernetes/access/escalation/way_definitions.py`` documents."""
    known = yaml.safe_load((KNOWLEDGE / "kubernetes/data.yaml").read_text(encoding="utf-8"))
    facts = (
        "id", "needs", "becomes", "where", "only_namespaces", "any_name", "pod_security", "covered_by", "hands_on",
        "node_restricted", "administrator", "administrator_by_name", "unlimited", "literal", "privileged_names",
    )  # fmt: skip
    return {
        "system_namespaces": known["system_namespaces"],
        "secret_reads": known["secret_reads"],
        "deployers": known["deployers"],
        "powerful": [
            action
            for path in known["escalation"]
            if len(path["needs"]) == 1 and path["severity"].get("cluster") in ("critical", "high")
            for action in path["needs"][0]
        ],
        "paths": [
            {name: path[name] for name in facts if name in path} | {"counts": sorted(path["severity"])}
            for path in known["escalation"]
        ],
    }


def text(document: dict[str, Any]) -> str:
    """A document as it is written, one entry a line."""
    return json.dumps(document, indent=0, sort_keys=True) + "\n"


def main() -> int:
    """Writes both files."""
    AWS.write_text(text(aws()), encoding="utf-8")
    KUBERNETES.write_text(text(kubernetes()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
