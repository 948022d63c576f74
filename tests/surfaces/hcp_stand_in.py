"""The part of HCP Terraform that a run task speaks with, written from its documentation.

https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run-tasks/run-tasks-integration: the request and its
signature, the plan behind a redirect to an archive that asks for no token, the callback with its JSON:API document.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOKEN = "the-token-of-one-run"
KEY = "the-key-of-the-task"
_STATUSES = {"running", "passed", "failed"}
_LEVELS = {"none", "info", "warning", "error"}


@dataclass
class Terraform:
    """``plan``: what the archive gives; ``said``: attributes and outcomes of each callback, in order.

    ``fails``: statuses of the next answers, by what is asked (``plan``, ``archive``, ``callback``).
    """

    host: str = ""
    plan: bytes = b""
    said: list[dict[str, Any]] = field(default_factory=list)
    fails: dict[str, list[int]] = field(default_factory=dict)
    tokens: dict[str, list[str | None]] = field(default_factory=dict)
    slow: float = 0.0

    def request(self, number: int = 1, **changes: Any) -> bytes:
        """The body of a request after a plan."""
        base = f"https://{self.host}/api/v2"
        document = {
            "payload_version": 1,
            "stage": "post_plan",
            "access_token": TOKEN,
            "plan_json_api_url": f"{base}/plans/plan-1/json-output",
            "task_result_callback_url": f"{base}/task-results/r{number}/callback",
            "task_result_enforcement_level": "mandatory",
            "task_result_id": f"taskrs-{number}",
            "run_id": f"run-{number}",
            "run_message": "change",
            "workspace_name": "ws",
            "organization_name": "org",
        }
        return json.dumps({**document, **changes}).encode()

    def waits(self, count: int, seconds: float = 60.0) -> list[dict[str, Any]]:
        """The last words of each run, when ``count`` of them are there."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            ended = [one for one in self.said if one["status"] != "running"]
            if len(ended) >= count:
                return ended
            time.sleep(0.02)
        raise AssertionError(f"HCP Terraform was told {self.said} in {seconds:g} s")


def sign(body: bytes, key: str = KEY) -> str:
    """The value of X-TFC-Task-Signature."""
    return hmac.new(key.encode(), body, hashlib.sha512).hexdigest()


def ask(port: int, body: bytes, signature: str | None) -> int:
    """HCP Terraform's POST to the service; the status of the answer."""
    headers = {"Content-Type": "application/json"} | ({} if signature is None else {"X-TFC-Task-Signature": signature})
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", data=body, headers=headers)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@contextmanager
def terraform_stand_in(certificate: tuple[Path, Path]) -> Iterator[Terraform]:
    """One that listens with TLS."""
    state = Terraform()

    class Handler(BaseHTTPRequestHandler):
        def _asked(self) -> str:
            return "callback" if self.command == "PATCH" else "archive" if "/archive" in self.path else "plan"

        def _answer(self) -> None:
            what = self._asked()
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.tokens.setdefault(what, []).append(self.headers.get("Authorization"))
            time.sleep(state.slow)
            if state.fails.get(what):
                self._send(state.fails[what].pop(0), b"")
            elif what == "archive":
                self._send(200, state.plan)
            elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self._send(401, b"")
            elif what == "plan":
                self._send(307, b"", Location=f"https://{state.host}/archive/plan.json")
            else:
                assert self.headers["Content-Type"] == "application/vnd.api+json"
                state.said.append(_read(json.loads(body)))
                self._send(200, b"{}")

        def _send(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PATCH = _answer  # noqa: N815  # names of http.server

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        state.host = f"localhost:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield state
        server.shutdown()


def _read(document: dict[str, Any]) -> dict[str, Any]:
    """What the documentation says a callback holds, and nothing else."""
    data = document["data"]
    attributes = data["attributes"]
    assert data["type"] == "task-results"
    assert attributes["status"] in _STATUSES
    assert set(attributes) <= {"status", "message", "url"}
    outcomes = data["relationships"]["outcomes"]["data"]
    for outcome in outcomes:
        assert outcome["type"] == "task-result-outcomes"
        assert set(outcome["attributes"]) <= {"outcome-id", "description", "body", "url", "tags"}
        for labels in outcome["attributes"]["tags"].values():
            assert all(label["level"] in _LEVELS and label["label"] for label in labels)
    return {**attributes, "outcomes": [outcome["attributes"] for outcome in outcomes]}
