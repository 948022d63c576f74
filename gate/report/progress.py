"""What is being done, on standard error, for what takes longer than a second; silent when that is no terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE = 1.0
"""Seconds before anything is shown."""


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Yields a function that takes what is being done now."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    shown: list[Any] = []
    doing = ["Judging the change"]

    def show() -> None:
        from rich.console import Console

        shown.append(Console(stderr=True).status(doing[0]))
        shown[0].start()

    def say(text: str) -> None:
        from rich.markup import escape

        from gate.report.untrusted import plain

        doing[0] = escape(plain(text))
        for status in shown:
            status.update(doing[0])

    timer = threading.Timer(PATIENCE, show)
    timer.daemon = True
    timer.start()
    try:
        yield say
    finally:
        timer.cancel()
        timer.join()
        for status in shown:
            status.stop()
