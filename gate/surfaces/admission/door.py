"""The door: who gets a connection. Every socket passes it before a byte is read and before TLS costs anything.

A known peer enters at once while there is a place. All others stand in a line: who cost least of late enters first, few
connections each, and all of them together not faster than their allowance. So sixty that only waste cost what one does.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from gate.surfaces.admission.peers import CONNECTION, Allowance, Peer, Peers

_LINE = 256
"""Sockets that wait in the line; one costs a file descriptor."""
_LINE_SECONDS = 8.0
_LOOK_SECONDS = 0.02
_HANDSHAKE_SECONDS = 3.0
_GOODBYE_SECONDS = 1.0
_LAST_SECONDS = 1.0
_BACKLOG = 512


@dataclass(frozen=True, slots=True)
class Places:
    """How many connections there are: of one stranger, of all strangers, of one known peer, and of all known peers.

    ``first``: seconds in which the first request has to begin and its head to be there.
    """

    stranger: int = 8
    strangers: int = 64
    peer: int = 128
    peers: int = 192
    first: float = 10.0


@dataclass(eq=False, slots=True)
class Connection:
    """``known``: its peer was known when it came. ``begun``: a request was made on it; ``busy``: one is under way."""

    peer: Peer
    known: bool
    opened: float
    begun: bool = False
    busy: bool = False
    used: float = field(default=0.0)
    transport: asyncio.BaseTransport | None = None


class Doorway(web.Server):
    """aiohttp's server, which also says when a connection has ended."""

    lost: Callable[[object], None] | None = None

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Called by each connection as it ends."""
        super().connection_lost(handler, exc)
        if self.lost is not None:
            self.lost(handler)


class Door:
    """Listens for ``server``. ``refused`` is called with the reason for each socket that is closed unheard."""

    def __init__(
        self,
        server: Doorway,
        peers: Peers,
        allowance: Allowance,
        refused: Callable[[str], None],
        *,
        tls: ssl.SSLContext | None = None,
        places: Places = Places(),
    ) -> None:
        self._server, self._peers, self._allowance, self._refused = server, peers, allowance, refused
        self._tls, self._places = tls, places
        self._connections: dict[object, Connection] = {}
        self._line: list[tuple[Peer, socket.socket, float]] = []
        self._moved = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: socket.socket | None = None
        self._doormen: list[asyncio.Task[None]] = []
        server.lost = self._lost

    def open(self, host: str, port: int) -> None:
        """Listen. Raises ``OSError``."""
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
            listener.setblocking(False)
        except OSError:
            listener.close()
            raise
        self._listener = listener
        self._doormen = [self._spawn(self._accept(listener)), self._spawn(self._let_in())]

    def __len__(self) -> int:
        return len(self._connections)

    def connection(self, request: web.BaseRequest) -> Connection:
        """The connection a request came on."""
        found = self._connections.get(request.protocol)
        return found or Connection(self._peers.of(request.remote or ""), known=False, opened=self._now())

    async def close(self, patience: float) -> None:
        """Take nobody any more, and let what is under way finish for ``patience`` seconds.

        Whoever called before has called: those in the line enter, and have a moment to say what they want.
        """
        if self._listener is not None:
            self._listener.close()
        for task in self._doormen:
            task.cancel()
        for peer, waiting, _ in self._line:
            self._enter(peer, waiting, known=peer.known)
        self._line.clear()
        end = self._now() + min(patience, _LAST_SECONDS)
        while self._now() < end and not all(each.begun for each in self._connections.values()):
            await asyncio.sleep(_LOOK_SECONDS)
        self._server.pre_shutdown()
        await self._server.shutdown(patience)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                arrived, address = await loop.sock_accept(listener)
            except OSError:  # no file descriptor is left, or whoever called has gone
                await asyncio.sleep(0.05)
                continue
            peer = self._peers.of(str(address[0]))
            if peer.known and self._place_for(peer):
                self._enter(peer, arrived, known=True)
            elif sum(each is peer for each, _, _ in self._line) >= self._places.peer:
                self._turn_away(arrived, "line")
            else:
                self._line.append((peer, arrived, loop.time() + _LINE_SECONDS))
                if len(self._line) > _LINE:
                    costly = max(self._line, key=lambda each: each[0].spent)
                    self._line.remove(costly)
                    self._turn_away(costly[1], "line")
                self._moved.set()

    async def _let_in(self) -> None:
        """Take strangers from the line, one after the other."""
        while True:
            self._moved.clear()
            self._drop_late()
            for each in [each for each in self._line if each[0].known]:
                if self._place_for(each[0]):
                    self._line.remove(each)
                    self._enter(each[0], each[1], known=True)
            free = self._places.strangers - sum(not each.known for each in self._connections.values())
            entering = [e for e in self._line if e[0].connections < self._places.stranger] if free > 0 else []
            pause = self._allowance.pause
            if not entering or pause > 0:
                with contextlib.suppress(TimeoutError):
                    # Whoever waits may have become known meanwhile.
                    async with asyncio.timeout(_LOOK_SECONDS if self._line else None):
                        await self._moved.wait()
                continue
            chosen = min(entering, key=lambda each: each[0].spent)
            self._line.remove(chosen)
            self._allowance.spend(chosen[0], CONNECTION)
            self._enter(chosen[0], chosen[1], known=False)

    def _drop_late(self) -> None:
        now = self._now()
        for late in [each for each in self._line if each[2] < now]:
            self._line.remove(late)
            self._turn_away(late[1], "line")

    def _place_for(self, peer: Peer) -> bool:
        """Whether a known peer may enter; for it a connection of whoever has more is ended, the longest idle one."""
        known = [each for each in self._connections.values() if each.known]
        if peer.connections >= self._places.peer:
            return False
        if len(known) < self._places.peers:
            return True
        idle = [each for each in known if not each.busy and each.transport is not None]
        most = max(idle, key=lambda each: (each.peer.connections, -each.used), default=None)
        if most is None or most.peer.connections <= peer.connections + 1:
            return False
        self._end(most)
        return True

    def _enter(self, peer: Peer, arrived: socket.socket, *, known: bool) -> None:
        protocol = self._server()
        now = self._now()
        connection = Connection(peer, known, now, used=now)
        self._connections[protocol] = connection
        peer.connections += 1
        self._spawn(self._greet(protocol, connection, arrived))

    async def _greet(self, protocol: web.RequestHandler, connection: Connection, arrived: socket.socket) -> None:
        """TLS, and the wait for the first request."""
        loop = asyncio.get_running_loop()
        patience = {"ssl_handshake_timeout": _HANDSHAKE_SECONDS, "ssl_shutdown_timeout": _GOODBYE_SECONDS}
        try:
            arrived.setblocking(False)
            connection.transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, arrived, ssl=self._tls, **(patience if self._tls else {})
            )
        except (OSError, ssl.SSLError, TimeoutError, asyncio.CancelledError) as error:
            arrived.close()
            self._lost(protocol)
            if isinstance(error, asyncio.CancelledError):
                raise
            self._refused("handshake")
            return
        await asyncio.sleep(self._places.first)
        if not connection.begun and protocol in self._connections:
            self._refused("silent")
            self._end(connection)

    def _end(self, connection: Connection) -> None:
        if isinstance(connection.transport, asyncio.Transport):
            connection.transport.abort()

    def _lost(self, protocol: object) -> None:
        connection = self._connections.pop(protocol, None)
        if connection is not None:
            connection.peer.connections -= 1
            self._moved.set()

    def _turn_away(self, arrived: socket.socket, reason: str) -> None:
        arrived.close()
        self._refused(reason)

    def _spawn(self, work: object) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
