"""Bytes from a path, and text from bytes: the only place that opens an input.

Nothing that could block or never end is opened: only regular files are read.
"""

from __future__ import annotations

import gc
import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gate.errors import InputError

LARGEST = 256 * 1024 * 1024
"""Bytes of the largest file that is read; a plan of 150,000 resources is about that large."""

_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf": "7-Zip",
}


def read_file(path: Path) -> bytes:
    """The bytes of a regular file; ``InputError`` when it is missing, no regular file, not readable or too large."""
    name = display(path)
    try:
        # O_NONBLOCK: opening a FIFO without a writer would wait for ever.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        raise _unopened(name, error) from error
    with os.fdopen(handle, "rb") as stream:
        try:
            info = os.fstat(stream.fileno())
            if not stat.S_ISREG(info.st_mode):
                raise InputError(
                    f"{name} is not a regular file.", hint="Give a file, or pipe the text in and give - instead."
                )
            data = stream.read(LARGEST + 1)
        except OSError as error:
            raise _unopened(name, error) from error
    if len(data) > LARGEST:
        raise InputError(
            f"{name} is larger than {LARGEST // 1024 // 1024} MB.", hint="Check the parts of the change one by one."
        )
    return data


def unpacked(data: bytes, name: str) -> bytes:
    """The bytes of a gzip file, of which no more than ``LARGEST`` are unpacked; other bytes as they are."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    reader = zlib.decompressobj(wbits=31)
    try:
        text = reader.decompress(data, LARGEST + 1)
    except zlib.error:
        raise InputError(f"{name} is a gzip file that cannot be unpacked.", hint="Write the file again.") from None
    if len(text) > LARGEST:
        raise InputError(
            f"{name} unpacks to more than {LARGEST // 1024 // 1024} MB.", hint="Check its parts one by one."
        )
    if not reader.eof or reader.unused_data:
        raise InputError(f"{name} is a gzip file that is cut off, or several in one.", hint="Write the file again.")
    return text


def decode(data: bytes, name: str) -> str:
    """UTF-8 text, with or without byte order mark; ``InputError`` naming the line when it is something else."""
    if packed := next((kind for magic, kind in _PACKED.items() if data.startswith(magic)), None):
        raise InputError(f"{name} is compressed ({packed}).", hint="Unpack it and give what is inside.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4]:
        raise InputError(
            f"{name} is UTF-16 or UTF-32 text; UTF-8 is expected.",
            hint="In PowerShell write it with: terraform show -json plan.out | Out-File -Encoding utf8 plan.json",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{name}, line {line}: not UTF-8 text.",
            hint="Give a Terraform plan (terraform show -json plan.out) or Kubernetes manifests, written as UTF-8.",
        ) from None


def display(path: Path) -> str:
    """The path as it is shown: relative to the current directory when below it, else as given."""
    try:
        return Path(os.path.abspath(path)).relative_to(Path.cwd()).as_posix()  # noqa: PTH100 - resolve() follows links
    except (ValueError, OSError):
        return str(path)


@contextmanager
def without_collections() -> Iterator[None]:
    """No garbage collection inside: reading makes hundreds of thousands of containers and next to no garbage."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def sha256(data: bytes) -> str:
    """The hexadecimal SHA-256 of the bytes of a file."""
    return hashlib.sha256(data).hexdigest()


def _unopened(name: str, error: OSError | ValueError) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError(f"{name} does not exist.", hint="Check the path; it is taken from the current directory.")
    if isinstance(error, PermissionError):
        return InputError(f"{name} cannot be read: permission denied.", hint="Make the file readable for this user.")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "the path is not valid"
    return InputError(
        f"{name} cannot be read: {reason[:1].lower()}{reason[1:]}.", hint="Check the path and its permissions."
    )
