"""The two calls back to HCP Terraform: fetch the plan, report the result. Each is retried with growing pauses."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from gate.errors import GateError
from gate.surfaces.run_task.request import TaskRequest

if TYPE_CHECKING:
    from gate.surfaces.run_task.judging import Result

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 60.0)
_SECONDS = aiohttp.ClientTimeout(total=60.0)
_TYPE = "application/vnd.api+json"


class Calls:
    """``limit``: bytes that a plan may have. ``ca_file``: PEM of the authority of a Terraform Enterprise."""

    def __init__(self, limit: int, ca_file: Path | None = None) -> None:
        self._limit = limit
        self._tls = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)

    async def fetch_plan(self, request: TaskRequest, target: Path) -> None:
        """Write the plan's JSON to ``target``. Raises ``GateError`` when it cannot be had, or is too large.

        HCP Terraform answers with a redirect to where it stores plans: that place gets no token.
        """

        async def once(session: aiohttp.ClientSession) -> None:
            assert request.plan_url is not None
            headers = {"Authorization": f"Bearer {request.token}"}
            async with session.get(request.plan_url, headers=headers, allow_redirects=False) as answer:
                if answer.status in (301, 302, 303, 307, 308):
                    stored = urljoin(request.plan_url, answer.headers.get("Location", ""))
                elif answer.status == 204:
                    raise _Refused("the plan has no JSON", 204)
                else:
                    await self._save(answer, target)
                    return
            if urlsplit(stored).scheme != "https":
                raise _Refused("the plan is stored where there is no TLS", 0)
            async with session.get(stored, allow_redirects=False) as answer:
                await self._save(answer, target)

        await self._tried(once, "the plan could not be fetched")

    async def say(self, request: TaskRequest, result: Result) -> None:
        """Tell HCP Terraform the result. Raises ``GateError`` when it cannot be told."""
        document = {
            "data": {
                "type": "task-results",
                "attributes": {"status": result.status, "message": result.message},
                "relationships": {"outcomes": {"data": list(result.outcomes)}},
            }
        }

        async def once(session: aiohttp.ClientSession) -> None:
            headers = {"Authorization": f"Bearer {request.token}", "Content-Type": _TYPE}
            async with session.patch(
                request.callback_url, json=document, headers=headers, allow_redirects=False
            ) as answer:
                if answer.status >= 300:
                    raise _Refused("the result was refused", answer.status)

        await self._tried(once, "the result could not be reported")

    async def _save(self, answer: aiohttp.ClientResponse, target: Path) -> None:
        if answer.status != 200:
            raise _Refused("the plan was refused", answer.status)
        size = 0
        with target.open("wb") as file:
            async for chunk in answer.content.iter_chunked(1 << 16):
                size += len(chunk)
                if size > self._limit:
                    raise _Refused(f"the plan is larger than {self._limit >> 20} MiB", 0)
                file.write(chunk)

    async def _tried(self, once: Callable[[aiohttp.ClientSession], Awaitable[Any]], failed: str) -> None:
        connector = aiohttp.TCPConnector(ssl=self._tls)
        async with aiohttp.ClientSession(connector=connector, timeout=_SECONDS, trust_env=True) as session:
            for pause in (*_PAUSES, None):
                try:
                    await once(session)
                    return
                except _Refused as error:
                    if error.status not in _AGAIN or pause is None:
                        said = f" (HTTP {error.status})" if error.status else ""
                        raise GateError(f"{failed}: {error}{said}") from None
                except (aiohttp.ClientError, TimeoutError, OSError) as error:
                    if pause is None:
                        raise GateError(f"{failed}: {type(error).__name__}") from None
                await asyncio.sleep(pause)


class _Refused(Exception):
    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status
