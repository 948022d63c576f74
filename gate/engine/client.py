"""opa-python-client behind our errors: one question, and an answer or an ``EngineError``; never something in between.

What the library leaves open is closed here: a missing ``result`` (an undefined rule) is an error, errors of built-ins
are asked for, raw ``requests`` errors do not get out, nothing is tried twice, and the time-out is ours.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gate.errors import DecisionError, EngineError, UsageError

if TYPE_CHECKING:
    from opa_client.opa import OpaClient
    from requests import HTTPError, Response, Session

QUERY = {"strict-builtin-errors": "true", "provenance": "true", "instrument": "false"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an OPA listens.

    ``prefix``: path before ``/v1``; ``ca_file``: PEM of the authority to trust instead of the system's;
    ``certificate``: PEM files of the certificate and key we show; ``private``: our own child, not behind a proxy;
    ``socket``: the Unix domain socket that takes the place of host and port.
    """

    host: str
    port: int
    token: str | None
    tls: bool = False
    prefix: str = ""
    ca_file: Path | None = None
    certificate: tuple[Path, Path] | None = None
    private: bool = False
    socket: Path | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What OPA said: the ``result``, its version, and the revisions of its bundles by name."""

    result: Any
    opa_version: str
    revisions: dict[str, str]


def remote_endpoint(url: str, *, ca_file: Path | None = None, certificate: tuple[Path, Path] | None = None) -> Endpoint:
    """The endpoint behind ``--opa-url``.

    The token comes from ``GATE_OPA_TOKEN``; certificates that are not given from ``GATE_OPA_CA``, and ``GATE_OPA_CERT``
    with ``GATE_OPA_KEY``.

    Raises ``UsageError`` for a URL that is not ``http(s)://host[:port][/prefix]`` (credentials in it are refused) and
    for certificate files that are not there.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError("--opa-url is not a URL", hint="give http(s)://host[:port][/prefix]") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise UsageError("--opa-url is not an address of OPA", hint="give http(s)://host[:port][/prefix]")
    if parts.username is not None or parts.password is not None:
        raise UsageError("--opa-url must not contain credentials", hint="put the token into GATE_OPA_TOKEN")
    ca_file, certificate = ca_file or _named_file("CA"), certificate or _named_pair()
    tls = parts.scheme == "https"
    if (ca_file or certificate) and not tls:
        raise UsageError("certificates are given, but --opa-url is not https")
    for file in (ca_file, *(certificate or ())):
        if file is not None and not file.is_file():
            raise UsageError(f"{file}: no such certificate file")
    return Endpoint(
        host=f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname,
        port=port or (443 if tls else 80),
        token=os.environ.get("GATE_OPA_TOKEN") or None,
        tls=tls,
        prefix=parts.path.strip("/"),
        ca_file=ca_file,
        certificate=certificate,
    )


def _named_file(name: str) -> Path | None:
    named = os.environ.get(f"GATE_OPA_{name}")
    return Path(named) if named else None


def _named_pair() -> tuple[Path, Path] | None:
    certificate, key = _named_file("CERT"), _named_file("KEY")
    if (certificate is None) != (key is None):
        raise UsageError(
            "GATE_OPA_CERT and GATE_OPA_KEY must be set together",
            hint="set both: the certificate file and its key file",
        )
    return (certificate, key) if certificate and key else None


def load_client() -> None:
    """Import the client library, which takes longer than to use it.

    Its package also imports an asynchronous client, and with it aiohttp: more than all the rest of a small check. A
    stand-in holds that module's place until the package is loaded.
    """
    stand_in = ModuleType("opa_client.opa_async")
    stand_in.AsyncOpaClient = None  # type: ignore[attr-defined]
    if sys.modules.setdefault(stand_in.__name__, stand_in) is stand_in:
        try:
            import opa_client.opa  # noqa: F401
        finally:
            del sys.modules[stand_in.__name__]


def ask(endpoint: Endpoint, envelope: dict[str, Any], *, timeout: float) -> Answer:
    """The decision on an envelope. ``timeout``: seconds for the connection, and again for the answer.

    Raises ``EngineError`` when OPA cannot be reached, refuses, fails or takes too long, ``DecisionError`` when it
    answers without a result.
    """
    import requests

    client = _client(endpoint, timeout)
    try:
        answer = client.query_rule(envelope, "gate", "decision", query_params=QUERY)
    except requests.Timeout as error:
        raise EngineError(
            f"Open Policy Agent did not answer within {timeout:g} s", hint="allow more time with --timeout"
        ) from error
    except requests.HTTPError as error:
        raise EngineError(_refusal(error)) from error
    except requests.exceptions.InvalidJSONError as error:
        raise DecisionError("the question to Open Policy Agent, or its answer, is not JSON") from error
    except requests.RequestException as error:
        # Not the error's own text: it may quote what was sent.
        raise EngineError(
            f"Open Policy Agent cannot be reached, or closed the connection: {type(error).__name__}"
        ) from error
    finally:
        client.close_connection()
    return answered(answer, private=endpoint.private)


def answered(answer: Any, *, private: bool) -> Answer:
    """What OPA's JSON says. Raises ``DecisionError`` when it holds no result."""
    if not isinstance(answer, dict) or "result" not in answer:
        raise DecisionError(
            "Open Policy Agent answered without a result: data.gate.decision is undefined there",
            hint="load the gate's own bundle into that OPA: gate bundle --output gate.tar.gz" if not private else None,
        )
    provenance = answer.get("provenance") or {}
    bundles = provenance.get("bundles") or {}
    return Answer(
        answer["result"],
        str(provenance.get("version", "unknown")),
        {name: str(bundle.get("revision", "")) for name, bundle in bundles.items()},
    )


def _client(endpoint: Endpoint, timeout: float) -> OpaClient:
    load_client()
    from opa_client.opa import OpaClient as Base
    from requests.utils import get_environ_proxies

    class Client(Base):  # type: ignore[misc]  # the library has no types
        def _init_session(self) -> Session:
            session: Session = super()._init_session()
            # A proxy of the environment must never see the model on its way to our own child; and an entry of .netrc
            # must not replace the token, which requests does unless the session has an `auth` of its own.
            session.trust_env = not endpoint.private and endpoint.ca_file is None
            if endpoint.ca_file is not None:
                # REQUESTS_CA_BUNDLE would take the place of the file given, so of the environment only proxies count.
                session.proxies.update(get_environ_proxies(self.root_url))
            session.auth = lambda request: request
            if endpoint.socket is not None:
                from gate.engine.unix_socket import UnixSocketAdapter

                session.mount("http://", UnixSocketAdapter(endpoint.socket))
            if endpoint.private:
                # To compress the answer costs more than to send it to ourselves.
                session.headers["Accept-Encoding"] = "identity"
            session.post = partial(_post, session)  # type: ignore[method-assign]
            return session

    return Client(
        host=endpoint.host,
        port=endpoint.port,
        version=f"{endpoint.prefix}/v1".lstrip("/"),
        ssl=str(endpoint.ca_file) if endpoint.ca_file else endpoint.tls,
        cert=tuple(map(str, endpoint.certificate)) if endpoint.certificate else None,
        token=endpoint.token,
        retries=0,
        timeout=timeout,
    )


def _post(session: Session, url: str, *, json: Any, **options: Any) -> Response:
    """``Session.post`` without blanks between the parts of the JSON text: they are a tenth of a large model."""
    from requests import Session
    from requests.exceptions import InvalidJSONError

    try:
        text = compact(json)
    except ValueError as error:
        raise InvalidJSONError(error) from error
    headers = {"Content-Type": "application/json"}
    return Session.post(session, url, data=text.encode(), headers=headers, **options)


def compact(document: object) -> str:
    """A JSON text without blanks. Raises ``ValueError`` for NaN and Infinity, which JSON has not."""
    return json.dumps(document, separators=(",", ":"), allow_nan=False)


def _refusal(error: HTTPError) -> str:
    """OPA's own message, one line: its errors carry built-in, file and row of the policy."""
    status = error.response.status_code
    if status == 401:
        return "Open Policy Agent rejected the request (401): the token is missing or wrong"
    try:
        body = error.response.json()
        text = str(body["message"])
        for detail in body.get("errors", [])[:1]:
            place = detail.get("location", {})
            text = f"{detail['message']} ({place.get('file')}:{place.get('row')})"
    except (ValueError, KeyError, TypeError, AttributeError):
        text = "no message"
    return f"Open Policy Agent failed ({status}): {''.join(c if c.isprintable() else ' ' for c in text)[:400]}"
