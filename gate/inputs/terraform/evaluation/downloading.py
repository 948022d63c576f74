"""Modules that are not at hand are fetched, when the user asks for it (``--download``): the only use of a network.

Nothing that is fetched is executed. git runs without the user's settings, credentials and hooks, and may only speak
HTTP; archives are unpacked without links, and no file is executable.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import stat
import subprocess
import tarfile
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from gate.inputs.terraform.evaluation.module_registry import place_of
from gate.inputs.terraform.evaluation.module_sources import ModuleSource, module_source

_MOST_BYTES = 128 << 20
_MOST_FILES = 20_000
_SECONDS = 120


class FetchError(Exception):
    """Why a module was not fetched, in words for the user; no value of a URL but its host and path."""


@dataclass(slots=True)
class Downloads:
    """Packages in ``folder``, with the ``modules.json`` that ``gate-inert copy`` reads. ``failed``: key → why."""

    folder: Path
    registry: str
    modules: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def fetch(self, missing: list[dict[str, Any]]) -> bool:
        """Fetch each missing module (as ``gate-inert copy`` tells it) not tried yet; whether one was fetched."""
        fetched = False
        for one in missing:
            if one["key"] in self.failed or one["key"] in self.modules:
                continue
            try:
                self.modules[one["key"]] = self._fetched(one["source"], one["version"])
                fetched = True
            except FetchError as error:
                self.failed[one["key"]] = str(error)
        entries = [{"Key": key, "Source": "", "Dir": place} for key, place in self.modules.items()]
        (self.folder / "modules.json").write_text(json.dumps({"Modules": entries}))
        return fetched

    def _fetched(self, text: str, version: str) -> str:
        """The module's folder, relative to ``self.folder``: ``PACKAGE`` or ``PACKAGE/sub``."""
        source = module_source(text, self.registry)
        inside = ""
        if isinstance(source, ModuleSource) and source.kind == "registry":
            inside, source = source.folder, module_source(_placed(source.url, version), self.registry)
        if isinstance(source, str):
            raise FetchError(source)
        if source.kind == "registry":
            raise FetchError("the registry names another registry")
        name = hashlib.sha256(f"{source.kind} {source.url} {source.ref}".encode()).hexdigest()[:16]
        package = self.folder / name
        if not package.is_dir():
            draft = self.folder / f"{name}.draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            _clone(source, draft) if source.kind == "git" else _unpack(_read(source.url), draft)
            draft.rename(package)
        for part in (part for text in (source.folder, inside) for part in text.split("/") if part):
            children = [child.name for child in package.iterdir() if child.is_dir()] if part == "*" else [part]
            package = package / children[0] if len(children) == 1 else package / part
        if not package.is_dir():
            raise FetchError("the package has no such folder")
        return package.relative_to(self.folder).as_posix()


def _placed(module: str, version: str) -> str:
    try:
        return place_of(module, version, lambda url: _answer(url))
    except LookupError as error:
        raise FetchError(str(error)) from None


def _answer(url: str) -> tuple[bytes, dict[str, str]]:
    """Content, and header fields by lower-case name."""
    if not url.startswith(("https://", "http://")):
        raise FetchError("only HTTP is supported")
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    try:
        with opener.open(url, timeout=_SECONDS) as reply:
            content = reply.read(_MOST_BYTES + 1)
            fields = {name.lower(): value for name, value in reply.headers.items()}
    except urllib.error.HTTPError as error:
        raise FetchError(f"the server answered HTTP {error.code}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise FetchError(
            f"the server was not reached ({getattr(reason, 'strerror', None) or type(reason).__name__})"
        ) from None
    if len(content) > _MOST_BYTES:
        raise FetchError(f"it is larger than {_MOST_BYTES >> 20} MiB")
    return content, fields


def _read(url: str) -> bytes:
    return _answer(url)[0]


def _clone(source: ModuleSource, into: Path) -> None:
    """The work tree of one commit."""
    git = shutil.which("git")
    if git is None:
        raise FetchError("git is not installed")
    home = into.parent / "home"
    home.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in os.environ if name.lower().endswith("_proxy") or name == "SSL_CERT_FILE"}
    environment = kept | {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_ALLOW_PROTOCOL": "https:http",
        "GIT_LFS_SKIP_SMUDGE": "1",
    }
    settings = ["-c", "core.symlinks=false", "-c", f"core.hooksPath={os.devnull}", "-c", "protocol.version=2"]

    def run(*arguments: str) -> bool:
        try:
            done = subprocess.run(
                [git, *settings, *arguments],
                cwd=into,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0

    ref = source.ref or "HEAD"
    branches, tags = "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"
    if not run("init", "--quiet", "--template="):
        raise FetchError("git could not be run")
    if run("fetch", "--quiet", "--depth=1", "--no-tags", "--", source.url, ref):
        found = run("checkout", "--quiet", "--detach", "FETCH_HEAD")
    else:  # a server without shallow fetches, or a commit that it does not give by name
        found = run("fetch", "--quiet", "--", source.url, branches, tags, "+HEAD:refs/remotes/origin/HEAD") and any(
            run("checkout", "--quiet", "--detach", name) for name in (f"refs/remotes/origin/{ref}", ref)
        )
    if not found:
        raise FetchError("git could not fetch it, or it has no such ref")
    shutil.rmtree(into / ".git")


def _unpack(content: bytes, into: Path) -> None:
    """The regular files of an archive; nothing outside of ``into``, no links, nothing executable."""
    budget = _MOST_BYTES
    try:
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                entries = packed.infolist()
                for entry in entries[:_MOST_FILES]:
                    if not entry.is_dir() and not stat.S_ISLNK(entry.external_attr >> 16):
                        with packed.open(entry) as file:
                            budget = _put(entry.filename, file.read(budget + 1), into, budget)
        else:
            with tarfile.open(fileobj=io.BytesIO(content)) as unpacked:
                for number, member in enumerate(unpacked):
                    opened = unpacked.extractfile(member) if member.isfile() and number < _MOST_FILES else None
                    if opened is not None:
                        budget = _put(member.name, opened.read(budget + 1), into, budget)
    except (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise FetchError("it is not an archive that can be unpacked") from error


def _put(name: str, content: bytes, into: Path, budget: int) -> int:
    """Write one file; how many bytes may still be written."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\0" in name or not path.parts:
        return budget
    if len(content) > budget:
        raise FetchError(f"it is larger than {_MOST_BYTES >> 20} MiB")
    target = into.joinpath(*path.parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return budget - len(content)
