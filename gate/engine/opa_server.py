"""A private OPA: one child process, alive exactly as long as we are, that only we reach (``doors.py``).

The child gets none of our environment: a policy that reads ``opa.runtime()`` finds no credentials of the pipeline.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from gate.engine.binary import Opa
from gate.engine.doors import LoopbackDoor, SocketDoor, door
from gate.errors import EngineError, PolicyError

_START_SECONDS = 30.0
_POLL_SECONDS = 0.004


class PrivateOpa:
    """``opa run --server`` with one bundle. The process starts in the constructor; ``wait`` waits until it listens."""

    def __init__(self, opa: Opa, archive: bytes, *, growth: int = 100) -> None:
        """Start the process. Raises ``EngineError`` when it cannot be started at all.

        ``growth``: percent by which its memory may grow before Go collects garbage (``GOGC``).
        """
        self._growth = growth
        self._opa = opa
        self._archive = archive
        self._start()

    def _start(self) -> None:
        # Not a context manager: it lives as long as the process.
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        folder = Path(tempfile.mkdtemp(prefix="gate-"))
        self._bundle = folder / "bundle.tar.gz"
        self._bundle.write_bytes(self._archive)
        self.door = door(folder)
        try:
            self.process = subprocess.Popen(
                _command(self._opa, self.door, self._bundle),
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                env={**_environment(), **self.door.environment, "GOGC": str(self._growth)},
                # Ctrl-C in the terminal is for us; we stop the child ourselves.
                start_new_session=True,
                preexec_fn=_die_with_parent(),
            )
        except (OSError, subprocess.SubprocessError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            self._log.close()
            raise EngineError(f"{self._opa.path} could not be started: {error}") from error
        # Runs on stop(), when the object is dropped, and at interpreter exit, whichever is first.
        self._finish = weakref.finalize(self, _end, self.process, folder, self._log)

    def wait(self, seconds: float = _START_SECONDS) -> None:
        """Return when the child listens with its bundle loaded.

        Raises ``PolicyError`` with OPA's message when the bundle does not load, ``EngineError`` when it died or hangs.
        """
        deadline = time.monotonic() + seconds
        while not self.door.is_open(self.process.pid):
            if self.process.poll() is not None:
                message = self.last_words()
                self.stop()
                if "address already in use" not in message:
                    loading = "rego_" in message or "initialization error" in message or "load error" in message
                    raise (PolicyError if loading else EngineError)(f"Open Policy Agent did not start: {message}")
                # Somebody else got the port between our probe and the child's bind.
                self._start()
            if time.monotonic() > deadline:
                raise EngineError(f"Open Policy Agent did not listen within {seconds:g} s: {self.last_words()}")
            time.sleep(_POLL_SECONDS)
        self._bundle.unlink(missing_ok=True)

    def died(self) -> bool:
        """Whether the child has ended; a moment is allowed, for a connection breaks before the process is gone."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=0.5)
        return self.process.poll() is not None

    def last_words(self) -> str:
        """The last line the child logged, printable, at most 400 characters, and how it ended if it did."""
        status = self.process.poll()
        ended = "" if status is None else f" (killed by signal {-status})" if status < 0 else f" (exit status {status})"
        if self._log.closed:
            return f"stopped{ended}"
        return f"{_last_line(os.pread(self._log.fileno(), 1 << 20, 0) if hasattr(os, 'pread') else b'')}{ended}"

    def stop(self) -> None:
        """Kill the child, reap it and remove what it used. Harmless when done before."""
        self._finish()


def _command(opa: Opa, door: SocketDoor | LoopbackDoor, bundle: Path) -> list[str]:
    return [
        str(opa.path),
        "run",
        "--server",
        *door.arguments,
        "--skip-version-check",
        "--log-level=error",
        "--log-format=json",
        "--bundle",
        str(bundle),
    ]


def _environment() -> dict[str, str]:
    return {k: os.environ[k] for k in ("SYSTEMROOT", "TMPDIR", "TEMP") if k in os.environ}


def _die_with_parent() -> Callable[[], None] | None:
    """What the child does before it becomes OPA so that even ``kill -9`` of us ends it (Linux: PR_SET_PDEATHSIG).

    Only when there is one thread: the signal is bound to the thread that forks, and code between fork and exec
    is not safe beside other threads. With several threads the child ends with the interpreter only.
    """
    if not sys.platform.startswith("linux") or threading.active_count() != 1:
        return None
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def die_with_parent() -> None:
        libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL
        if os.getppid() != parent:
            os._exit(1)

    return die_with_parent


def _last_line(log: bytes) -> str:
    """The last line; of a Rego error, which goes on over several, the one that names file and error."""
    lines = log.decode("utf-8", "replace").splitlines()
    for line in [*(line for line in lines if ": rego_" in line), *reversed(lines)]:
        text = line
        with contextlib.suppress(ValueError):
            entry: Any = json.loads(line)
            if isinstance(entry, dict):
                if entry.get("level") in {"warning", "info"}:
                    continue
                text = ": ".join(str(entry[k]) for k in ("msg", "err") if k in entry) or line
        printable = "".join(c if c.isprintable() else " " for c in text).strip().removeprefix("error: ")
        if printable:
            return printable[:400]
    return "it logged nothing"


def _end(process: subprocess.Popen[bytes], folder: Path, log: IO[bytes]) -> None:
    process.kill()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)
    log.close()
