"""Strangers attack the webhook's port: it stays within its memory, and answers who asks as an API server does."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.cluster.api_server import ApiServer
from tests.cluster.webhook import Webhook

STRANGERS, SECONDS = 60, 12
DEPLOYMENT = Path(__file__).parents[2] / "deploy" / "base" / "deployment.yaml"


def review(role: str, verb: str) -> bytes:
    """Somebody creates a cluster role: that of a reader, or one that may do everything."""
    rule = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
    binding = {"metadata": {"name": role}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole"}}
    binding["roleRef"] |= {"name": verb}
    binding |= {"subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "ada"}]}
    request = {
        "uid": role,
        "operation": "CREATE",
        "kind": {"group": "rbac.authorization.k8s.io", "version": "v1", "kind": "ClusterRoleBinding"},
        "name": role,
        "userInfo": {"username": "admin"},
        "object": binding | {"rules": [rule]},
    }
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}).encode()


def limit() -> int:
    """Bytes that a pod of ``deploy/`` may take."""
    pod = next(iter(yaml.safe_load_all(DEPLOYMENT.read_text())))["spec"]["template"]["spec"]
    memory = pod["containers"][0]["resources"]["limits"]["memory"]
    assert memory.endswith("Gi")
    return int(memory[:-2]) * 1024**3


def most(process: int) -> int:
    """Bytes that a process had at most."""
    return int(Path(f"/proc/{process}/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024


@pytest.fixture
def webhook(cluster: ApiServer, tmp_path: Path) -> Iterator[Webhook]:
    started = Webhook(cluster, tmp_path / "webhook")
    started.start()
    yield started
    started.end()


def test_strangers_take_neither_memory_nor_answers_from_an_api_server(webhook: Webhook):
    program = [sys.executable, str(Path(__file__).with_name("hostile.py")), str(webhook.port)]
    program += [str(webhook.cluster.authority.certificate), str(STRANGERS), str(SECONDS)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as attack:
        time.sleep(1)  # the webhook knows nobody yet: who asks first has to get through the crowd
        answers = []
        while attack.poll() is None:
            number = len(answers)
            wanted = number % 2 == 0
            status, body = webhook.post(review(f"r{number}", "view" if wanted else "cluster-admin"))
            assert status == 200, (number, body)
            answers.append((json.loads(body)["response"]["allowed"], wanted))
        assert attack.stdout is not None
        seen = json.loads(attack.stdout.read())
    assert len(answers) > 20
    assert [given for given, _ in answers] == [wanted for _, wanted in answers]
    assert sum(seen.values()) > STRANGERS * 8, "they hardly attacked"
    assert webhook.process is not None
    assert most(webhook.process.pid) + most(webhook.engine()) < limit()
    refused = {r: webhook.metric(f'gate_admission_refused_total.reason="{r}"') for r in ("413", "408", "line")}
    assert all(refused.values()), refused
    assert "Traceback" not in webhook.log.read_text()
    assert webhook.probe("/readyz") == (200, "ok\n")
