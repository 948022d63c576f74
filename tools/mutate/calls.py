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
    """``functions``: test → functions that it calls; ``seconds``: how long each takes; ``failed``: those that fail."""

    def __init__(self, folders: tuple[str, ...]) -> None:
        self.functions: dict[str, set[Function]] = {}
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()
        self._folders = folders
        self._ours: dict[CodeType, bool] = {}
        self._called: set[CodeType] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Follow one test with its fixtures."""
        self._called = set()
        started = time.monotonic()
        sys.settrace(self._seen)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.seconds[item.nodeid] = time.monotonic() - started
            self.functions[item.nodeid] = {(code.co_filename, code.co_firstlineno) for code in self._called}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Forget a test that fails when it is followed: one that measures, for example."""
        if report.failed:
            self.failed.add(report.nodeid)

    def _seen(self, frame: FrameType, _: str, __: object) -> None:
        code = frame.f_code
        ours = self._ours.get(code)
        if ours is None:
            ours = self._ours[code] = code.co_filename.startswith(self._folders)
        if ours:
            self._called.add(code)
