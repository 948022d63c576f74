"""Whoever reaches the port can post reviews: what they say changes no judgement of what the API server asks."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.api_server import ApiServer
from tests.cluster.webhook import NAME, Webhook, register, unregister

ROLE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: everything-here}
rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
"""
BINDING = ["create", "clusterrolebinding", "forged", "--clusterrole=everything-here", "--user=mallory"]


@pytest.fixture
def webhook(cluster: ApiServer, tmp_path: Path) -> Iterator[Webhook]:
    """A webhook in force, with a role that stood there before and that nobody is bound to."""
    cluster.apply(ROLE)
    started = Webhook(cluster, tmp_path / "webhook")
    started.start()
    register(cluster, started.port)
    yield started
    unregister(cluster)
    started.end()
    cluster.kubectl("delete", "clusterrole", "everything-here")


def review(operation: str) -> bytes:
    role: dict[str, Any] = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "everything-here"},
        "rules": [{"apiGroups": [""], "resources": ["services"], "verbs": ["list"]}],
    }
    request = {
        "uid": "forged",
        "operation": operation,
        "kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": "ClusterRole"},
        "name": "everything-here",
        "userInfo": {"username": "system:admin"},
        "object": role,
        "oldObject": role if operation == "UPDATE" else None,
    }
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}).encode()


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE"])
def test_a_forged_review_makes_no_role_look_harmless(cluster: ApiServer, webhook: Webhook, operation: str):
    _, answer = webhook.post(review(operation))
    assert json.loads(answer)["response"]["allowed"] is True
    done = cluster.try_kubectl(*BINDING)
    assert f'admission webhook "{NAME}" denied the request' in done.stderr


def test_a_role_whose_name_looks_like_a_query_is_the_one_that_is_judged(cluster: ApiServer, webhook: Webhook):
    cluster.apply(ROLE.replace("everything-here", '"view?everything"'))
    try:
        binding = ("create", "clusterrolebinding", "odd", "--clusterrole=view?everything", "--user=mallory")
        done = cluster.try_kubectl(*binding)
        assert "is an administrator of the cluster" in done.stderr
    finally:
        cluster.kubectl("delete", "clusterrole", "view?everything")


def large() -> bytes:
    """A binding of so many that it takes seconds, or more time than there is."""
    asked = json.loads(review("CREATE"))
    asked["request"]["kind"]["kind"] = "ClusterRoleBinding"
    asked["request"]["object"] = {
        "metadata": {"name": "everything-here"},
        "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "User", "name": f"user-{n}-of-very-many-people"} for n in range(3000)],
    }
    return json.dumps(asked).encode()


def test_large_reviews_wait_for_each_other_and_small_ones_for_none(webhook: Webhook):
    with ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(webhook.post, large()) for _ in range(5)]
        time.sleep(0.5)
        for _ in range(5):
            began = time.monotonic()
            assert json.loads(webhook.post(review("CREATE"))[1])["response"]["allowed"] is True
            assert time.monotonic() - began < 4
        assert [json.loads(answer.result()[1])["response"]["allowed"] for answer in waiting] == [False] * 5
    memory = Path(f"/proc/{webhook.engine()}/status").read_text()
    assert int(memory.partition("VmHWM:")[2].split()[0]) < 800_000  # kB; the Deployment's limit is 1 GiB for both
