"""One kind of object kept current: a list, then a watch from there, and again from wherever it breaks."""

from __future__ import annotations

import asyncio
import random
import time

from gate.errors import ClusterError
from gate.inputs.cluster.connection import Cluster, ClusterStatus
from gate.inputs.cluster.kept import Kept
from gate.inputs.cluster.kinds import Resource
from gate.inputs.cluster.listing import GONE, list_objects

SILENCE = 75.0
"""Seconds without a byte after which a watch counts as broken: API servers send a bookmark every minute."""
_OPEN = (240, 480)  # seconds an API server is asked to keep a watch open: spread, so that they do not end together
_FIRST_DELAY, _LONGEST_DELAY = 0.2, 15.0
_NOT_SERVED = 404


class KindWatch:
    """``synced``: set after the first list. ``problem``: why there is no stream now, if there is none."""

    def __init__(self, cluster: Cluster, resource: Resource, kept: Kept) -> None:
        self.resource = resource
        self.synced = asyncio.Event()
        self.problem: str | None = None
        self._cluster, self._kept = cluster, kept
        self._version = ""
        self._connected = False
        self._good = time.monotonic()
        self._delay = _FIRST_DELAY

    @property
    def staleness(self) -> float:
        """Seconds since the objects were last known to be current: 0 while the stream is open."""
        return 0.0 if self._connected else time.monotonic() - self._good

    async def run(self) -> None:
        """Until cancelled, or until the kind is no longer served."""
        while True:
            try:
                if not self._version:
                    await self._list()
                await self._watch()
            except ClusterStatus as error:
                self._version = ""
                if error.code == _NOT_SERVED:
                    return
                if error.code != GONE:
                    self.problem = error.message
                    await self._wait()
                elif self.problem:  # twice in a row
                    await self._wait()
                else:
                    self.problem = error.message
            except ClusterError as error:
                self.problem = error.message
                await self._wait()
            except Exception as error:  # a bug of ours must not freeze a kind: begin again
                self._version, self.problem = "", f"unexpected {type(error).__name__}"
                await self._wait()

    async def _list(self) -> None:
        listed = await list_objects(self._cluster, self.resource)
        self._kept.replace(self.resource, listed.objects)
        self._version, self._good = listed.version, time.monotonic()
        self.synced.set()

    async def _watch(self) -> None:
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(random.randint(*_OPEN)),  # no secret
        }
        opened = heard = time.monotonic()
        try:
            async with self._cluster.lines(self.resource.path(), query, SILENCE) as lines:
                self._connected, self.problem = True, None
                opened = heard = time.monotonic()
                async for event in lines:
                    heard = time.monotonic()
                    self._take(event)
        finally:
            now = time.monotonic()
            if self._connected:
                # What a silence hid began after the last word; a stream that ends was good till then.
                self._good = heard if now - heard >= SILENCE else now
            self._connected = False
        if time.monotonic() - opened > 1.0:
            self._delay = _FIRST_DELAY  # the server's own end of a watch: go on at once
        else:
            await self._wait()

    def _take(self, event: dict[str, object]) -> None:
        body = event.get("object")
        if not isinstance(body, dict):
            raise ClusterError(f"The watch of {self.resource.name} did not send an object.")
        if event.get("type") == "ERROR":
            code, reason = body.get("code"), body.get("reason")
            raise ClusterStatus(code if isinstance(code, int) else 500, str(reason), self.resource.path())
        try:
            version = body["metadata"]["resourceVersion"]
            if event.get("type") == "DELETED":
                self._kept.remove(self.resource, body)
            elif event.get("type") in ("ADDED", "MODIFIED"):
                self._kept.put(self.resource, body)
        except (KeyError, TypeError, AttributeError):
            raise ClusterError(f"The watch of {self.resource.name} sent something that is not an object.") from None
        self._version = version
        self._delay = _FIRST_DELAY

    async def _wait(self) -> None:
        await asyncio.sleep(self._delay * random.uniform(0.5, 1.0))
        self._delay = min(self._delay * 2, _LONGEST_DELAY)
