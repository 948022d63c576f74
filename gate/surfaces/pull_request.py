"""One comment on a pull request of GitHub, made once and updated in place.

https://docs.github.com/en/rest/issues/comments. The token needs ``pull-requests: write``; a pull request from a fork
has none. Only a comment of our own account is updated: anybody may write one that begins as ours does.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gate.errors import GateError, UsageError

_MARK = "<!-- nhi-gate: {name} -->"
_LONGEST = 65_536
"""Characters a comment holds."""
_PAGES = 50
_SECONDS = 20.0
_PAUSES = (1.0, 4.0)
_AGAIN = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class PullRequest:
    """``api``: such as ``https://api.github.com``; ``repository``: ``owner/name``; ``account``: whose token it is."""

    api: str
    repository: str
    number: int
    token: str
    account: str = "github-actions[bot]"

    def comment(self, body: str, name: str = "gate") -> str:
        """Write ``body`` into the comment of that ``name``; its address. Several gates have several names.

        Raises ``GateError`` when GitHub refuses or cannot be reached; the token is in no message.
        """
        mark = _MARK.format(name=name)
        text = f"{mark}\n{body}"
        if len(text) > _LONGEST:
            text = text[: _LONGEST - 40].rpartition("\n")[0] + "\n\nThe rest is in the log."
        found = next((one for one in self._comments() if self._is_ours(one, mark)), None)
        if found is None:
            made = self._ask("POST", f"issues/{self.number}/comments", {"body": text})
        else:
            made = self._ask("PATCH", f"issues/comments/{int(found['id'])}", {"body": text})
        return str(made.get("html_url", ""))

    def _comments(self) -> Iterator[dict[str, Any]]:
        for page in range(1, _PAGES + 1):
            listed = self._ask("GET", f"issues/{self.number}/comments?per_page=100&page={page}")
            yield from listed
            if len(listed) < 100:
                return

    def _is_ours(self, comment: dict[str, Any], mark: str) -> bool:
        own = (comment.get("user") or {}).get("login") == self.account
        return own and str(comment.get("body", "")).startswith(mark)

    def _ask(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        request = urllib.request.Request(
            f"{self.api}/repos/{self.repository}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "User-Agent": "nhi-gate",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        for pause in (*_PAUSES, None):
            try:
                with _OPENER.open(request, timeout=_SECONDS) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                # A comment that may have been made is not made again.
                if pause is None or error.code not in _AGAIN or method == "POST":
                    raise GateError(f"GitHub refused the comment (HTTP {error.code})", hint=_hint(error.code)) from None
            except (OSError, ValueError) as error:
                if pause is None or method == "POST":
                    raise GateError(f"GitHub cannot be reached: {type(error).__name__}") from None
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def _hint(status: int) -> str | None:
    return "give the job `pull-requests: write`; a fork's pull request cannot have it" if status in (403, 404) else None


def named(text: str) -> str:
    """A name for ``comment``. Raises ``UsageError`` when it could end the mark that it stands in."""
    if not text or not all(letter.isalnum() or letter in "._/ -" for letter in text) or "--" in text:
        raise UsageError("--name holds letters, digits, dots, slashes, spaces and single hyphens")
    return text
