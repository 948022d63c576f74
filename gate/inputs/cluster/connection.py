"""The connection to a cluster's API server: who we are there (kubeconfig, service account), and raw JSON from it.

The client library does credentials, TLS and proxies; its generated models are not used, since they cost more than the
request. Nothing an API server answers is quoted in an error but its status and its reason.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gate.errors import ClusterError
from gate.inputs.cluster.cluster_credentials import configuration

_AUTH = ["BearerToken"]
PATIENCE = 30.0
"""Seconds to connect, and to wait for the next byte of an answer."""


class ClusterStatus(ClusterError):
    """The API server answered with an error: ``code`` is the HTTP status, ``reason`` Kubernetes' own word for it."""

    def __init__(self, code: int, reason: str, path: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(f"The API server answered {code} {reason} to {path}.", hint=_HINTS.get(code))


_HINTS = {
    401: "The credentials of the kubeconfig are not (or no longer) valid there.",
    403: "docs/cluster.md has the least role that the gate needs.",
}


class Cluster:
    """An open connection. ``name``: the kubeconfig's context, or ``in-cluster``."""

    def __init__(self, name: str, api: Any) -> None:
        self.name = name
        self._api = api

    async def get(self, path: str, query: Mapping[str, str] | None = None, accept: str = "application/json") -> Any:
        """The JSON behind ``path``. Raises ``ClusterStatus`` for an error's status, ``ClusterError`` for no answer."""
        async with self._request(path, query or {}, accept, PATIENCE) as response:
            return _parsed(await response.read(), path)

    @asynccontextmanager
    async def lines(
        self, path: str, query: Mapping[str, str], patience: float
    ) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The JSON lines of a watch, open once the server has accepted it. ``patience``: longest silence, in seconds.

        Raises as ``get`` does, also from within the iterator.
        """
        async with self._request(path, query, "application/json", patience) as response:
            yield _lines(response, path)

    @asynccontextmanager
    async def _request(self, path: str, query: Mapping[str, str], accept: str, patience: float) -> AsyncIterator[Any]:
        import aiohttp

        try:
            response = await self._api.call_api(
                path,
                "GET",
                query_params=list(query.items()),
                header_params={"Accept": accept},
                auth_settings=_AUTH,
                _preload_content=False,
                _request_timeout=(PATIENCE, patience),
            )
            async with response:
                if response.status != 200:
                    raise ClusterStatus(response.status, await _reason(response), path)
                try:
                    yield response
                finally:
                    # A watch that is left before its end: nobody waits for the other side's goodbye.
                    if response.connection is not None and response.connection.transport is not None:
                        response.connection.transport.abort()
        except TimeoutError as error:
            raise ClusterError(f"{self.name}: the API server did not answer in time.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise unreachable(self.name, error) from error

    async def close(self) -> None:
        """End every connection."""
        await self._api.close()


def unreachable(name: str, error: BaseException) -> ClusterError:
    """No answer at all: says how it failed, never what was sent."""
    import aiohttp

    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        how = "the kubeconfig does not trust its certificate"
    elif isinstance(error, aiohttp.ClientConnectorError):
        how = error.strerror or "no connection"
    else:
        how = "the connection broke off"
    hint = "Is the cluster up, and is the context the right one? `kubectl cluster-info` asks the same server."
    return ClusterError(f"{name}: the API server cannot be reached: {how}.", hint=hint)


async def _reason(response: Any) -> str:
    try:
        status = json.loads(await response.read())
        reason = status.get("reason") if isinstance(status, dict) else None
    except ValueError:
        reason = None
    return reason if isinstance(reason, str) and reason.isalpha() else (response.reason or "")


async def _lines(response: Any, path: str) -> AsyncIterator[dict[str, Any]]:
    rest = b""
    async for chunk in response.content.iter_any():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line.strip():
                yield _parsed(line, path)


def _parsed(data: bytes, path: str) -> Any:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise ClusterError(f"The answer to {path} is not JSON.", hint="Is this a Kubernetes API server?") from None
    if not isinstance(value, dict):
        raise ClusterError(f"The answer to {path} is not an object.", hint="Is this a Kubernetes API server?")
    return value


@asynccontextmanager
async def connect(
    *, kubeconfig: Path | None = None, context: str | None = None, in_cluster: bool = False
) -> AsyncIterator[Cluster]:
    """A connection as ``context`` of ``kubeconfig`` (default: ``KUBECONFIG``, then ``~/.kube/config``), or as the pod's
    own service account. Raises ``ClusterError`` when there are no credentials; nothing is sent yet.
    """
    name, settings = await configuration(kubeconfig, context, in_cluster)
    from kubernetes_asyncio.client import ApiClient

    try:
        api = ApiClient(settings)
    except OSError as error:  # a certificate or key that is none
        raise ClusterError(f"{name}: the certificates of the kubeconfig cannot be used.") from error
    api.user_agent = "nhi-gate"
    cluster = Cluster(name, api)
    try:
        yield cluster
    finally:
        await cluster.close()
