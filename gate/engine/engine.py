"""The engine: envelope in, decision out, or an error. Making one starts Open Policy Agent in the background at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gate.engine.answer import check_bundle, check_envelope, checked_decision
from gate.engine.binary import find_opa, is_pinned
from gate.engine.bundle import build_bundle
from gate.engine.client import Answer, Endpoint, ask, load_client, remote_endpoint
from gate.engine.opa_server import PrivateOpa
from gate.engine.organisation_policies import organisation_packages
from gate.errors import DecisionError, EngineError


class Engine:
    """Use as a context manager; ``decide`` may be called many times.

    ``policies``, ``data``: the organisation's (files or directories). ``opa_url``: an OPA that runs elsewhere with the
    gate's bundle, token from ``GATE_OPA_TOKEN``, ``ca_file`` and ``client_certificate`` (certificate, key) for its TLS.
    ``timeout``: seconds for one decision. ``pinned``: only the OPA that the gate installed may judge.
    """

    def __init__(
        self,
        policies: Sequence[Path] = (),
        data: Sequence[Path] = (),
        opa_url: str | None = None,
        timeout: float = 60.0,
        *,
        ca_file: Path | None = None,
        client_certificate: tuple[Path, Path] | None = None,
        pinned: bool = False,
    ) -> None:
        """Start. Raises ``EngineNotFound``, ``PolicyError`` for broken policies, ``UsageError`` for a bad URL."""
        self._timeout = timeout
        self._remote: Endpoint | None = None
        self._private: PrivateOpa | None = None
        self._places: dict[str, str] = {}
        self._sha256: str | None = None
        if opa_url is not None:
            if is_pinned(pinned):
                raise EngineError("engine is pinned, but a remote OPA was named", hint="remove --opa-url")
            self._remote = remote_endpoint(opa_url, ca_file=ca_file, certificate=client_certificate)
            if policies or data:
                raise EngineError(
                    "policies and data of the organisation cannot be sent to a remote OPA",
                    hint="put them into the bundle of that OPA",
                )
            self._rules = build_bundle().rules
            self._revision = self._version = "unknown"
            return
        opa = find_opa(pinned=pinned)
        self._sha256 = opa.sha256
        self._places = organisation_packages(opa, policies)
        bundle = build_bundle(policies, data, frozenset(self._places))
        self._rules = bundle.rules
        self._revision, self._version = bundle.revision, opa.version
        self._private = PrivateOpa(opa, bundle.archive)

    @property
    def revision(self) -> str:
        """Of the policy bundle that judges; of an OPA elsewhere ``unknown`` before the first decision."""
        return self._revision

    @property
    def rules(self) -> tuple[str, ...]:
        """The packages that have to judge: ``gate.rules.<category>.<rule>`` and ``organisation.<name>``, sorted."""
        return tuple(sorted(self._rules))

    @property
    def opa_version(self) -> str:
        """Such as ``1.22.2``; of an OPA elsewhere ``unknown`` before the first decision."""
        return self._version

    @property
    def opa_sha256(self) -> str | None:
        """Of the executable; ``None`` for an OPA elsewhere."""
        return self._sha256

    def decide(self, envelope: dict[str, Any]) -> dict[str, Any]:
        """What ``data.gate.decision`` says about an envelope (its shape is ``rego/schema/envelope.json``).

        The answer has the keys verdict, findings, summary, identities and ran, all checked.
        Raises ``EngineError`` when there is no answer, ``DecisionError`` when the envelope has not the shape of the
        schema or the answer is not a decision of every rule.
        """
        check_envelope(envelope)
        if self._private is not None:
            answer = self._ask_private(self._private, envelope)
            return checked_decision(answer.result, self._rules, more_may_run=False, places=self._places)
        assert self._remote is not None
        answer = ask(self._remote, envelope, timeout=self._timeout)
        self._version = answer.opa_version
        self._revision = ",".join(sorted(filter(None, answer.revisions.values()))) or "unknown"
        return checked_decision(answer.result, self._rules, more_may_run=True)

    def _ask_private(self, opa: PrivateOpa, envelope: dict[str, Any]) -> Answer:
        # While the child still starts, import what speaks to it.
        load_client()
        opa.wait()
        try:
            answer = ask(opa.door.endpoint, envelope, timeout=self._timeout)
        except DecisionError:
            raise
        except EngineError as error:
            if not opa.died():
                raise
            raise EngineError(f"Open Policy Agent ended during the decision: {opa.last_words()}") from error
        check_bundle(answer, self._revision)
        return answer

    def close(self) -> None:
        """Stop the private OPA. Harmless when done before."""
        if self._private is not None:
            self._private.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
