"""Decisions for a service that lives long and asks often: one private OPA, replaced when it dies, kept connections."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gate.engine.answer import check_bundle, check_envelope, checked_decision
from gate.engine.binary import find_opa
from gate.engine.bundle import build_bundle
from gate.engine.client import QUERY, Endpoint, answered, compact
from gate.engine.opa_server import PrivateOpa
from gate.engine.organisation_policies import organisation_packages
from gate.errors import DecisionError, EngineError

if TYPE_CHECKING:
    from opa_client.opa_async import AsyncOpaClient

_LOOK_SECONDS = 0.1  # how often we look whether the child still lives
_HEALTH_SECONDS = 1.0
_SICK_AFTER = 5  # health questions in a row without an answer, after which a child that hangs is replaced
# A quarter less time for a decision, and 140 MB instead of 80: else each hundredth one walks through all policies.
_GROWTH = 400
_BACK_OFF = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class ServingEngine:
    """``start`` once, ``decide`` as often as wanted and at the same time, ``close``. One event loop.

    ``policies``, ``data``: the organisation's. Raises as ``Engine`` does.
    """

    def __init__(self, policies: Sequence[Path] = (), data: Sequence[Path] = (), *, pinned: bool = False) -> None:
        self._opa = find_opa(pinned=pinned)
        self._places = organisation_packages(self._opa, policies)
        self._bundle = build_bundle(policies, data, frozenset(self._places))
        self._child: PrivateOpa | None = None
        self._client: AsyncOpaClient | None = None
        self._guard: asyncio.Task[None] | None = None
        self.restarts = 0

    @property
    def revision(self) -> str:
        """Of the policy bundle that judges."""
        return self._bundle.revision

    @property
    def rules(self) -> tuple[str, ...]:
        """The packages that have to judge, sorted."""
        return tuple(sorted(self._bundle.rules))

    @property
    def opa_version(self) -> str:
        """Such as ``1.22.2``."""
        return self._opa.version

    @property
    def opa_sha256(self) -> str:
        """Of the executable."""
        return self._opa.sha256

    @property
    def ready(self) -> bool:
        """Whether an OPA is there to ask."""
        return self._client is not None

    async def start(self) -> None:
        """Start OPA and whoever watches over it. Raises ``EngineError`` when the first one does not come up."""
        await self._begin()
        self._guard = asyncio.create_task(self._watch_over())

    async def decide(self, envelope: dict[str, Any], *, timeout: float) -> dict[str, Any]:
        """As ``Engine.decide``; ``timeout`` in seconds for the whole answer. Never tried twice."""
        import aiohttp

        check_envelope(envelope)
        if self._client is None:
            raise EngineError("Open Policy Agent is not running; it is being restarted")
        try:
            async with asyncio.timeout(timeout):
                said = await self._client.query_rule(envelope, "gate", "decision", query_params=QUERY)
        except TimeoutError as error:
            raise EngineError(f"Open Policy Agent did not answer within {timeout:.1f} s") from error
        except aiohttp.ClientResponseError as error:
            raise EngineError(f"Open Policy Agent failed ({error.status})") from error
        except (aiohttp.ClientError, OSError, AttributeError) as error:  # the library forgets its session on close
            raise EngineError(f"Open Policy Agent closed the connection: {type(error).__name__}") from error
        except ValueError as error:
            raise DecisionError("what Open Policy Agent answered is not JSON") from error
        answer = answered(said, private=True)
        check_bundle(answer, self.revision)
        return checked_decision(answer.result, self._bundle.rules, more_may_run=False, places=self._places)

    async def close(self) -> None:
        """Stop OPA. Harmless when done before."""
        if self._guard is not None:
            self._guard.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._guard
            self._guard = None
        await self._end()

    async def _begin(self) -> None:
        child = PrivateOpa(self._opa, self._bundle.archive, growth=_GROWTH)
        try:
            await asyncio.to_thread(child.wait)
        except BaseException:
            child.stop()
            raise
        self._child, self._client = child, await _connected(child.door.endpoint)

    async def _end(self) -> None:
        client, self._client = self._client, None
        child, self._child = self._child, None
        if client is not None:
            await client.close_connection()
        if child is not None:
            await asyncio.to_thread(child.stop)

    async def _watch_over(self) -> None:
        """Replace an OPA that died or hangs. Until the new one listens every decision is an error: nothing passes."""
        while True:
            await self._gone()
            await self._end()
            self.restarts += 1
            for pause in chain(_BACK_OFF, repeat(_BACK_OFF[-1])):
                try:
                    await self._begin()
                    break
                except EngineError:
                    await asyncio.sleep(pause * random.uniform(0.8, 1.2))

    async def _gone(self) -> None:
        """Return when OPA has ended, or has not said for long that it is well."""
        sick, asked = 0, 0.0
        clock = asyncio.get_running_loop().time
        while self._child is not None and self._child.process.poll() is None and sick < _SICK_AFTER:
            await asyncio.sleep(_LOOK_SECONDS)
            if self._client is not None and clock() - asked > _HEALTH_SECONDS:
                asked = clock()
                sick = 0 if await self._well(self._client) else sick + 1

    @staticmethod
    async def _well(client: AsyncOpaClient) -> bool:
        try:
            async with asyncio.timeout(2 * _HEALTH_SECONDS):
                return bool(await client.check_health())
        except TimeoutError:
            return False


async def _connected(endpoint: Endpoint) -> AsyncOpaClient:
    import aiohttp
    from opa_client.opa_async import AsyncOpaClient as Base

    class Client(Base):  # type: ignore[misc]  # the library has no types
        async def _init_session(self) -> None:
            if endpoint.socket is None:
                await super()._init_session()
                return
            self._connector = aiohttp.UnixConnector(str(endpoint.socket))
            self._session = aiohttp.ClientSession(
                headers=self.headers,
                connector=self._connector,
                timeout=aiohttp.ClientTimeout(total=None),
                json_serialize=compact,
            )

    plain = {"Accept-Encoding": "identity"}  # to compress the answer costs more than to send it to ourselves
    client = Client(
        host=endpoint.host, port=endpoint.port, token=endpoint.token, headers=plain, retries=0, timeout=None
    )
    await client._init_session()  # what `async with` does; the library has no other way to open it
    return client
