"""Strangers that attack a port of the webhook, each from an address of its own (Linux: all of 127.0.0.0/8 is ours).

As a program: ``hostile.py PORT AUTHORITY STRANGERS SECONDS``; it prints what became of the attempts, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
HEAD = b"POST /validate?timeout=10s HTTP/1.1\r\nHost: gate\r\nContent-Type: application/json\r\n"
MEBIBYTE = 1024 * 1024
GARBAGE = b"[" + b"[]," * (5 * MEBIBYTE) + b"[]]"


async def slow(_: Reader, writer: Writer) -> None:
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
    while True:
        await push(writer, b"{")
        await asyncio.sleep(0.2)


async def slow_head(_: Reader, writer: Writer) -> None:
    for byte in HEAD:
        await push(writer, bytes([byte]))
        await asyncio.sleep(0.2)


async def half_sent(_: Reader, writer: Writer) -> None:
    writer.write(HEAD + b"Content-Length: 16000000\r\n\r\n" + b"[" * MEBIBYTE)
    await writer.drain()
    await asyncio.sleep(60)


async def huge(_: Reader, writer: Writer) -> None:
    writer.write(HEAD + b"Content-Length: 9999999999\r\n\r\n")
    while True:
        await push(writer, b"x" * MEBIBYTE)


async def chunks_without_end(_: Reader, writer: Writer) -> None:
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        await push(writer, b"10000\r\n" + b"x" * 65536 + b"\r\n")


async def garbage(reader: Reader, writer: Writer) -> None:
    """As large as it may be, and twenty times that once it is read."""
    writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(GARBAGE))
    writer.write(GARBAGE)
    await writer.drain()
    await reader.read(4096)


async def pipelined(_: Reader, writer: Writer) -> None:
    while True:
        await push(writer, b"GET / HTTP/1.1\r\n\r\n" * 10_000)


async def silent(_: Reader, __: Writer) -> None:
    await asyncio.sleep(60)


async def hang_up(_: Reader, writer: Writer) -> None:
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\n" + b"{" * 50_000)
    await writer.drain()


async def push(writer: Writer, data: bytes) -> None:
    """Send, and end when nobody listens any more."""
    if writer.is_closing():
        raise ConnectionResetError
    writer.write(data)
    await writer.drain()
    await asyncio.sleep(0.01)


ATTACKS: tuple[Callable[[Reader, Writer], Awaitable[None]], ...] = (
    slow, slow_head, half_sent, huge, chunks_without_end, garbage, pipelined, silent, hang_up,
)  # fmt: skip


async def stranger(number: int, port: int, trust: ssl.SSLContext, seconds: float, seen: Counter[str]) -> None:
    """Eight attempts at a time, of all kinds, with and without TLS."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds

    async def again_and_again(which: int) -> None:
        while (left := end - loop.time()) > 0:
            attack = ATTACKS[(number + which) % len(ATTACKS)]
            which += 1
            plain = which % 5 == 0
            writer = None
            try:
                async with asyncio.timeout(left):
                    reader, writer = await asyncio.open_connection(
                        "127.0.0.1", port, local_addr=(f"127.0.0.{number + 2}", 0), ssl=None if plain else trust,
                        server_hostname=None if plain else "localhost",
                    )  # fmt: skip
                    await attack(reader, writer)
                    seen["sent"] += 1
            except (OSError, ssl.SSLError, asyncio.IncompleteReadError, TimeoutError) as error:
                seen[type(error).__name__] += 1
            finally:
                if writer is not None:
                    writer.transport.abort()
            await asyncio.sleep(random.uniform(0.1, 0.4))

    await asyncio.gather(*(again_and_again(which) for which in range(8)))


async def attack(port: int, authority: str, strangers: int, seconds: float) -> Counter[str]:
    trust = ssl.create_default_context(cafile=authority)
    seen: Counter[str] = Counter()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds + 5):
            await asyncio.gather(*(stranger(n, port, trust, seconds, seen) for n in range(strangers)))
    return seen


if __name__ == "__main__":
    port, authority, strangers, seconds = sys.argv[1:]
    print(json.dumps(asyncio.run(attack(int(port), authority, int(strangers), float(seconds)))))
