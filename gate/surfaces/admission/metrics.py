"""What the webhook counts, for Prometheus. No label holds what a user writes, but names of kinds and rules."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """A registry of its own: ``text`` is the exposition."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.reviews = Counter(
            "gate_admission_reviews",
            "Reviews answered, by what was decided (allow, deny, none) and whether the object was let in.",
            ["decision", "allowed", "mode", "operation"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "gate_admission_seconds", "Time to answer a review.", buckets=_SECONDS, registry=self._registry
        )
        self.findings = Counter(
            "gate_admission_findings", "Findings that count, by rule.", ["rule", "effect"], registry=self._registry
        )
        self.refused = Counter(
            "gate_admission_refused",
            "Connections and requests that were refused before anything was judged, by reason or status.",
            ["reason"],
            registry=self._registry,
        )
        self.reloads = Counter(
            "gate_certificate_reloads", "Times the serving certificate was read again.", registry=self._registry
        )

    def gauge(self, name: str, help: str, value: Callable[[], float]) -> None:
        """A number that is asked for when somebody looks."""
        Gauge(name, help, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)
