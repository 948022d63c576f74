"""Write the packaged Kubernetes data again.

``bootstrap_roles.json``: the cluster roles, roles and bindings every cluster starts with, from the rendered lists that
Kubernetes' own tests compare with (``k8s.io/kubernetes``, ``bootstrappolicy/testdata``, by ``go mod download``).
``sensitive_actions.json``: the actions that ``rego/gate/knowledge/kubernetes/data.yaml`` speaks of, so that Python
expands wildcards against them without reading YAML at start.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
KNOWLEDGE = ROOT / "rego/gate/knowledge/kubernetes/data.yaml"
PACKAGE = ROOT / "gate/extract/kubernetes"
VERSION = "v1.36.0"


def sensitive_actions(knowledge: dict[str, Any]) -> dict[str, list[str]]:
    """Every action named; those a RoleBinding does not give; those with which a path to other accounts begins;
    those that run pods as ``create pods`` does.
    """
    actions = set(knowledge["also_sensitive"])
    for path in knowledge["escalation"]:
        for need in path["needs"]:
            actions.update(need)
    paths, cluster_scoped = knowledge["escalation"], set(knowledge["cluster_scoped"])
    return {
        "actions": sorted(actions),
        "as_pods": sorted(
            {a for path in paths if path["id"] in knowledge["as_pods"] for n in path["needs"] for a in n}
        ),
        # whom one becomes in a namespace: controllers stand elsewhere
        "becoming": sorted(
            {a for p in paths if p.get("becomes", "controllers") != "controllers" for a in p["needs"][0]}
        ),
        "cluster_scoped": sorted(a for a in actions if _resource(a) in cluster_scoped and not a.startswith("bind ")),
    }


def _resource(action: str) -> str:
    """``get nodes/proxy`` → ``nodes``; ``bind rbac.authorization.k8s.io/clusterroles`` → the same without the verb."""
    parts = action.partition(" ")[2].split("/")
    grouped = len(parts) > 1 and ("." in parts[0] or parts[0] in ("apps", "batch"))
    return "/".join(parts[: 2 if grouped else 1])


def bootstrap_roles(module: Path) -> dict[str, Any]:
    """Rules by name, with the labels and selectors of aggregation; empty fields left out."""
    data = module / "plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata"
    cluster_roles: dict[str, Any] = {}
    for name in ("cluster-roles.yaml", "controller-roles.yaml"):
        for role in yaml.safe_load((data / name).read_text())["items"]:
            entry: dict[str, Any] = {"rules": [_compact(r) for r in role.get("rules") or []]}
            selectors = role.get("aggregationRule", {}).get("clusterRoleSelectors", [])
            labels = {k: v for k, v in role["metadata"].get("labels", {}).items() if "aggregate-to" in k}
            if selectors:
                entry["selectors"] = selectors
            if labels:
                entry["labels"] = labels
            cluster_roles[role["metadata"]["name"]] = entry
    roles = {
        f"{role['metadata']['namespace']}/{role['metadata']['name']}": {"rules": [_compact(r) for r in role["rules"]]}
        for role in yaml.safe_load((data / "namespace-roles.yaml").read_text())["items"]
    }
    return {
        "source": f"k8s.io/kubernetes {VERSION}",
        "cluster_roles": cluster_roles,
        "roles": roles,
        "bindings": _bindings(data),
    }


def _bindings(data: Path) -> dict[str, Any]:
    """``ClusterRoleBinding/<name>`` or ``RoleBinding/<namespace>/<name>`` → ``role`` (``Role/x``) and ``subjects``."""
    found: dict[str, Any] = {}
    for name in ("cluster-role-bindings.yaml", "controller-role-bindings.yaml", "namespace-role-bindings.yaml"):
        for binding in yaml.safe_load((data / name).read_text())["items"]:
            metadata, role = binding["metadata"], binding["roleRef"]
            key = "/".join(filter(None, (binding["kind"], metadata.get("namespace"), metadata["name"])))
            subjects = [{k: s[k] for k in ("kind", "namespace", "name") if k in s} for s in binding.get("subjects", ())]
            found[key] = {"role": f"{role['kind']}/{role['name']}", "subjects": subjects}
    return found


def _compact(rule: dict[str, Any]) -> dict[str, Any]:
    return {key: rule[key] for key in sorted(rule) if rule[key]}


def _module() -> Path:
    with tempfile.TemporaryDirectory() as empty:
        printed = subprocess.run(
            ["go", "mod", "download", "-json", f"k8s.io/kubernetes@{VERSION}"],
            cwd=empty,
            env=os.environ,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
    return Path(json.loads(printed)["Dir"])


def main() -> None:
    """Write both files."""
    knowledge = yaml.safe_load(KNOWLEDGE.read_text())
    (PACKAGE / "language" / "sensitive_actions.json").write_text(
        json.dumps(sensitive_actions(knowledge), indent=0) + "\n"
    )
    (PACKAGE / "identities" / "bootstrap_roles.json").write_text(
        json.dumps(bootstrap_roles(_module()), separators=(",", ":")) + "\n"
    )


if __name__ == "__main__":
    main()
