"""The installed command `gate serve admission` as a process, registered with a real API server."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.api_server import ApiServer, free_port
from tests.cluster.certificates import Leaf

NAME = "admission.gate.test"
_PATIENCE = 60.0


@dataclass
class Webhook:
    """One process. ``folder``: its files and its log; ``arguments``: further ones of the command."""

    cluster: ApiServer
    folder: Path
    arguments: tuple[str, ...] = ()
    kubeconfig: Path | None = None
    port: int = field(default_factory=free_port)
    probe_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self, ready: bool = True) -> None:
        """Start, and wait until it says it is ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / "tls.crt").exists():
            self.install(self.cluster.authority.issue("webhook", "server"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    str(Path(sys.executable).parent / "gate"), "serve", "admission",
                    "--tls-cert", str(self.folder / "tls.crt"), "--tls-key", str(self.folder / "tls.key"),
                    "--host", "127.0.0.1", "--port", str(self.port), "--probe-port", str(self.probe_port),
                    "--kubeconfig", str(self.kubeconfig or self.cluster.kubeconfig), "--drain", "1", *self.arguments,
                ],
                stdout=log, stderr=log, cwd=self.folder, env={**os.environ, "GATE_DEBUG": "1"},
            )  # fmt: skip
        if ready:
            self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until reviews can be judged."""
        self.wait(lambda: self.probe("/readyz") == (200, "ok\n"), "readiness")

    def wait(self, condition: Any, what: str) -> None:
        """Wait until ``condition()`` holds; the end of the log says why not."""
        end = time.monotonic() + _PATIENCE
        while not condition():
            assert self.process is None or self.process.poll() is None, f"ended: {self.log.read_text()[-3000:]}"
            assert time.monotonic() < end, f"{what}: {self.probe('/readyz')} {self.log.read_text()[-3000:]}"
            time.sleep(0.05)

    def install(self, leaf: Leaf) -> None:
        """Put a certificate and its key where the process reads them."""
        for source, name in ((leaf.key, "tls.key"), (leaf.certificate, "tls.crt")):
            temporary = self.folder / f"{name}.new"
            temporary.write_bytes(source.read_bytes())
            temporary.rename(self.folder / name)

    @property
    def log(self) -> Path:
        """Everything the process wrote."""
        return self.folder / "log"

    def reviews(self) -> list[dict[str, Any]]:
        """The reviews in the log."""
        entries = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [entry for entry in entries if entry["event"] == "review"]

    def probe(self, path: str) -> tuple[int, str]:
        """Status and text of a probe; 0 when nobody listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.probe_port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError as error:
            return 0, type(error).__name__
        finally:
            connection.close()

    def metric(self, pattern: str) -> float:
        """The sum of the samples whose line begins with ``pattern`` (a regular expression)."""
        found = re.findall(rf"(?m)^{pattern}\S*\s(\S+)$", self.probe("/metrics")[1])
        return sum(float(value) for value in found)

    def post(self, body: bytes, path: str = "/validate?timeout=10s") -> tuple[int, bytes]:
        """What an API server would get."""
        trust = ssl.create_default_context(cafile=str(self.cluster.authority.certificate))
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=trust)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def engine(self) -> int:
        """Process id of its Open Policy Agent."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return next(int(pid) for file in children for pid in file.read_text().split())

    def end(self) -> int:
        """End it as Kubernetes does; its exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def register(cluster: ApiServer, port: int, timeout: int = 10, wait: bool = True) -> None:
    """Tell the API server to ask the webhook on ``port`` about everything in namespaces that are not its own."""
    bundle = base64.b64encode(cluster.authority.certificate.read_bytes()).decode()
    names = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system"]}
    hook = {
        "name": NAME,
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Fail",
        "timeoutSeconds": timeout,
        "clientConfig": {"url": f"https://localhost:{port}/validate", "caBundle": bundle},
        "namespaceSelector": {"matchExpressions": [names]},
        "rules": [
            {"apiGroups": groups, "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": resources}
            for groups, resources in (
                ([""], ["namespaces", "serviceaccounts", "pods", "pods/ephemeralcontainers", "services", "configmaps"]),
                ([""], ["persistentvolumes", "persistentvolumeclaims"]),
                (["apiregistration.k8s.io"], ["apiservices"]),
                (["apps", "batch", "rbac.authorization.k8s.io", "networking.k8s.io"], ["*"]),
            )
        ],
    }
    kind = "ValidatingWebhookConfiguration"
    config = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": "gate"}}
    cluster.apply(yaml.safe_dump(config | {"webhooks": [hook]}))
    end = time.monotonic() + _PATIENCE
    probe = ["create", "clusterrolebinding", "probe", "--clusterrole=cluster-admin", "--user=probe", "--dry-run=server"]
    while wait and NAME not in cluster.try_kubectl(*probe).stderr:
        assert time.monotonic() < end, "the webhook does not come into force"
        time.sleep(0.1)


def unregister(cluster: ApiServer) -> None:
    """Let the API server ask nobody."""
    cluster.kubectl("delete", "validatingwebhookconfiguration", "gate", "--ignore-not-found")
    end = time.monotonic() + _PATIENCE
    probe = ["create", "clusterrolebinding", "probe", "--clusterrole=cluster-admin", "--user=probe", "--dry-run=server"]
    while cluster.try_kubectl(*probe).returncode:
        assert time.monotonic() < end, "the webhook stays in force"
        time.sleep(0.1)
