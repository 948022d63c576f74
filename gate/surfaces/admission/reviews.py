"""From the bytes of a review to the bytes of an answer. Whatever goes wrong on the way is a refusal with a sentence.

In the modes ``warn`` and ``dry-run`` nothing is refused, an error included: who chose them wants to look on.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gate.engine.serving import ServingEngine
from gate.errors import EngineError, GateError, InputError
from gate.inputs.cluster.admission_review import AdmissionRequest, read_review, read_uid
from gate.inputs.text.reading import without_collections
from gate.judgement import admit
from gate.report import admission_response as report
from gate.report.shared_sentences import active
from gate.report.untrusted import plain
from gate.surfaces.admission.context import ClusterContext
from gate.surfaces.admission.log import say
from gate.surfaces.admission.metrics import Metrics

if TYPE_CHECKING:
    from gate.inputs.config import Config
    from gate.model.decision import Decision

_AT_ONCE = 16
"""Judgements under way at the same time; more would only make each of them slower."""
_LARGE = 128 * 1024
"""Bytes of a review from which on one is judged after the other: a binding of thousands takes seconds, and memory."""
_STALE_WARNING = 30.0


class NoReview(Exception):
    """The bytes are no review and say nothing that an answer could be addressed to."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``timeout``: seconds for an answer, whatever the API server allows; ``max_stale``: how old the context may be."""

    timeout: float = 8.0
    max_stale: float = 300.0


class Reviews:
    """Answers reviews. ``settings``: gate.yaml."""

    def __init__(
        self, engine: ServingEngine, context: ClusterContext, settings: Config, limits: Limits, metrics: Metrics
    ) -> None:
        self._engine, self._context, self._settings, self._limits = engine, context, settings, limits
        self._metrics = metrics
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._large = asyncio.Semaphore(1)

    async def answer(self, body: bytes, allowed_seconds: float | None = None) -> bytes:
        """The review that goes back. ``allowed_seconds``: how long the API server waits.

        Raises ``NoReview`` when there is nobody to answer; nothing else.
        """
        started = time.perf_counter()
        request: AdmissionRequest | None = None
        mode = self._settings.mode
        limit = self._seconds(allowed_seconds)
        deadline = asyncio.get_running_loop().time() + limit
        try:
            async with self._turn(len(body), deadline, limit):
                with without_collections():  # of what is made here nothing is garbage
                    request = read_review(body)
                settings = self._settings.in_namespace(
                    request.namespace or (request.name if request.kind == "Namespace" else "")
                )
                mode = settings.mode
                decision = await self._decide(request, settings, deadline, limit)
            review = self._decided(request, decision, mode)
        except Exception as error:
            uid = request.uid if request else read_uid(body)
            if uid is None:
                raise NoReview from error
            review = self._undecided(uid, request, error, mode)
        seconds = time.perf_counter() - started
        self._metrics.seconds.observe(seconds)
        return json.dumps(review).encode()

    def _seconds(self, allowed: float | None) -> float:
        """Ours must end before the API server's, or it says only that the webhook was late."""
        own = self._limits.timeout
        return own if allowed is None else min(own, max(0.8 * allowed, allowed - 1.0))

    @asynccontextmanager
    async def _turn(self, size: int, deadline: float, limit: float) -> AsyncIterator[None]:
        """Large reviews are read and judged one after the other."""
        if size <= _LARGE:
            yield
            return
        try:
            async with asyncio.timeout_at(deadline):
                await self._large.acquire()
        except TimeoutError as error:
            raise _late(limit) from error
        try:
            yield
        finally:
            self._large.release()

    async def _decide(self, request: AdmissionRequest, settings: Config, deadline: float, limit: float) -> Decision:
        if not self._context.synced.is_set():
            raise GateError("the gate does not know the cluster yet", hint="Try again in a few seconds.")
        stale = self._context.staleness
        if stale > self._limits.max_stale:
            raise GateError(f"what the gate knows of the cluster is {stale:.0f} s old: its watch is broken")
        try:
            async with asyncio.timeout_at(deadline), self._turns:
                documents = await self._context.change(request)
                left = deadline - asyncio.get_running_loop().time()
                return await admit(documents, settings, self._engine, timeout=left)
        except TimeoutError as error:
            raise _late(limit) from error

    def _decided(self, request: AdmissionRequest, decision: Decision, mode: str) -> dict[str, Any]:
        denied = decision.verdict == "deny"
        allowed = not denied or mode != "enforce"
        if not denied:
            self._context.let_in(request)
        for finding in (f for effect in ("deny", "warn") for f in active(decision, effect)):
            self._metrics.findings.labels(finding.rule, finding.effect).inc()
        self._metrics.reviews.labels(decision.verdict, _word(allowed), mode, request.operation).inc()
        self._log(
            request,
            mode,
            allowed,
            decision_id=decision.decision_id,
            verdict=decision.verdict,
            findings=[
                {
                    "rule": f.rule,
                    "effect": f.effect,
                    "severity": f.severity,
                    "identity": f.identity,
                    "fingerprint": f.fingerprint,
                }
                for f in decision.findings
                if f.status == "active"
            ],
        )
        warnings = report.warnings_of(decision, enforced=mode == "enforce") if mode != "dry-run" else []
        if (stale := self._context.staleness) > _STALE_WARNING:
            warnings.append(f"what the gate knows of the cluster is {stale:.0f} s old")
        return report.response(
            request.uid,
            allowed=allowed,
            message=report.refusal(decision) if not allowed else "",
            warnings=warnings,
            annotations=report.annotations_of(decision, mode),
        )

    def _undecided(self, uid: str, request: AdmissionRequest | None, error: Exception, mode: str) -> dict[str, Any]:
        """An error is never an allow; only who enforces nothing lets it pass, with a warning."""
        allowed = mode != "enforce"
        said, hint = (error.message, error.hint) if isinstance(error, GateError) else (_bug(error), None)
        sentence = f"no decision was made: {plain(said)}" + (f" {plain(hint)}" if hint else "")
        self._metrics.reviews.labels("none", _word(allowed), mode, request.operation if request else "unknown").inc()
        self._log(request, mode, allowed, uid=uid, error=sentence)
        return report.response(
            uid,
            allowed=allowed,
            message=sentence,
            code=400 if isinstance(error, InputError) else report.NO_DECISION,
            warnings=[f"would be refused: {sentence}"] if mode == "warn" else [],
            annotations={"verdict": "none", "mode": mode},
        )

    def _log(self, request: AdmissionRequest | None, mode: str, allowed: bool, **details: Any) -> None:
        asked: dict[str, Any] = {}
        if request is not None:
            asked = {
                "uid": request.uid,
                "operation": request.operation,
                "object": request.subject,
                "user": request.user,
            }
            asked |= {"subresource": request.subresource or None, "dry_run": request.dry_run or None}
        say("review", **(asked | details), mode=mode, allowed=allowed)


def _late(limit: float) -> EngineError:
    return EngineError(f"no decision within {limit:.1f} s")


def _word(allowed: bool) -> str:
    return "true" if allowed else "false"


def _bug(error: Exception) -> str:
    """An unforeseen exception: its type only, since its text may quote an object."""
    return f"unexpected {type(error).__name__}: this is a bug in the gate."
