"""One JSON object a line on standard output: what happened, never what an object holds."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import Any


def say(event: str, **details: Any) -> None:
    """Log ``event`` with ``details``; those that are ``None`` are left out."""
    entry = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event}
    entry |= {key: value for key, value in details.items() if value is not None}
    sys.stdout.write(json.dumps(entry, ensure_ascii=True) + "\n")
    sys.stdout.flush()


class _OneLine(logging.Handler):
    """The type of an exception, at most once a second: whoever reaches the port could fill the log with them."""

    _last = float("-inf")

    def emit(self, record: logging.LogRecord) -> None:
        """Called by a logger."""
        if time.monotonic() - self._last < 1.0:
            return
        self._last = time.monotonic()
        say("connection", error=record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else "unknown")


QUIET = logging.Logger("gate.admission")
"""What aiohttp and the event loop have to say of connections: never a traceback, which may quote a request."""
QUIET.addHandler(_OneLine())


def loop_error(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """For ``set_exception_handler``."""
    error = context.get("exception")
    QUIET.error("", exc_info=(type(error), error, None) if isinstance(error, BaseException) else None)
