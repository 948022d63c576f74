"""The webhook's process: HTTPS for the API server, plain HTTP for probes and metrics, and an orderly end."""

from __future__ import annotations

import asyncio
import gc
import signal
import ssl
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from gate.engine.serving import ServingEngine
from gate.errors import UsageError
from gate.inputs.cluster.connection import connect
from gate.inputs.config import Config
from gate.judgement import refuse_unknown_rules
from gate.surfaces.admission.certificate import ServingCertificate
from gate.surfaces.admission.context import ClusterContext
from gate.surfaces.admission.door import Door, Doorway
from gate.surfaces.admission.hook import BURST, RATE, Hook
from gate.surfaces.admission.log import QUIET, loop_error, say
from gate.surfaces.admission.metrics import Metrics
from gate.surfaces.admission.peers import CONNECTION, Allowance, Peers
from gate.surfaces.admission.reviews import Limits, Reviews

_SHUTDOWN = 10.0  # seconds for what is under way
_PROBES = 200.0 * CONNECTION
"""What is asked of the probes' port a second: a node and a monitor ask a few times."""


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
        self._allowance = Allowance(RATE, BURST)
        self._hook = Hook(self._reviews, self._allowance, self._refused, self._ending.is_set)
        self._gauges()

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then for ``drain`` seconds more, then finish what is under way."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ending.set)
        loop.set_exception_handler(loop_error)
        options, peers = self._options, Peers()
        doors = (
            Door(self._hook.server, peers, self._allowance, self._refused, tls=self._certificate.context),
            Door(self._probes(), Peers(), Allowance(_PROBES, 2 * _PROBES), self._refused),
        )
        self._hook.door = doors[0]
        self._metrics.gauge(
            "gate_admission_connections", "Connections of API servers and others.", lambda: float(len(doors[0]))
        )
        watcher = asyncio.create_task(self._look_after_certificate())
        settling = asyncio.create_task(self._settle())
        try:
            try:
                doors[1].open(options.host, options.probe_port)
                doors[0].open(options.host, options.port)
            except OSError as error:
                raise UsageError(
                    f"port {options.port} or {options.probe_port} cannot be used: {error.strerror}"
                ) from error
            say(
                "serving",
                port=options.port,
                probe_port=options.probe_port,
                policy=self._engine.revision,
                clients="with a certificate" if options.client_ca else "any",
            )
            await self._ending.wait()
            say("ending", drain=options.drain)
            await asyncio.sleep(options.drain)
        finally:
            for task in (watcher, settling):
                task.cancel()
            for door in doors:
                await door.close(_SHUTDOWN)
            say("ended")

    def _refused(self, reason: str) -> None:
        self._metrics.refused.labels(reason).inc()

    def _probes(self) -> Doorway:
        """Answers the node and whoever watches over the gate, over plain HTTP, and ends each connection."""
        pages = {"/healthz": self._alive, "/readyz": self._ready, "/metrics": self._numbers}

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            page = pages.get(request.path) if request.method == "GET" else None
            response = page() if page else web.Response(status=404, text="no such page\n")
            response.force_close()
            return response

        return Doorway(
            answer, handler_cancellation=True, access_log=None, logger=QUIET, lingering_time=0.0, keepalive_timeout=5.0
        )

    def _alive(self) -> web.Response:
        return web.Response(text="ok\n")

    def _ready(self) -> web.Response:
        problems = list(self._problems())
        return web.Response(status=503 if problems else 200, text="".join(f"{p}\n" for p in problems) or "ok\n")

    def _numbers(self) -> web.Response:
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
