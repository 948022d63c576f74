"""Which ``opa`` executable judges, and which version it is.

Looked for in this order: ``GATE_OPA``, one shipped inside the installed package, ``opa`` on PATH, the user cache that
``gate engine install`` fills. A wrong version on PATH is passed over; a wrong ``GATE_OPA`` is an error: it was meant.

Whoever writes PATH or GATE_OPA can put a program there that allows everything. Where ``engine`` is ``pinned``
(``gate.yaml``, or ``GATE_ENGINE=pinned``), only the executable judges that the gate's own package brings, or else the
one that ``gate engine install`` put into the user cache, and only while it has the checksum that was recorded then.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gate.errors import EngineError, EngineNotFound

PINNED = "1.22.2"
"""The release of OPA that ``gate engine install`` gets and that the tests run with."""

_MINIMUM = (1, 22)
_BELOW = (2, 0)
_WANTED = "OPA >= 1.22 and < 2"
_INSTALL = "run `gate engine install`, or set GATE_OPA to an opa executable"
_RECORD = "opa.sha256"
_EXECUTABLE = "opa.exe" if sys.platform == "win32" else "opa"


@dataclass(frozen=True, slots=True)
class Opa:
    """An executable whose version was checked: ``version`` as it says itself (``1.22.2``)."""

    path: Path
    version: str

    @property
    def sha256(self) -> str:
        """Of the file, in hexadecimal digits."""
        return checksum_of(self.path)


def find_opa(*, pinned: bool = False) -> Opa:
    """The executable to use; ``pinned``: that of ``gate engine install`` alone, as for ``GATE_ENGINE=pinned``.

    Raises ``EngineNotFound`` when there is none, ``EngineError`` when ``GATE_OPA`` names one that cannot be used, or
    the pinned one is not what was installed.
    """
    if is_pinned(pinned):
        return _pinned()
    if chosen := os.environ.get("GATE_OPA"):
        return _chosen(Path(chosen))
    on_path = shutil.which("opa")
    passed_over: list[str] = []
    for candidate in (shipped_executable(), Path(on_path) if on_path else None, cached_executable()):
        if candidate is None or not candidate.is_file():
            continue
        try:
            version = version_of(candidate)
        except EngineError as error:
            passed_over.append(error.message)
            continue
        if _supported(version):
            return Opa(candidate, version)
        passed_over.append(f"{candidate} is version {version}")
    seen = f" ({'; '.join(passed_over)})" if passed_over else ""
    raise EngineNotFound(f"no usable Open Policy Agent found: {_WANTED} is needed{seen}", hint=_INSTALL)


def is_pinned(wanted: bool) -> bool:
    """Whether only the pinned executable may judge: because it is ``wanted``, or ``GATE_ENGINE`` says so."""
    said = os.environ.get("GATE_ENGINE") or "any"
    if said not in ("any", "pinned"):
        raise EngineError("GATE_ENGINE must be any or pinned")
    return wanted or said == "pinned"


def cache_directory() -> Path:
    """The gate's directory in the user cache: ``$XDG_CACHE_HOME/nhi-gate`` or ``~/.cache/nhi-gate``; may not exist."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "nhi-gate"


def shipped_executable() -> Path | None:
    """The executable that a wheel for this platform brings (``gate/bin/``); a pure wheel and a checkout bring none."""
    shipped = Path(__file__).parent.parent / "bin" / _EXECUTABLE
    return shipped if shipped.is_file() else None


def cached_executable() -> Path:
    """Where ``gate engine install`` puts the executable; may not exist."""
    return cache_directory() / "opa" / PINNED / _EXECUTABLE


def checksum_record() -> Path:
    """Where ``gate engine install`` writes the checksum of what it installed; may not exist."""
    return cached_executable().with_name(_RECORD)


def checksum_of(executable: Path) -> str:
    """SHA-256 of an executable, remembered in the user cache until the file is written to or replaced.

    Raises ``EngineError`` when it cannot be read.
    """
    try:
        stat = executable.stat()
        key = f"sha256|{executable.resolve()}|{stat.st_size}|{stat.st_mtime_ns}|{stat.st_ctime_ns}|{stat.st_ino}"
        remembered = _remembered()
        if key not in remembered:
            with executable.open("rb") as file:
                remembered[key] = hashlib.file_digest(file, "sha256").hexdigest()
            _remember(remembered)
    except OSError as error:
        raise EngineError(f"{executable} cannot be read: {error.strerror}") from error
    return remembered[key]


def version_of(executable: Path) -> str:
    """The version an ``opa`` executable says it has, remembered in the user cache by path, size and time of change.

    Raises ``EngineError`` when it does not run or does not answer like OPA.
    """
    stat = executable.stat()
    key = f"{executable.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
    remembered = _remembered()
    if key in remembered:
        return remembered[key]
    version = _ask(executable)
    _remember({**remembered, key: version})
    return version


def _pinned() -> Opa:
    found = shipped_executable() or cached_executable()
    record = found.with_name(_RECORD)
    hint = "run `gate engine install`" if found == cached_executable() else "install the gate"
    if not found.is_file() or not record.is_file():
        raise EngineNotFound(f"engine is pinned, and OPA {PINNED} was not installed by the gate", hint=hint)
    chosen = os.environ.get("GATE_OPA")
    if chosen and Path(chosen).resolve() != found.resolve():
        raise EngineError(f"engine is pinned, and GATE_OPA names another executable: {chosen}", hint="unset GATE_OPA")
    recorded = record.read_text(encoding="ascii", errors="replace").strip()
    if (is_now := checksum_of(found)) != recorded:
        raise EngineError(f"{found} has checksum {is_now}, and {recorded[:64]} was installed", hint=f"{hint} again")
    return Opa(found, version_of(found))


def _chosen(executable: Path) -> Opa:
    if not executable.is_file():
        raise EngineNotFound(f"GATE_OPA is {executable}, which is not a file", hint=_INSTALL)
    version = version_of(executable)
    if not _supported(version):
        raise EngineError(f"GATE_OPA is {executable}, version {version}: {_WANTED} is needed", hint=_INSTALL)
    return Opa(executable, version)


def _ask(executable: Path) -> str:
    try:
        answer = subprocess.run([executable, "version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
        raise EngineError(f"{executable} does not run: {type(error).__name__}", hint=_INSTALL) from error
    found = re.search(r"^Version: (\d+\.\d+\.\d+\S*)$", answer.stdout, re.MULTILINE)
    if answer.returncode != 0 or found is None:
        raise EngineError(f"{executable} does not print a version as OPA does", hint=_INSTALL)
    return found[1]


def _supported(version: str) -> bool:
    major, minor = version.split(".")[:2]
    return _MINIMUM <= (int(major), int(minor)) < _BELOW


def _memory() -> Path:
    return cache_directory() / "opa-versions.json"


def _remembered() -> dict[str, str]:
    try:
        known = json.loads(_memory().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in known.items() if isinstance(v, str)} if isinstance(known, dict) else {}


def _remember(versions: dict[str, str]) -> None:
    # A cache that cannot be written only costs the next start a few milliseconds.
    with contextlib.suppress(OSError):
        memory = _memory()
        memory.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=memory.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(versions, file)
        Path(draft).replace(memory)
