"""``gate engine install``: fill the user cache with the pinned release of Open Policy Agent.

First the project's release download (or a mirror of it, ``GATE_OPA_MIRROR``); when that fails, a build with Go from
the ``go.mod`` and ``go.sum`` that stand in ``opa_build/`` (the module checksums there make that build verifiable
without any download site).

The download is checked against the ``.sha256`` file that the release publishes beside it, both over TLS: that proves
an undamaged transfer from the release, no more. A checksum pinned here would prove more; none could be verified when
this was written.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from gate.engine.binary import (
    PINNED,
    cached_executable,
    checksum_of,
    checksum_record,
    shipped_executable,
    version_of,
)
from gate.errors import EngineError

_RELEASE = f"https://github.com/open-policy-agent/opa/releases/download/v{PINNED}"
MODULE = "github.com/open-policy-agent/opa"
"""Of OPA; ``opa_build/go.mod`` pins its version."""
_MIRROR = "GATE_OPA_MIRROR"
"""Names a folder, by its URL, that holds a release's file and its ``.sha256`` as the release page does."""
_CONNECT_SECONDS = 4.0
_BUILD_SECONDS = 1800.0
_SAY_SECONDS = 30.0
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_ASSETS = {
    ("linux", "amd64"): "opa_linux_amd64_static",
    ("linux", "arm64"): "opa_linux_arm64_static",
    ("darwin", "amd64"): "opa_darwin_amd64",
    ("darwin", "arm64"): "opa_darwin_arm64_static",
    ("win32", "amd64"): "opa_windows_amd64.exe",
}


def install() -> Path:
    """The pinned executable in the user cache, fetched or built when it is not there yet. Progress goes to stderr.

    Raises ``EngineError`` with the reason of both ways when neither works.
    """
    if shipped := shipped_executable():
        _say(f"OPA {PINNED} is part of this installation: {shipped}")
        return shipped
    target, record = cached_executable(), checksum_record()
    if target.is_file() and version_of(target) == PINNED and _recorded(record) == checksum_of(target):
        _say(f"OPA {PINNED} is there: {target}")
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = tempfile.TemporaryDirectory(dir=target.parent, prefix=".install-")
    except OSError as error:
        raise EngineError(
            f"the cache {target.parent} cannot be written: {error.strerror}",
            hint="set XDG_CACHE_HOME to a directory that you can write",
        ) from error
    with scratch as directory:
        draft = Path(directory) / target.name
        try:
            _download(draft)
        except EngineError as error:
            _say(f"{error.message}; building it with Go instead (one to three minutes)")
            _build(draft, download_failure=error)
        draft.chmod(0o755)
        if (version := version_of(draft)) != PINNED:
            raise EngineError(f"the installed program reports version {version}, expected {PINNED}")
        written = Path(directory) / record.name
        written.write_text(checksum_of(draft) + "\n", encoding="ascii")
        # Atomic: another process sees the whole executable or none.
        draft.replace(target)
        written.replace(record)
    _say(f"OPA {PINNED} installed: {target}")
    return target


def _recorded(record: Path) -> str | None:
    """The checksum of what was installed; ``None`` when an older gate installed it, which recorded none."""
    try:
        return record.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None


def _download(draft: Path) -> None:
    asset = _asset()
    place = os.environ.get(_MIRROR, "").rstrip("/") or _RELEASE
    _say(f"downloading {place}/{asset}")
    try:
        with urllib.request.urlopen(f"{place}/{asset}.sha256", timeout=_CONNECT_SECONDS) as answer:
            expected = answer.read(200).decode("ascii").split()[0].lower()
        with (
            urllib.request.urlopen(f"{place}/{asset}", timeout=_CONNECT_SECONDS) as answer,
            draft.open("wb") as file,
        ):
            shutil.copyfileobj(answer, file)
    except (OSError, ValueError, IndexError) as error:
        raise EngineError(f"the download failed ({_reason(error)})") from error
    with draft.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        draft.unlink()
        raise EngineError(f"the download has checksum {found}, the release says {expected}")


def _asset() -> str:
    machine = _MACHINES.get(platform.machine().lower(), platform.machine())
    asset = _ASSETS.get((sys.platform, machine))
    if asset is None:
        raise EngineError(f"OPA {PINNED} has no release for {sys.platform}/{machine}")
    return asset


def _build(draft: Path, *, download_failure: EngineError) -> None:
    go = shutil.which("go")
    if go is None:
        raise EngineError(
            f"OPA {PINNED} could not be installed: {download_failure.message}, and no `go` is on PATH to build it",
            hint="install OPA >= 1.22 yourself (it is one file) and set GATE_OPA, or install Go",
        ) from download_failure
    # A vendor directory, a work space or flags of the user's own project must not reach this build.
    environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}
    command = [
        go,
        "build",
        "-mod=readonly",
        "-trimpath",
        "-buildvcs=false",
        "-ldflags=-s -w",
        "-o",
        str(draft),
        MODULE,
    ]
    try:
        status, errors = _watched(command, environment)
    except OSError as error:
        raise EngineError(f"`go build` of OPA {PINNED} failed: {_reason(error)}") from error
    except subprocess.TimeoutExpired:
        raise EngineError(
            f"`go build` of OPA {PINNED} did not finish within {_BUILD_SECONDS / 60:.0f} minutes",
            hint="its progress is kept: run `gate engine install` again. Or install OPA >= 1.22 yourself (it is one "
            f"file) and set GATE_OPA, or let {_MIRROR} name a mirror of the release",
        ) from download_failure
    if status != 0:
        last = (errors.strip().splitlines() or ["no message"])[-1]
        raise EngineError(
            f"OPA {PINNED} could not be installed: {download_failure.message}, and `go build` failed: {last}",
            hint=f"install OPA >= 1.22 yourself (it is one file) and set GATE_OPA, or let {_MIRROR} name a mirror",
        )


def _watched(command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Runs the build; status and standard error. Says now and then that it goes on; ``TimeoutExpired`` in the end."""
    began = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=Path(__file__).parent / "opa_build",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        while True:
            try:
                _, errors = running.communicate(timeout=_SAY_SECONDS)
            except subprocess.TimeoutExpired:
                passed = time.monotonic() - began
                if passed > _BUILD_SECONDS:
                    running.kill()
                    raise
                _say(f"still building OPA {PINNED} ({passed:.0f} s)")
            except BaseException:
                running.kill()
                raise
            else:
                return running.returncode, errors


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code}"
    if isinstance(error, urllib.error.URLError):
        return str(error.reason)
    return str(error) or type(error).__name__


def _say(text: str) -> None:
    print(text, file=sys.stderr)
