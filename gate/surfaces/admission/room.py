"""Room for reviews: what is read or judged at the same time has a bound in bytes, kept before a byte is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gate.surfaces.admission.peers import REQUEST, Allowance, Peer


@dataclass(eq=False, slots=True)
class _Waiting:
    peer: Peer
    size: int
    granted: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Room:
    """``size``: bytes in all; ``per_peer``: of one peer. ``allowance``: what those who enter may cost together.

    Whoever cost least of late goes first: a peer that begins much and finishes nothing waits behind all others.
    """

    def __init__(self, size: int, per_peer: int, allowance: Allowance | None = None) -> None:
        self._free, self._per_peer, self._allowance = size, per_peer, allowance
        self._waiting: list[_Waiting] = []
        self._again: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def place(self, peer: Peer, size: int, patience: float) -> AsyncIterator[None]:
        """Hold ``size`` bytes. Raises ``TimeoutError`` after ``patience`` seconds without room."""
        waiting = _Waiting(peer, size)
        self._waiting.append(waiting)
        self._look()
        try:
            async with asyncio.timeout(patience):
                await waiting.granted
        except BaseException:
            self._withdraw(waiting)
            raise
        try:
            yield
        finally:
            self._leave(waiting)

    def _look(self) -> None:
        """Let in who may enter."""
        if self._again is not None:
            self._again.cancel()
            self._again = None
        for waiting in sorted(self._waiting, key=lambda each: (each.peer.spent, each.peer.held)):
            if self._allowance is not None and (pause := self._allowance.pause) > 0:
                self._again = asyncio.get_running_loop().call_later(pause, self._look)
                return
            if waiting.size > self._free or waiting.peer.held + waiting.size > self._per_peer:
                continue
            self._waiting.remove(waiting)
            self._free -= waiting.size
            waiting.peer.held += waiting.size
            if self._allowance is not None:
                self._allowance.spend(waiting.peer, waiting.size + REQUEST)
            waiting.granted.set_result(None)

    def _withdraw(self, waiting: _Waiting) -> None:
        if waiting in self._waiting:
            self._waiting.remove(waiting)
        elif waiting.granted.done() and not waiting.granted.cancelled():
            self._leave(waiting)

    def _leave(self, waiting: _Waiting) -> None:
        self._free += waiting.size
        waiting.peer.held -= waiting.size
        self._look()
