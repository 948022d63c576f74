"""What happens when parts fail: nothing wrong is let in, and service returns by itself."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.cluster.api_server import ApiServer
from tests.cluster.webhook import NAME, Webhook, register, unregister

EVIL = ["create", "clusterrolebinding", "evil", "--clusterrole=cluster-admin", "--user=mallory", "--dry-run=server"]
HARMLESS = [
    "create",
    "clusterrolebinding",
    "fine",
    "--clusterrole=system:discovery",
    "--user=mallory",
    "--dry-run=server",
]


@pytest.fixture
def webhook(cluster: ApiServer, tmp_path) -> Iterator[Webhook]:
    """A webhook in force for one test."""
    started = Webhook(cluster, tmp_path / "webhook")
    started.start()
    register(cluster, started.port)
    yield started
    unregister(cluster)
    started.end()


def outcome(cluster: ApiServer, arguments: list[str]) -> str:
    """``let in``, or why not."""
    done = cluster.try_kubectl(*arguments)
    return "let in" if done.returncode == 0 else done.stderr


def until(condition: Callable[..., bool], what: str) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.1)


class Asking:
    """Asks the API server for the harmless and the wrong thing all the time, in threads."""

    def __init__(self, cluster: ApiServer) -> None:
        self.wrong: list[str] = []
        self.harmless: list[str] = []
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(4)
        self._tasks = [
            self._pool.submit(self._ask, cluster, arguments, said)
            for arguments, said in [(EVIL, self.wrong), (HARMLESS, self.harmless)] * 2
        ]

    def _ask(self, cluster: ApiServer, arguments: list[str], said: list[str]) -> None:
        while not self._over.is_set():
            said.append(outcome(cluster, arguments))

    def __enter__(self) -> Asking:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._pool.shutdown()
        for task in self._tasks:
            task.result()


def test_a_killed_engine_means_refusals_and_comes_back(cluster: ApiServer, webhook: Webhook):
    with Asking(cluster) as asking:
        until(lambda: "let in" in asking.harmless, "the harmless passes")
        for n in range(3):
            os.kill(webhook.engine(), signal.SIGKILL)
            webhook.wait(lambda count=n + 1: webhook.metric("gate_engine_restarts") == count, "the loss is noticed")
            webhook.wait_ready()
        told = len(asking.harmless)
        until(lambda: "let in" in asking.harmless[told:], "the harmless passes again")
    assert "let in" not in asking.wrong
    assert webhook.metric("gate_engine_restarts") == 3


def test_without_an_engine_the_refusal_says_so(cluster: ApiServer, webhook: Webhook):
    os.kill(webhook.engine(), signal.SIGSTOP)  # it hangs
    said = outcome(cluster, HARMLESS)
    assert f'admission webhook "{NAME}" denied the request: no decision was made: ' in said
    webhook.wait(lambda: webhook.metric("gate_engine_restarts") == 1, "an engine that hangs is replaced")
    webhook.wait_ready()
    assert outcome(cluster, HARMLESS) == "let in"
    assert webhook.metric(r'gate_admission_reviews_total\{allowed="false",decision="none"') >= 1


def test_a_new_certificate_is_served_without_a_restart(cluster: ApiServer, webhook: Webhook):
    with Asking(cluster) as asking:
        until(lambda: "let in" in asking.harmless, "the harmless passes")
        webhook.install(cluster.authority.issue("webhook-2", "server"))
        webhook.wait(lambda: webhook.metric("gate_certificate_reloads_total") == 1, "the certificate is read again")
        told = len(asking.harmless)
        until(lambda: len(asking.harmless) > told + 10, "questions go on")
    assert set(asking.harmless) == {"let in"}
    assert "let in" not in asking.wrong


def test_an_expired_certificate_means_refusals_until_a_new_one_is_there(cluster: ApiServer, webhook: Webhook):
    webhook.install(cluster.authority.issue("webhook-3", "server", lifetime=datetime.timedelta(hours=-1)))
    webhook.wait(lambda: "the serving certificate has expired" in webhook.probe("/readyz")[1], "expiry is told")
    register_again(cluster, webhook)
    assert "certificate has expired" in outcome(cluster, HARMLESS)
    assert "certificate has expired" in outcome(cluster, EVIL)
    webhook.install(cluster.authority.issue("webhook-4", "server"))
    webhook.wait_ready()
    until(lambda: outcome(cluster, HARMLESS) == "let in", "service returns")
    assert "[cluster-admin " in outcome(cluster, EVIL)


def register_again(cluster: ApiServer, webhook: Webhook) -> None:
    """A process that is started again has no connections from the time before."""
    assert webhook.end() == 0
    webhook.start(ready=False)
    webhook.wait(lambda: webhook.probe("/readyz")[0] == 503 and "expired" in webhook.probe("/readyz")[1], "up")


def test_files_that_are_no_pair_leave_the_old_certificate_in_place(cluster: ApiServer, webhook: Webhook):
    (webhook.folder / "tls.key").write_text("half a fi")
    webhook.wait(lambda: "cannot be used now" in webhook.log.read_text(), "it is told")
    assert outcome(cluster, HARMLESS) == "let in"
    webhook.install(cluster.authority.issue("webhook-5", "server"))
    webhook.wait(lambda: webhook.metric("gate_certificate_reloads_total") == 1, "the pair is read")


class Spread:
    """Stands for a Service: hands each connection to the next replica that accepts it."""

    def __init__(self, ports: list[int]) -> None:
        self._ports, self._turn = ports, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        for _ in self._ports:
            self._turn += 1
            try:
                server = socket.create_connection(("127.0.0.1", self._ports[self._turn % len(self._ports)]), 1)
            except OSError:
                continue
            server.settimeout(None)
            threading.Thread(target=_pump, args=(client, server), daemon=True).start()
            _pump(server, client)
            return
        client.close()

    def close(self) -> None:
        self._listener.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def test_one_of_two_replicas_dies_under_load_and_nothing_wrong_gets_in(cluster: ApiServer, tmp_path):
    replicas = [Webhook(cluster, tmp_path / name) for name in ("first", "second")]
    for replica in replicas:
        replica.start()
    spread = Spread([replica.port for replica in replicas])
    register(cluster, spread.port)
    try:
        with Asking(cluster) as asking:
            until(lambda: all(replica.reviews() for replica in replicas), "both are asked")
            for replica in replicas:
                assert replica.process is not None
                replica.process.kill()
                replica.process.wait()
                told = len(asking.harmless)
                until(lambda start=told: asking.harmless[start:].count("let in") > 10, "the other one answers")
                replica.start()
        assert "let in" not in asking.wrong
    finally:
        unregister(cluster)
        spread.close()
        for replica in replicas:
            replica.end()


def test_the_signal_to_end_lets_what_is_under_way_finish(cluster: ApiServer, webhook: Webhook):
    assert webhook.process is not None
    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(webhook.post, review(n)) for n in range(12)]
        webhook.process.send_signal(signal.SIGTERM)
        webhook.wait(lambda: webhook.probe("/readyz") == (503, "ending\n"), "it says that it ends")
        answers = [task.result() for task in asked]
    assert {status for status, _ in answers} == {200}
    assert all(json.loads(body)["response"]["allowed"] for _, body in answers)
    assert webhook.process.wait(30) == 0


def review(n: int) -> bytes:
    request = {
        "uid": f"uid-{n}",
        "operation": "CREATE",
        "kind": {"group": "", "version": "v1", "kind": "ServiceAccount"},
        "namespace": "default",
        "name": f"account-{n}",
        "userInfo": {"username": "somebody"},
        "object": {"metadata": {"name": f"account-{n}", "namespace": "default"}},
    }
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}).encode()


def test_before_the_cluster_is_known_everything_is_refused(cluster: ApiServer, tmp_path):
    blind = Webhook(cluster, tmp_path / "blind", kubeconfig=cluster.as_user("nobody"))
    blind.start(ready=False)
    try:
        blind.wait(lambda: blind.probe("/readyz")[0] == 503, "it listens")
        blind.wait(lambda: "403 Forbidden" in blind.probe("/readyz")[1], "it says what is missing")
        status, body = blind.post(review(1))
        answer = json.loads(body)["response"]
        assert (status, answer["allowed"], answer["status"]["code"]) == (200, False, 503)
        assert "the gate does not know the cluster yet" in answer["status"]["message"]
    finally:
        assert blind.end() == 0


@pytest.mark.parametrize(("mode", "told"), [("warn", True), ("dry-run", False)])
def test_modes_that_let_in_say_what_would_be_refused(cluster: ApiServer, tmp_path, mode: str, told: bool):
    webhook = Webhook(cluster, tmp_path / mode, arguments=("--mode", mode))
    webhook.start()
    register_lenient(cluster, webhook)
    try:
        done = cluster.try_kubectl(*EVIL)
        assert done.returncode == 0
        assert ("Warning: would be refused: [cluster-admin]" in done.stderr) == told
        assert webhook.reviews()[-1]["verdict"] == "deny" and webhook.reviews()[-1]["allowed"]
    finally:
        cluster.kubectl("delete", "validatingwebhookconfiguration", "gate")
        assert webhook.end() == 0


def register_lenient(cluster: ApiServer, webhook: Webhook) -> None:
    """As ``register``, for a webhook that refuses nothing: it is in force when it has been asked."""

    def asked() -> bool:
        outcome(cluster, HARMLESS)
        return bool(webhook.reviews())

    register(cluster, webhook.port, wait=False)
    until(asked, "the webhook comes into force")


def test_modes_differ_by_namespace(cluster: ApiServer, tmp_path):
    settings = tmp_path / "gate.yaml"
    settings.write_text(
        "version: 1\nadmission:\n  namespaces:\n    - {names: ['sandbox-*'], mode: warn}\n"
        "    - {names: [strict], deny_from: low}\n"
    )
    webhook = Webhook(cluster, tmp_path / "tiers", arguments=("--config", str(settings)))
    webhook.start()
    try:
        for namespace, allowed in (("sandbox-1", True), ("strict", False), ("other", True)):
            body = json.loads(review(1))
            body["request"]["namespace"] = namespace  # an account without an owner: a low finding
            assert json.loads(webhook.post(json.dumps(body).encode())[1])["response"]["allowed"] == allowed
        body = json.loads(review(1))
        pod = {
            "spec": {
                "hostPID": True,
                "containers": [{"name": "c", "image": "i", "securityContext": {"privileged": True}}],
            }
        }
        body["request"]["kind"]["kind"] = "Pod"
        for namespace, allowed in (("sandbox-1", True), ("strict", False), ("other", False)):
            body["request"] |= {"namespace": namespace, "object": {"metadata": {"name": "p"}, **pod}}
            answer = json.loads(webhook.post(json.dumps(body).encode())[1])["response"]
            assert answer["allowed"] == allowed
            assert answer["auditAnnotations"]["mode"] == ("warn" if namespace == "sandbox-1" else "enforce")
    finally:
        assert webhook.end() == 0


def test_an_api_server_that_restarts_finds_the_gate_as_it_was(cluster: ApiServer, webhook: Webhook):
    cluster.kill("kube-apiserver")
    cluster.start_api_server()
    cluster.wait_ready()
    until(lambda: outcome(cluster, HARMLESS) == "let in", "service returns")
    assert "[cluster-admin " in outcome(cluster, EVIL)
    cluster.kubectl("create", "serviceaccount", "after-restart", "-n", "default")
    webhook.wait(lambda: webhook.metric("gate_context_stale_seconds") == 0, "the watch is back")
    cluster.kubectl("delete", "serviceaccount", "after-restart", "-n", "default")
