"""The wire between a client and a server, to be cut or to go dead."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import yaml


class Wire:
    """Forwards TCP to ``port`` of loopback. ``dead``: what is sent is swallowed, and nobody is told."""

    def __init__(self, port: int) -> None:
        self.dead = False
        self._port = port
        self._ends: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Wire:
        await self.mend()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def mend(self, port: int = 0) -> None:
        """Listen (again)."""
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", port)
        self.listening: int = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break every connection and refuse new ones."""
        assert self._server
        self._server.close()
        for end in list(self._ends):
            end.transport.abort()
        await asyncio.sleep(0.05)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Connections stay open, and nothing passes."""
        self.dead = True
        yield
        for end in list(self._ends):
            end.transport.abort()
        self.dead = False

    def kubeconfig(self, given: Path, to: Path) -> Path:
        """``given`` by way of this wire, written to ``to``."""
        config = yaml.safe_load(given.read_text())
        config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{self.listening}"
        to.write_text(yaml.safe_dump(config))
        return to

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.transport.abort()
            return
        self._ends |= {writer, back}
        try:
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        finally:
            self._ends -= {writer, back}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if not self.dead:
                    writer.write(data)
                    await writer.drain()
        writer.transport.abort()
