"""The webhook's port as clients meet it: real sockets, real TLS, the certificates of `deploy/`."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gate.errors import UsageError
from gate.surfaces.admission import hook as hooks
from gate.surfaces.admission.certificate import ServingCertificate
from gate.surfaces.admission.door import Door, Places
from gate.surfaces.admission.hook import LARGEST, VALUES, Hook
from gate.surfaces.admission.peers import Allowance, Peer, Peers
from gate.surfaces.admission.reviews import NoReview
from gate.surfaces.admission.room import Room

ROOT = Path(__file__).parents[2]
NAME = "gate-admission.gate-system.svc"
HEAD = b"POST /validate?timeout=10s HTTP/1.1\r\nHost: gate\r\n"


# asyncio's TLS transports say they are not closing once they are closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <StreamWriter:ResourceWarning")
OPEN: list[asyncio.StreamWriter] = []
"""The clients' ends of the connections of one test."""


class Echo:
    """In place of the judgement: a body is whole, or no review."""

    async def answer(self, body: bytes, allowed_seconds: float | None = None) -> bytes:
        if body.startswith(b"no"):
            raise NoReview
        await asyncio.sleep(0.05 if body.startswith(b"slow") else 0)
        return b"%d bytes, %s s" % (len(body), str(allowed_seconds).encode())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``tls``: the gate's certificate; ``client`` and ``second``: an API server's, one after the other."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    folder = tmp_path_factory.mktemp("made")
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    for script, out in (("given-secret", "tls"), ("client-certificate", "client"), ("client-certificate", "second")):
        subprocess.run(["sh", folder / "deploy" / script / "certificate.sh", folder / out], check=True)
    return folder


@asynccontextmanager
async def port(
    made: Path, *, client_ca: Path | None = None, places: Places = Places(), allowance: Allowance | None = None
) -> AsyncIterator[tuple[int, Counter[str], Door]]:
    refused: Counter[str] = Counter()
    count = lambda reason: refused.update([reason])  # noqa: E731
    allowance = allowance or Allowance(hooks.RATE, hooks.BURST)
    hook = Hook(Echo(), allowance, count, lambda: False)  # type: ignore[arg-type]
    tls = ServingCertificate(made / "tls" / "tls.crt", made / "tls" / "tls.key", client_ca).context
    hook.door = Door(hook.server, Peers(), allowance, count, tls=tls, places=places)
    hook.door.open("127.0.0.1", 0)
    assert hook.door._listener is not None
    try:
        yield hook.door._listener.getsockname()[1], refused, hook.door
    finally:
        while OPEN:
            OPEN.pop().transport.abort()
        await hook.door.close(1.0)


def trust(made: Path, client: str | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # who the gate is, is tested elsewhere
    if client:
        context.load_cert_chain(made / client / "client.crt", made / client / "client.key")
    return context


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(port: int, context: ssl.SSLContext | None, address: str = "127.0.0.1") -> Connection:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, local_addr=(address, 0))
    OPEN.append(writer)
    return reader, writer


async def ask(connection: Connection, sent: bytes, head: bytes = HEAD) -> tuple[int, bytes]:
    reader, writer = connection
    writer.write(head + sent)
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    size = next(
        int(line.split(b":")[1]) for line in answer.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    return int(answer.split()[1]), await reader.readexactly(size)


def length(size: int) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % size


@pytest.mark.parametrize(
    ("sent", "status", "text"),
    [
        (length(4) + b"full", 200, b"4 bytes, 10.0 s"),
        (b"Transfer-Encoding: chunked\r\n\r\n4\r\nfull\r\n0\r\n\r\n", 200, b"4 bytes, 10.0 s"),
        (length(2) + b"no", 400, b"no AdmissionReview of admission.k8s.io/v1\n"),
        (length(LARGEST + 1), 413, b"a review has at most 16777216 bytes\n"),
        (length(10**15), 413, b"a review has at most 16777216 bytes\n"),
        (length(3 * VALUES) + b"[]," * VALUES, 413, b"a review has at most 600000 values\n"),
        (length(9) + b"half", 408, b"the body did not come in time\n"),
        (b"Content-Encoding: gzip\r\n" + length(4) + b"full", 200, b"4 bytes, 10.0 s"),
    ],
)
def test_whoever_is_refused_is_told_why(made: Path, sent: bytes, status: int, text: bytes):
    async def tell() -> None:
        async with port(made) as (number, refused, _):
            assert await ask(await connect(number, trust(made)), sent) == (status, text)
            assert refused == ({} if status == 200 else {str(status): 1})

    asyncio.run(tell())


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /validate HTTP/1.1\r\nHost: gate\r\n\r\n", 405),
        (b"POST /other HTTP/1.1\r\nHost: gate\r\n\r\n", 404),
        (b"POST /validate HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 400),
        (b"POST /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n", 400),
        (b"no HTTP\r\n\r\n", 400),
    ],
)
def test_a_head_that_no_api_server_sends_is_refused(made: Path, head: bytes, status: int):
    async def tell() -> None:
        async with port(made) as (number, _, _):
            assert (await ask(await connect(number, trust(made)), b"", head))[0] == status

    asyncio.run(tell())


def test_who_sends_the_next_request_before_the_answer_is_answered_in_turn(made: Path):
    async def tell() -> None:
        async with port(made) as (number, _, _):
            connection = await connect(number, trust(made))
            one = HEAD + length(4) + b"slow"
            connection[1].write(one * 40)
            for _ in range(40):
                assert await ask(connection, b"", b"") == (200, b"4 bytes, 10.0 s")

    asyncio.run(asyncio.wait_for(tell(), 60))


def test_a_connection_without_a_request_ends_and_so_does_one_without_tls(made: Path):
    async def tell() -> None:
        async with port(made, places=Places(first=0.3)) as (number, refused, door):
            quiet, _ = await connect(number, trust(made))
            plain, writer = await connect(number, None)
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            assert await asyncio.wait_for(quiet.read(), 5) == b""
            with pytest.raises(ConnectionResetError):
                assert await asyncio.wait_for(plain.read(), 5) == b""
                raise ConnectionResetError
            assert refused == {"silent": 1, "handshake": 1}
            assert len(door) == 0

    asyncio.run(tell())


def test_strangers_have_few_connections_each_and_together_and_somebody_new_still_enters(made: Path):
    async def tell() -> None:
        async with port(made, places=Places(stranger=2, strangers=8, first=1.0)) as (number, _, door):
            crowd = [
                asyncio.create_task(connect(number, trust(made), f"127.0.0.{2 + who}"))
                for who in range(20)
                for _ in range(5)
            ]
            await asyncio.sleep(0.5)
            assert len(door) == 8
            began = asyncio.get_running_loop().time()
            assert (await ask(await connect(number, trust(made)), length(4) + b"full"))[0] == 200
            assert asyncio.get_running_loop().time() - began < 3.0
            # From now on it is known, and what others do is no matter.
            again = [await connect(number, trust(made)) for _ in range(10)]
            assert [(await ask(each, length(4) + b"full"))[0] for each in again] == [200] * 10
            for task in crowd:
                task.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)

    asyncio.run(tell())


def test_a_burst_of_an_api_server_that_nobody_knows_yet_is_answered(made: Path):
    async def tell() -> None:
        async with port(made) as (number, refused, _):

            async def one() -> int:
                return (await ask(await connect(number, trust(made)), length(4) + b"slow"))[0]

            assert await asyncio.gather(*(one() for _ in range(60))) == [200] * 60
            assert not refused

    asyncio.run(tell())


def test_only_clients_with_a_certificate_are_answered_where_one_is_asked_for(made: Path):
    async def tell() -> None:
        authority = made / "deploy" / "client-certificate" / "ca.crt"
        async with port(made, client_ca=authority) as (number, _, _):
            for client in ("client", "second"):  # the one before is trusted beside the new one
                assert (await ask(await connect(number, trust(made, client)), length(4) + b"full"))[0] == 200
            with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
                await ask(await connect(number, trust(made)), length(4) + b"full")

    asyncio.run(tell())


def test_without_an_authority_for_clients_the_shipped_component_starts_nothing(made: Path):
    placeholder = ROOT / "deploy" / "client-certificate" / "ca.crt"
    with pytest.raises(UsageError):
        ServingCertificate(made / "tls" / "tls.crt", made / "tls" / "tls.key", placeholder)


def room_test(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    return lambda: asyncio.run(test())


@room_test
async def test_no_more_bytes_are_under_way_than_there_is_room_for():
    room, one, two = Room(100, 60), Peer("one"), Peer("two")
    async with room.place(one, 60, 1):
        with pytest.raises(TimeoutError):  # it has its share
            async with room.place(one, 1, 0.05):
                pass
        async with room.place(two, 40, 1):
            with pytest.raises(TimeoutError):  # all of it is taken
                async with room.place(two, 1, 0.05):
                    pass
    assert (one.held, two.held) == (0, 0)
    async with room.place(one, 60, 0.05), room.place(two, 40, 0.05):  # everything was given back
        pass


@room_test
async def test_who_cost_least_of_late_goes_first():
    room, order = Room(10, 10), list[str]()
    costly, cheap = Peer("costly"), Peer("cheap")
    costly.spend(1000)

    async def enter(peer: Peer) -> None:
        async with room.place(peer, 10, 5):
            order.append(peer.address)

    async with room.place(Peer("first"), 10, 5):
        waiting = [asyncio.create_task(enter(peer)) for peer in (costly, costly, cheap)]
        await asyncio.sleep(0.01)
    await asyncio.gather(*waiting)
    assert order == ["cheap", "costly", "costly"]


@room_test
async def test_what_strangers_may_cost_together_comes_back_with_time():
    now = [0.0]
    allowance, peer = Allowance(rate=10, burst=100, clock=lambda: now[0]), Peer("one")
    allowance.spend(peer, 150)
    assert (allowance.left, allowance.pause) == (-50, 5.0)
    now[0] = 6.0
    assert (allowance.left, allowance.pause) == (10, 0.0)
    now[0] = 1000.0
    assert allowance.left == 100


def test_who_wasted_is_a_stranger_again():
    peer = Peers().of("10.0.0.1")
    assert not peer.known
    peer.has_judged()
    assert peer.known
    peer.has_wasted()
    peer.has_judged()
    assert not peer.known


def test_an_address_is_the_same_in_both_families_and_those_without_connections_are_forgotten():
    peers = Peers()
    connected, known = peers.of("10.0.0.1"), peers.of("10.0.0.2")
    connected.connections = 1
    for number in range(5000):
        peers.of(f"fd00::{number}")
    assert peers.of("::ffff:10.0.0.1") is connected
    assert peers.of("10.0.0.2") is not known
