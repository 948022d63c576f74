"""``gate serve runtask`` as a process, asked and answered by a stand-in of HCP Terraform."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.certificates import self_signed
from tests.surfaces.hcp_stand_in import KEY, TOKEN, ask, sign, terraform_stand_in

DEMO = Path(__file__).parents[2] / "fixtures" / "demo"
DENIED, ALLOWED = (DEMO / name / "plan.json" for name in ("denied", "allowed"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def terraform(certificate):
    with terraform_stand_in(certificate) as state:
        state.plan = DENIED.read_bytes()
        yield state


class Service:
    def __init__(self, folder, certificate, terraform, *options, **variables):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = folder / "log.txt"
        arguments = ["--host", "127.0.0.1", "--port", str(self.port), "--tfc-host", terraform.host]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gate", "serve", "runtask", *arguments, "--tfc-ca", certificate[0], *options],
                cwd=folder,
                env=os.environ | {"GATE_RUN_TASK_KEY": KEY} | variables,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while "listening" not in self.log.read_text():
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)

    def asks(self, body, signature=None):
        return ask(self.port, body, sign(body) if signature is None else signature)

    def close(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def service(tmp_path, certificate, terraform):
    started = []

    def start(*options, **variables):
        started.append(Service(tmp_path, certificate, terraform, *options, **variables))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.mark.parametrize(("plan", "status", "verdict"), [(DENIED, "failed", "DENY"), (ALLOWED, "passed", "ALLOW")])
def test_a_plan_gets_its_verdict_and_its_reasons(service, terraform, plan, status, verdict):
    terraform.plan = plan.read_bytes()
    running = service()

    assert running.asks(terraform.request()) == 200
    (said,) = terraform.waits(1)
    assert [one["status"] for one in terraform.said] == ["running", status]
    assert said["message"].startswith(verdict)
    denied = [one for one in said["outcomes"] if one["tags"]["Status"][0]["label"] == "Denied"]
    assert bool(denied) == (status == "failed")
    assert all(one["outcome-id"] and one["description"] and "**Fix:**" in one["body"] for one in denied)


def test_the_token_goes_to_the_api_alone_and_is_nowhere_to_be_read(service, terraform):
    running = service()
    running.asks(terraform.request())
    terraform.waits(1)

    assert set(terraform.tokens["plan"] + terraform.tokens["callback"]) == {f"Bearer {TOKEN}"}
    assert terraform.tokens["archive"] == [None]
    log = running.log.read_text()
    assert "run-1 post_plan: failed: DENY" in log
    assert TOKEN not in log
    assert KEY not in log


@pytest.mark.parametrize("signature", [None, "", "0" * 128, "wrong", "é", sign(b"another body")])
def test_who_does_not_sign_is_refused(service, terraform, signature):
    running = service()

    assert (
        ask(
            running.port,
            terraform.request(),
            None if signature is None else signature.encode("latin-1").decode("latin-1"),
        )
        == 401
    )
    time.sleep(0.2)
    assert terraform.said == []


def test_an_empty_key_is_no_key(service):
    with pytest.raises(AssertionError, match="GATE_RUN_TASK_KEY is not set"):
        service(GATE_RUN_TASK_KEY="")


def test_a_request_is_taken_once(service, terraform):
    running = service()
    body = terraform.request()

    assert [running.asks(body), running.asks(body)] == [200, 409]
    terraform.waits(1)
    assert [one["status"] for one in terraform.said] == ["running", "failed"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"task_result_callback_url": "https://evil.example/x"}, 403),
        ({"plan_json_api_url": "https://evil.example/x"}, 403),
        ({"plan_json_api_url": "https://localhost@evil.example/x"}, 403),
        ({"task_result_callback_url": "http://{host}/x"}, 403),
        ({"plan_json_api_url": "file:///etc/passwd"}, 403),
        ({"plan_json_api_url": None}, 400),
        ({"payload_version": 2}, 400),
        ({"access_token": ""}, 400),
        ({"access_token": "a\r\nX: b"}, 400),
        ({"task_result_id": 7}, 400),
    ],
)
def test_a_signed_request_that_is_not_as_documented_is_refused(service, terraform, change, status):
    filled = {
        name: value.replace("{host}", terraform.host) if isinstance(value, str) else value
        for name, value in change.items()
    }

    assert service().asks(terraform.request(**filled)) == status
    assert terraform.tokens == {}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"[" * 100_000])
def test_what_is_no_request_is_refused(service, body):
    assert service().asks(body) == 400


def test_a_body_without_end_is_refused(service):
    assert service().asks(b" " * (2 << 20)) == 413


def test_the_question_whether_we_are_here_is_answered_and_nothing_judged(service, terraform):
    assert service().asks(terraform.request(stage="test", access_token="test-token")) == 200
    time.sleep(0.2)
    assert terraform.said == []


def test_a_stage_without_a_plan_fails_and_says_why(service, terraform):
    service().asks(terraform.request(stage="pre_plan"))

    (said,) = terraform.waits(1)
    assert (said["status"], "choose the stage post-plan" in said["message"]) == ("failed", True)


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (b"{", "No decision was made"),
        (b'{"format_version": "1.2"}', "No decision was made"),
        (b"\0" * 100, "No decision"),
    ],
)
def test_a_plan_that_cannot_be_read_is_no_pass(service, terraform, plan, why):
    terraform.plan = plan
    service().asks(terraform.request())

    (said,) = terraform.waits(1)
    assert (said["status"], why in said["message"]) == ("failed", True)


def test_a_plan_that_is_too_large_is_no_pass(service, terraform):
    terraform.plan = b" " * (3 << 20)
    service("--plan-limit", "2").asks(terraform.request())

    (said,) = terraform.waits(1)
    assert (said["status"], "larger than 2 MiB" in said["message"]) == ("failed", True)


def test_judging_that_takes_too_long_is_no_pass(service, terraform, tmp_path):
    slow = tmp_path / "opa"
    slow.write_text("#!/bin/sh\nsleep 60\n", encoding="utf-8")
    slow.chmod(0o755)
    service("--time-limit", "1", GATE_OPA=str(slow)).asks(terraform.request())

    (said,) = terraform.waits(1)
    assert (said["status"], "took longer than 1 s" in said["message"]) == ("failed", True)


@pytest.mark.parametrize("what", ["plan", "archive", "callback"])
def test_what_fails_for_a_moment_is_tried_again(service, terraform, what):
    terraform.fails[what] = [503, 429]
    service().asks(terraform.request())

    (said,) = terraform.waits(1)
    assert said["message"].startswith("DENY")


def test_a_plan_that_is_refused_is_no_pass(service, terraform):
    terraform.fails["plan"] = [404]
    service().asks(terraform.request())

    (said,) = terraform.waits(1)
    assert said["message"] == "No decision was made: the plan could not be fetched: the plan was refused (HTTP 404)"


def test_many_at_once_are_answered_at_once_and_each_gets_its_verdict(service, terraform):
    running = service("--workers", "2")
    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(lambda n: running.asks(terraform.request(n)), range(6)))

    assert statuses == [200] * 6
    assert {one["status"] for one in terraform.waits(6, 120)} == {"failed"}


def test_who_still_waits_at_the_end_is_told_that_nothing_was_decided(service, terraform):
    terraform.slow = 1.0
    running = service("--workers", "1")
    for number in range(3):
        running.asks(terraform.request(number))
    running.process.send_signal(signal.SIGTERM)
    running.process.wait(timeout=60)

    said = [one for one in terraform.said if one["status"] != "running"]
    assert [one["status"] for one in said] == ["failed"] * 3
    assert {one["message"] for one in said} == {"No decision was made: the gate was stopped"}


def test_killed_in_the_middle_it_passes_nothing(service, terraform):
    terraform.slow = 1.0
    running = service()
    running.asks(terraform.request())
    while not terraform.tokens:
        time.sleep(0.01)
    running.process.kill()
    running.process.wait()
    time.sleep(1.5)

    assert "passed" not in {one["status"] for one in terraform.said}


def test_names_of_the_plan_stay_text(service, terraform):
    plan = json.loads(DENIED.read_text())
    text = json.dumps(plan).replace("orders", "[x](https://i.example)<img>")
    terraform.plan = text.encode()
    service().asks(terraform.request())

    (said,) = terraform.waits(1)
    for outcome in said["outcomes"]:
        outside = "".join(outcome["body"].split("`")[::2])
        assert "<img>" not in outside
        assert "](" not in outside
