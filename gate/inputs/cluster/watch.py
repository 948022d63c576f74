"""The state of a cluster, kept current: every kind that bears on identity, and a word to whoever listens."""

from __future__ import annotations

import asyncio
import time

from gate.errors import ClusterError
from gate.inputs.cluster.connection import Cluster
from gate.inputs.cluster.kept import Kept, Listener
from gate.inputs.cluster.kind_watch import KindWatch
from gate.inputs.cluster.kinds import KINDS, KindName, Resource, Served, Wanted, known, served
from gate.inputs.cluster.stored_objects import Body, ObjectKey

_LOOK_AGAIN = 300.0  # seconds between two questions which kinds are served
_RETRY = 5.0


class ClusterWatch:
    """``async with ClusterWatch(cluster) as watch: await watch.synced.wait()``; it watches until the block ends.

    ``objects``: every object by key, without what nobody reads (``trimmed``) and what another of them made (``Kept``).
    ``synced``: set when every kind that is served was listed once; before that the objects are a part of the cluster.
    A listener is called in the event loop, one change at a time, and must neither block nor raise.
    """

    def __init__(self, cluster: Cluster, wanted: Wanted = known) -> None:
        self.synced = asyncio.Event()
        self._cluster, self._wanted = cluster, wanted
        self._kept = Kept()
        self._watches: dict[KindName, tuple[KindWatch, asyncio.Task[None]]] = {}
        self._undiscovered: str | None = "the served kinds have not been listed yet"
        self._started = time.monotonic()
        self._main: asyncio.Task[None] | None = None

    @property
    def objects(self) -> dict[ObjectKey, Body]:
        """The objects as they are now; not to be changed."""
        return self._kept.objects

    @property
    def kinds(self) -> frozenset[KindName]:
        """The kinds that are watched."""
        return self._kept.kinds

    @property
    def staleness(self) -> float:
        """Seconds since the oldest of the streams was last known to be current; 0 when all are open."""
        if not self._watches:
            return time.monotonic() - self._started
        return max(watch.staleness for watch, _ in self._watches.values())

    @property
    def problems(self) -> dict[str, str]:
        """Why a kind is not current, by its name; ``discovery`` when it is not known what is served."""
        found = {str(name): watch.problem for name, (watch, _) in self._watches.items() if watch.problem}
        return found | ({"discovery": self._undiscovered} if self._undiscovered else {})

    def on_change(self, listener: Listener) -> None:
        """Tell ``listener`` of every change, and at once of everything that is there already."""
        self._kept.subscribe(listener)

    async def __aenter__(self) -> ClusterWatch:
        self._main = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [task for _, task in self._watches.values()] + ([self._main] if self._main else [])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                answer = await served(self._cluster, self._wanted)
            except ClusterError as error:
                self._undiscovered = error.message
                await asyncio.sleep(_RETRY)
                continue
            unsure = [group for group in answer.stale if group in KINDS]
            self._undiscovered = f"the API of {', '.join(unsure)} does not answer" if unsure else None
            self._follow(answer)
            if not unsure:
                await self._first_lists()
            await self._pause(_RETRY if unsure else _LOOK_AGAIN)

    def _follow(self, answer: Served) -> None:
        """Watch what is served now, and no longer what is not."""
        there = {resource.name: resource for resource in answer.resources}
        for name in [n for n in self._watches if n not in there and n.group not in answer.stale]:
            self._watches.pop(name)[1].cancel()
        changed = [name for name, (watch, task) in self._watches.items() if task.done() or _moved(watch, there)]
        for name in changed:
            self._watches.pop(name)[1].cancel()
        gone = self._kept.kinds - there.keys() - self._watches.keys()
        self._kept.kinds = frozenset(there) | frozenset(self._watches)
        self._kept.forget(gone)
        for name in there.keys() - self._watches.keys():
            watch = KindWatch(self._cluster, there[name], self._kept)
            self._watches[name] = (watch, asyncio.create_task(watch.run()))

    async def _first_lists(self) -> None:
        """Wait for the first list of every kind, or for a kind that turns out not to be served."""
        for watch, task in list(self._watches.values()):
            listed = asyncio.create_task(watch.synced.wait())
            try:
                await asyncio.wait({listed, task}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                listed.cancel()
        if all(watch.synced.is_set() for watch, _ in self._watches.values()):
            self.synced.set()

    async def _pause(self, seconds: float) -> None:
        """Sleep; shorter when a kind turns out not to be served any more."""
        ended = {task for _, task in self._watches.values()}
        if not ended:
            await asyncio.sleep(seconds)
            return
        await asyncio.wait(ended, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if any(task.done() for task in ended):
            await asyncio.sleep(_RETRY)


def _moved(watch: KindWatch, there: dict[KindName, Resource]) -> bool:
    return there.get(watch.resource.name, watch.resource) != watch.resource
