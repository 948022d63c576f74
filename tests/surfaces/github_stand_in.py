"""Comments of one pull request, as GitHub's REST API documents them: https://docs.github.com/en/rest/issues/comments."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class GitHub:
    """``comments``: in the order made; ``fails``: statuses of the next answers; ``refuses``: every answer is 403."""

    url: str = ""
    token: str = "the-token"
    repository: str = "o/r"
    comments: list[dict[str, Any]] = field(default_factory=list)
    fails: list[int] = field(default_factory=list)
    refuses: bool = False
    requests: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Status and body."""
        parts = urlsplit(path)
        base = f"/repos/{self.repository}/issues"
        if method == "GET" and parts.path == f"{base}/7/comments":
            asked = {name: int(values[0]) for name, values in parse_qs(parts.query).items()}
            start = (asked["page"] - 1) * asked["per_page"]
            return 200, self.comments[start : start + asked["per_page"]]
        if method == "POST" and parts.path == f"{base}/7/comments":
            made = {"id": len(self.comments) + 1, "user": {"login": "github-actions[bot]"}, "body": body["body"]}
            self.comments.append(made | {"html_url": f"https://github.example/{made['id']}"})
            return 201, self.comments[-1]
        for comment in self.comments:
            if method == "PATCH" and parts.path == f"{base}/comments/{comment['id']}":
                comment["body"] = body["body"]
                return 200, comment
        return 404, {"message": "Not Found"}


@contextmanager
def github_stand_in() -> Iterator[GitHub]:
    """One that listens."""
    state = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.requests.append(f"{self.command} {self.path}")
            if state.fails:
                status, said = state.fails.pop(0), {"message": "try again"}
            elif state.refuses or self.headers["Authorization"] != f"Bearer {state.token}":
                status, said = 403, {"message": "Resource not accessible by integration"}
            else:
                status, said = state.answer(self.command, self.path, json.loads(body) if body else None)
            text = json.dumps(said).encode()
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", f"{state.url}/elsewhere")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815  # names of http.server

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield state
        server.shutdown()
