"""The port for API servers: one request in, one answer out, and a clear refusal for whoever does not ask as they do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from gate.surfaces.admission.door import Connection, Door, Doorway
from gate.surfaces.admission.log import QUIET
from gate.surfaces.admission.peers import Allowance, Peer
from gate.surfaces.admission.reviews import NoReview, Reviews
from gate.surfaces.admission.room import Room

PATH = "/validate"
LARGEST = 16 * 1024 * 1024
"""Bytes of a review: an object of 3 MiB (etcd's limit is 1.5), old and new, with room for escapes."""
VALUES = 600_000
"""Commas and opening brackets in a review: 6 MiB of the shortest fields that API servers write. What they would become
in memory is twenty times as large as their bytes."""
_KNOWN = 3 * LARGEST
_KNOWN_EACH = 2 * LARGEST
_STRANGERS = LARGEST
_HEAD_SECONDS, _BYTES_PER_SECOND = 2.0, 4 * 1024 * 1024
_PATIENCE = 3.0  # seconds in which room is found, or none
_LONGEST = 60.0  # seconds that a connection is kept

RATE, BURST = 2.0 * 1024 * 1024, 32.0 * 1024 * 1024
"""What strangers together may cost: bytes a second, and bytes at once when they have been quiet."""


class Refused(Exception):
    """A request that is answered with a status and a sentence, and nothing else."""

    def __init__(self, status: int, sentence: str, *, wasted: bool = False) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.wasted = status, sentence, wasted


class Hook:
    """``server`` is what listens; ``door`` has to be set before. ``closing``: whether connections should end."""

    def __init__(
        self, reviews: Reviews, allowance: Allowance, refused: Callable[[str], None], closing: Callable[[], bool]
    ) -> None:
        self._reviews, self._refused, self._closing, self._allowance = reviews, refused, closing, allowance
        self._known, self._strangers = Room(_KNOWN, _KNOWN_EACH), Room(_STRANGERS, _STRANGERS, allowance)
        self.server = Doorway(
            self._handle,
            handler_cancellation=True,  # nobody waits for the answer any more
            access_log=None,
            logger=QUIET,
            auto_decompress=False,
            lingering_time=0.0,  # a body that was refused is not read
            keepalive_timeout=_LONGEST,
            max_line_size=4096,
            read_bufsize=16 * 1024,
        )
        self.door: Door | None = None

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        assert self.door is not None
        connection = self.door.connection(request)
        connection.begun = connection.busy = True
        try:
            answer = await self._answer(request, connection.peer)
        except Refused as refusal:
            self._refused(str(refusal.status))
            if refusal.wasted:
                connection.peer.has_wasted()
            return self._last(web.Response(status=refusal.status, text=f"{refusal.sentence}\n"))
        finally:
            connection.busy, connection.used = False, asyncio.get_running_loop().time()
        response = web.Response(body=answer, content_type="application/json")
        return self._last(response) if self._closing() or self._is_old(connection) else response

    async def _answer(self, request: web.BaseRequest, peer: Peer) -> bytes:
        size = _declared(request)
        room = self._known if peer.known else self._strangers
        whole = False
        try:
            async with room.place(peer, size, _PATIENCE):
                body = await _body(request, size)
                if body.count(b"[") + body.count(b"{") + body.count(b",") > VALUES:
                    raise Refused(413, f"a review has at most {VALUES} values", wasted=True)
                whole = True
                answer = await self._reviews.answer(body, _seconds(request.query.get("timeout")))
                peer.has_judged()
                return answer
        except TimeoutError:
            raise Refused(503, "too much is under way: no decision was made; try again") from None
        except NoReview:
            raise Refused(400, "no AdmissionReview of admission.k8s.io/v1", wasted=True) from None
        except asyncio.CancelledError:
            if not whole:  # it hung up
                peer.has_wasted()
            raise

    def _last(self, response: web.Response) -> web.Response:
        response.force_close()
        return response

    def _is_old(self, connection: Connection) -> bool:
        """API servers keep connections for ever: without an end, one replica that came back would never be asked."""
        return asyncio.get_running_loop().time() - connection.opened > _LONGEST


def _declared(request: web.BaseRequest) -> int:
    """Bytes that the body may have: what the request says, or the most when it says nothing."""
    if request.path != PATH:
        raise Refused(404, f"reviews go to {PATH}")
    if request.method != "POST":
        raise Refused(405, "reviews are posted")
    size = request.content_length
    if size is None:
        return LARGEST if request.body_exists else 0
    if size > LARGEST:
        raise Refused(413, f"a review has at most {LARGEST} bytes", wasted=True)
    return size


async def _body(request: web.BaseRequest, size: int) -> bytes:
    """The whole body, in time."""
    parts, read = [], 0
    try:
        async with asyncio.timeout(_HEAD_SECONDS + size / _BYTES_PER_SECOND):
            async for part in request.content.iter_any():
                read += len(part)
                if read > size:
                    raise Refused(413, f"a review has at most {size} bytes", wasted=True)
                parts.append(part)
    except TimeoutError:
        raise Refused(408, "the body did not come in time", wasted=True) from None
    except (OSError, web.PayloadAccessError, web.RequestPayloadError):
        raise Refused(400, "the body is not whole", wasted=True) from None
    return b"".join(parts)


def _seconds(text: str | None) -> float | None:
    """``10s`` as an API server writes it into the address; ``None`` for anything else."""
    try:
        seconds = float((text or "").removesuffix("s"))
    except ValueError:
        return None
    return seconds if 0 < seconds <= 60 else None
