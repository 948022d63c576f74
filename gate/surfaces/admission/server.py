"""The webhook's process: HTTPS for the API server, plain HTTP for probes and metrics, and an orderly end."""

from __future__ import annotations

import asyncio
import gc
import signal
import ssl
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from aiohttp import web

from gate.engine.serving import ServingEngine
from gate.errors import UsageError
from gate.inputs.cluster.connection import connect
from gate.inputs.config import Config
from gate.pipeline import refuse_unknown_rules
from gate.surfaces.admission.certificate import ServingCertificate
from gate.surfaces.admission.context import ClusterContext
from gate.surfaces.admission.log import say
from gate.surfaces.admission.metrics import Metrics
from gate.surfaces.admission.reviews import Limits, NoReview, Reviews

PATH = "/validate"
_LARGEST = 16 * 1024 * 1024  # an object of 3 MiB (etcd's limit is 1.5), old and new, with room for escapes
_LONGEST = 60.0  # seconds that a connection is kept
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Options:
    """``drain``: seconds in which requests are still answered after the signal to end, while endpoints forget us.
    ``look``: seconds between two looks at the certificate's files.
    """

    certificate: Path
    key: Path
    client_ca: Path | None = None
    host: str = "0.0.0.0"  # a webhook is there to be reached
    port: int = 8443
    probe_port: int = 8080
    kubeconfig: Path | None = None
    context: str | None = None
    in_cluster: bool = False
    limits: Limits = Limits()
    drain: float = 5.0
    look: float = 5.0


class Webhook:
    """One process of the webhook, from start to its orderly end."""

    def __init__(self, options: Options, settings: Config, engine: ServingEngine, context: ClusterContext) -> None:
        self._options, self._engine, self._context = options, engine, context
        self._certificate = ServingCertificate(options.certificate, options.key, options.client_ca)
        self._metrics = Metrics()
        self._reviews = Reviews(engine, context, settings, options.limits, self._metrics)
        self._ending = asyncio.Event()
        self._opened: WeakKeyDictionary[object, float] = WeakKeyDictionary()
        self._gauges()

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then for ``drain`` seconds more, then finish what is under way."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ending.set)
        runners = [web.AppRunner(app, access_log=None, shutdown_timeout=10.0) for app in (self._hook(), self._probes())]
        for runner in runners:
            await runner.setup()
        watcher = asyncio.create_task(self._look_after_certificate())
        settling = asyncio.create_task(self._settle())
        try:
            try:
                options = self._options
                await web.TCPSite(runners[1], options.host, options.probe_port).start()
                await web.TCPSite(runners[0], options.host, options.port, ssl_context=self._certificate.context).start()
            except OSError as error:
                raise UsageError(
                    f"port {options.port} or {options.probe_port} cannot be used: {error.strerror}"
                ) from error
            say("serving", port=options.port, probe_port=options.probe_port, policy=self._engine.revision)
            await self._ending.wait()
            say("ending", drain=options.drain)
            await asyncio.sleep(options.drain)
        finally:
            for task in (watcher, settling):
                task.cancel()
            for runner in runners:
                await runner.cleanup()
            say("ended")

    def _hook(self) -> web.Application:
        app = web.Application(client_max_size=_LARGEST)
        app.router.add_post(PATH, self._review)
        return app

    def _probes(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/healthz", self._alive)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._numbers)
        return app

    async def _review(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            answer = await self._reviews.answer(body, _seconds(request.query.get("timeout")))
        except NoReview:
            return web.Response(status=400, text="no AdmissionReview of admission.k8s.io/v1\n")
        response = web.Response(body=answer, content_type=_JSON)
        if self._ending.is_set() or self._is_old(request.transport):
            response.force_close()
        return response

    def _is_old(self, connection: object) -> bool:
        """API servers keep connections for ever: without an end, one replica that came back would never be asked."""
        now = asyncio.get_running_loop().time()
        return now - self._opened.setdefault(connection, now) > _LONGEST

    async def _alive(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _ready(self, _: web.Request) -> web.Response:
        problems = list(self._problems())
        return web.Response(status=503 if problems else 200, text="".join(f"{p}\n" for p in problems) or "ok\n")

    async def _numbers(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4"})

    def _problems(self) -> list[str]:
        """Why requests should go to another replica."""
        found = []
        if self._ending.is_set():
            found.append("ending")
        if not self._engine.ready:
            found.append("Open Policy Agent does not run")
        if not self._context.synced.is_set():
            why = "; ".join(f"{kind}: {problem}" for kind, problem in self._context.problems.items())
            found.append(f"the cluster is not known yet{': ' + why if why else ''}")
        elif self._context.staleness > self._options.limits.max_stale:
            found.append(f"what is known of the cluster is {self._context.staleness:.0f} s old")
        if self._certificate.expired:
            found.append("the serving certificate has expired")
        return found

    def _gauges(self) -> None:
        numbers = self._metrics.gauge
        numbers("gate_ready", "1 when reviews can be judged.", lambda: float(not self._problems()))
        numbers("gate_context_objects", "Objects of the cluster that are known.", lambda: float(len(self._context)))
        numbers("gate_context_stale_seconds", "Age of what is known.", lambda: self._context.staleness)
        numbers(
            "gate_engine_restarts", "Times Open Policy Agent had to be replaced.", lambda: float(self._engine.restarts)
        )
        numbers(
            "gate_certificate_expires_timestamp_seconds",
            "When the serving certificate ends; a date far back when it has.",
            lambda: self._certificate.expires.timestamp(),
        )

    async def _look_after_certificate(self) -> None:
        while True:
            await asyncio.sleep(self._options.look)
            try:
                if self._certificate.reload():
                    self._metrics.reloads.inc()
                    say("certificate", expires=self._certificate.expires.isoformat())
            except (OSError, ValueError, ssl.SSLError) as error:
                say("certificate", error=f"cannot be used now: {type(error).__name__}")

    async def _settle(self) -> None:
        """What the cluster's objects take of memory stays: the collector need not look at it for each review."""
        await self._context.synced.wait()
        gc.collect()
        gc.freeze()
        say("synced", objects=len(self._context))


def _seconds(text: str | None) -> float | None:
    """``10s`` as an API server writes it into the address; ``None`` for anything else."""
    try:
        seconds = float((text or "").removesuffix("s"))
    except ValueError:
        return None
    return seconds if 0 < seconds <= 60 else None


async def serve(options: Options, settings: Config, engine: ServingEngine) -> None:
    """Run the webhook. Raises ``GateError`` when it cannot begin."""
    refuse_unknown_rules(settings, engine.rules)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.close)
        await engine.start()
        cluster = await stack.enter_async_context(
            connect(kubeconfig=options.kubeconfig, context=options.context, in_cluster=options.in_cluster)
        )
        context = await stack.enter_async_context(ClusterContext(cluster))
        await Webhook(options, settings, engine, context).run()
