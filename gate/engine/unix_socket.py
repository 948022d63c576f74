"""HTTP over a Unix domain socket for ``requests``, which has no such transport of its own."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool


class UnixSocketAdapter(HTTPAdapter):
    """Mount it on a session: every request goes to the socket ``path``, whatever host its URL names."""

    def __init__(self, path: Path) -> None:
        super().__init__(max_retries=0)
        self._pool = _Pool("localhost", socket_path=path)

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> HTTPConnectionPool:
        """As in ``HTTPAdapter``."""
        return self._pool

    def close(self) -> None:
        """As in ``HTTPAdapter``."""
        super().close()
        self._pool.close()


class _Connection(HTTPConnection):
    def __init__(self, *arguments: Any, socket_path: Path, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._path = socket_path

    def _new_conn(self) -> socket.socket:
        connected = socket.socket(socket.AF_UNIX)
        connected.settimeout(self.timeout if isinstance(self.timeout, (int, float)) else None)
        connected.connect(str(self._path))
        return connected


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection
