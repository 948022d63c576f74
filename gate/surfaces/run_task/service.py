"""The service: answers at once, judges behind, and says *failed* rather than nothing."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import ssl
import sys
import tempfile
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from gate.errors import GateError
from gate.surfaces.run_task.calls import Calls
from gate.surfaces.run_task.judging import Result, judge, no_decision
from gate.surfaces.run_task.request import LONGEST, SIGNATURE, RefusedError, TaskRequest, parse, verified

_WAITING = 100
"""Runs that may wait to be judged; one more is refused, and HCP Terraform asks again."""
_REMEMBERED = 10_000
_FORGET_AFTER = 24 * 3600.0
_NOT_YET = "there is no plan in this stage: choose the stage post-plan or pre-apply"


@dataclass(frozen=True, slots=True)
class Options:
    """``key``: what HCP Terraform signs with. ``hosts``: where it may be called back. ``arguments``: of ``gate check``.

    ``workers``: plans judged at the same time; ``seconds``: for one of them; ``certificate``: PEM certificate and key.
    """

    key: bytes
    hosts: frozenset[str]
    host: str
    port: int
    certificate: tuple[Path, Path] | None
    arguments: Sequence[str]
    workers: int
    seconds: float


class Service:
    """One queue, some workers."""

    def __init__(self, options: Options, calls: Calls) -> None:
        self._options, self._calls = options, calls
        self._queue: asyncio.Queue[TaskRequest] = asyncio.Queue(_WAITING)
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._ending = False

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=LONGEST)
        app.router.add_post("/", self._asked)
        app.router.add_get("/healthz", self._alive)
        return app

    async def work(self) -> None:
        """Judge what waits, one after the other, for ever."""
        while True:
            request = await self._queue.get()
            try:
                await self._serve(request)
            finally:
                self._queue.task_done()

    async def end(self) -> None:
        """Take nothing more, and say *failed* of what still waits: HCP Terraform need not wait for its time-out."""
        self._ending = True
        while not self._queue.empty():
            request = self._queue.get_nowait()
            await self._say(request, no_decision("the gate was stopped"))

    async def _alive(self, _: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _asked(self, asked: web.Request) -> web.Response:
        body = await asked.read()
        if not verified(body, asked.headers.get(SIGNATURE), self._options.key):
            return web.Response(status=401, text="the signature is missing or not the right one")
        try:
            request = parse(body, self._options.hosts)
            if request is not None:
                self._take(request)
        except RefusedError as error:
            return web.Response(status=error.status, text=str(error))
        return web.Response(text="")

    def _take(self, request: TaskRequest) -> None:
        now = time.monotonic()
        while self._seen and next(iter(self._seen.values())) < now - _FORGET_AFTER:
            self._seen.popitem(last=False)
        if request.result_id in self._seen:
            raise RefusedError(409, "this task was taken already")
        if self._ending or self._queue.full() or len(self._seen) >= _REMEMBERED:
            raise RefusedError(503, "too much waits already")
        self._seen[request.result_id] = now
        self._queue.put_nowait(request)

    async def _serve(self, request: TaskRequest) -> None:
        try:
            result = await self._result(request)
        except GateError as error:
            result = no_decision(error.message)
        except asyncio.CancelledError:
            await asyncio.shield(self._say(request, no_decision("the gate was stopped")))
            raise
        except Exception as error:  # a fault of ours is no pass, and no silence
            result = no_decision(f"internal error ({type(error).__name__})")
        await self._say(request, result)

    async def _result(self, request: TaskRequest) -> Result:
        if request.plan_url is None:
            return no_decision(_NOT_YET)
        await self._calls.say(request, Result("running", "The gate judges the plan."))
        with tempfile.TemporaryDirectory(prefix="gate-run-task-") as folder:
            await self._calls.fetch_plan(request, Path(folder) / "plan.json")
            return await judge(Path(folder), self._options.arguments, self._options.seconds)

    async def _say(self, request: TaskRequest, result: Result) -> None:
        print(f"{request.run_id} {request.stage}: {result.status}: {result.message}", flush=True)
        try:
            await self._calls.say(request, result)
        except GateError as error:
            print(f"{request.run_id} {request.stage}: {error.message}", file=sys.stderr, flush=True)


async def serve(options: Options, calls: Calls) -> None:
    """Listen until a signal to end. Raises ``GateError`` when the address or the certificate cannot be used."""
    service = Service(options, calls)
    runner = web.AppRunner(service.app(), access_log=None)
    await runner.setup()
    workers = [asyncio.create_task(service.work()) for _ in range(options.workers)]
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    try:
        site = web.TCPSite(runner, options.host, options.port, ssl_context=_tls(options.certificate))
        await site.start()
        print(f"listening on {options.host}:{options.port}", flush=True)
        await ended.wait()
        await service.end()
    except OSError as error:
        raise GateError(f"cannot listen on {options.host}:{options.port}: {error.strerror or error}") from error
    finally:
        for worker in workers:
            worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*workers)
        await runner.cleanup()


def _tls(certificate: tuple[Path, Path] | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(*certificate)
    except (OSError, ssl.SSLError) as error:
        raise GateError(f"{certificate[0]}: the certificate cannot be used: {type(error).__name__}") from error
    return context
