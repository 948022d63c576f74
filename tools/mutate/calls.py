"""A pytest plugin that notes which test calls which function of some folders, and how long each test takes."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from types import CodeType, FrameType

import pytest

Function = tuple[str, int]
"""A file, and the line on which a function begins in it (that of its first decorator)."""


class Calls:
    """``functions``: test → functions that it calls; ``seconds``: test → how long it takes."""

    def __init__(self, folders: tuple[str, ...]) -> None:
        self.functions: dict[str, set[Function]] = {}
        self.seconds: dict[str, float] = {}
        self._folders = folders
        self._ours: dict[CodeType, bool] = {}
        self._called: set[CodeType] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Follow one test with its fixtures."""
        self._called = set()
        started = time.monotonic()
        sys.setprofile(self._seen)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            self.seconds[item.nodeid] = time.monotonic() - started
            self.functions[item.nodeid] = {(code.co_filename, code.co_firstlineno) for code in self._called}

    def _seen(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            code = frame.f_code
            ours = self._ours.get(code)
            if ours is None:
                ours = self._ours[code] = code.co_filename.startswith(self._folders)
            if ours:
                self._called.add(code)
