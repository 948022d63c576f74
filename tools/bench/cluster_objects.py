"""A cluster of teams: 3,000 RBAC objects, 1,000 accounts, 2,000 workloads; and changes to it, all of them different."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

RBAC = "rbac.authorization.k8s.io"
TEAMS, APPS = 100, 10
Body = dict[str, Any]


def objects() -> Iterator[Body]:
    """Each team's namespace with ten applications: an account, a role, two bindings of it, two deployments of each."""
    for team in (f"team-{n}" for n in range(TEAMS)):
        yield _object("v1", "Namespace", team, None)
        for app in range(APPS):
            name = f"app-{app}"
            account = _object("v1", "ServiceAccount", name, team)
            account["metadata"]["annotations"] = {"owner": team, "purpose": "serves"}
            yield account
            rules = [
                {"apiGroups": [""], "resources": ["configmaps", "services"], "verbs": ["get", "list", "watch"]},
                {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list"]},
            ]
            yield _object(f"{RBAC}/v1", "Role", name, team, rules=rules)
            yield binding(team, f"{name}-own", name, name)
            yield binding(team, f"{name}-view", name, "view", "ClusterRole")
            yield deployment(team, f"{name}-web", name, name)
            yield deployment(team, f"{name}-worker", name, name)


def changes(seed: int) -> Iterator[Body]:
    """Without an end: deployments, and of accounts, bindings and roles one in ten or so; one in fifty is refused."""
    rng = random.Random(seed)
    for number in iter(lambda: rng.randrange(1 << 30), -1):
        team, app = f"team-{rng.randrange(TEAMS)}", f"app-{rng.randrange(APPS)}"
        new, kind = f"new-{number}", rng.randrange(50)
        if kind < 30:
            yield deployment(team, new, app, app)
        elif kind < 35:
            account = _object("v1", "ServiceAccount", new, team)
            account["metadata"]["annotations"] = {"owner": team, "purpose": "serves"}
            yield account
        elif kind < 40:
            yield binding(team, new, f"app-{rng.randrange(APPS)}", app)
        elif kind < 49:
            rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}
            yield _object(f"{RBAC}/v1", "Role", new, team, rules=[rule])
        else:
            flawed = deployment(team, new, app, app)
            flawed["spec"]["template"]["spec"]["hostPID"] = True
            flawed["spec"]["template"]["spec"]["containers"][0]["securityContext"] = {"privileged": True}
            yield flawed


def binding(team: str, name: str, account: str, role: str, kind: str = "Role") -> Body:
    """A RoleBinding of one account."""
    subject = {"kind": "ServiceAccount", "name": account, "namespace": team}
    reference = {"apiGroup": RBAC, "kind": kind, "name": role}
    return _object(f"{RBAC}/v1", "RoleBinding", name, team, roleRef=reference, subjects=[subject])


def deployment(team: str, name: str, account: str, app: str) -> Body:
    """A Deployment with one container."""
    container = {
        "name": "app",
        "image": "registry.example.com/app:1",
        "env": [{"name": "LOG_LEVEL", "value": "info"}],
        "ports": [{"containerPort": 8080}],
    }
    pod = {"serviceAccountName": account, "containers": [container]}
    template = {"metadata": {"labels": {"app": app}}, "spec": pod}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": app}}, "template": template}
    return _object("apps/v1", "Deployment", name, team, spec=spec)


def _object(api_version: str, kind: str, name: str, namespace: str | None, **parts: Any) -> Body:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}


def review(body: Body, number: int) -> Body:
    """The AdmissionReview of its creation."""
    group, _, version = body["apiVersion"].rpartition("/")
    request = {
        "uid": f"00000000-0000-0000-0000-{number:012d}",
        "kind": {"group": group, "version": version, "kind": body["kind"]},
        "operation": "CREATE",
        "namespace": body["metadata"].get("namespace", ""),
        "name": body["metadata"]["name"],
        "userInfo": {"username": "somebody", "groups": ["system:authenticated"]},
        "object": body,
        "oldObject": None,
        "dryRun": True,
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
