import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gate.engine import install as install_module
from gate.engine.binary import PINNED, cached_executable, checksum_record, find_opa
from gate.engine.install import install
from gate.errors import EngineError

BUILD = Path(install_module.__file__).parent / "opa_build"


@pytest.fixture
def no_download(monkeypatch, tmp_path):
    """The release site cannot be reached; the cache is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(install_module, "_RELEASE", "http://127.0.0.1:9/release")


@pytest.fixture
def release(monkeypatch, tmp_path, opa):
    """A release in a directory, as the release site publishes it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.setattr(install_module, "_RELEASE", site.as_uri())
    monkeypatch.setenv("PATH", "")
    asset = install_module._asset()
    shutil.copy(opa.path, site / asset)
    digest = hashlib.sha256((site / asset).read_bytes()).hexdigest()
    (site / f"{asset}.sha256").write_text(f"{digest}  {asset}\n", encoding="ascii")
    return site / asset


def test_the_module_builds_the_pinned_release():
    required = re.search(r"github\.com/open-policy-agent/opa (v\S+)", (BUILD / "go.mod").read_text(encoding="utf-8"))

    assert required[1] == f"v{PINNED}"
    assert f"github.com/open-policy-agent/opa v{PINNED} h1:" in (BUILD / "go.sum").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("go") is None, reason="needs Go")
def test_the_module_is_complete_and_true():
    listed = subprocess.run(
        ["go", "list", "-mod=readonly", "-deps", "-f", "{{.ImportPath}}", install_module.MODULE],
        cwd=BUILD,
        capture_output=True,
        text=True,
        env={**os.environ, "GOFLAGS": "", "GOWORK": "off", "CGO_ENABLED": "0"},
        check=False,
    )

    assert (listed.returncode, install_module.MODULE in listed.stdout.split()) == (0, True), listed.stderr


def test_a_download_with_the_right_checksum_is_installed(release, capsys):
    installed = install()

    assert installed == cached_executable()
    assert subprocess.run([installed, "version"], capture_output=True, check=True).stdout.startswith(b"Version: ")
    assert {p.name for p in installed.parent.iterdir()} == {installed.name, "opa.sha256"}
    assert find_opa(pinned=True).path == installed
    assert "installed" in capsys.readouterr().err


def test_a_second_installation_changes_nothing(release):
    install()
    before = cached_executable().stat()
    release.unlink()
    install()

    assert cached_executable().stat() == before or cached_executable().stat().st_mtime_ns == before.st_mtime_ns


def test_one_that_nobody_recorded_is_installed_again(release):
    install()
    checksum_record().unlink()
    installed = install()
    assert find_opa(pinned=True).path == installed


def test_a_download_with_another_checksum_is_not_installed(release):
    release.write_bytes(b"something else")
    with pytest.raises(EngineError, match="has checksum .* the release says"):
        install()

    assert not cached_executable().exists()


def test_neither_download_nor_go_is_an_error_that_says_both(no_download, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError, match="the download failed.*no `go` is on PATH"):
        install()

    assert not cached_executable().exists()


def test_a_build_that_fails_says_why(no_download, monkeypatch, tmp_path):
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    go.write_text("#!/bin/sh\necho 'no space left on device' >&2\nexit 1\n", encoding="utf-8")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", str(go.parent))
    with pytest.raises(EngineError, match="`go build` failed: no space left on device"):
        install()


def test_a_cache_that_cannot_be_written_is_an_error(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(EngineError, match="cannot be written"):
        install()


def test_a_platform_without_a_release_is_built(no_download, monkeypatch):
    monkeypatch.setattr(sys, "platform", "plan9")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError, match=f"OPA {PINNED} has no release for plan9"):
        install()


def test_a_mirror_of_the_release_is_asked_in_its_place(release, monkeypatch):
    monkeypatch.setenv("GATE_OPA_MIRROR", release.parent.as_uri() + "/")
    monkeypatch.setattr(install_module, "_RELEASE", "http://127.0.0.1:9/release")
    assert install() == cached_executable()


@pytest.fixture
def slow_go(no_download, monkeypatch, tmp_path):
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    go.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{go.parent}:/usr/bin:/bin")
    monkeypatch.setattr(install_module, "_SAY_SECONDS", 0.1)
    monkeypatch.setattr(install_module, "_BUILD_SECONDS", 0.3)


def test_a_long_build_says_that_it_goes_on_and_in_the_end_what_to_do(slow_go, capsys):
    with pytest.raises(EngineError, match="did not finish within") as raised:
        install()

    assert "still building OPA" in capsys.readouterr().err
    assert "run `gate engine install` again" in raised.value.hint and "GATE_OPA_MIRROR" in raised.value.hint


@pytest.mark.parametrize("there", ["opa", "evaluator", "both"])
def test_only_what_is_missing_is_installed(monkeypatch, tmp_path, opa, there):
    """``go`` writes a file that says what it built, and no release can be reached."""
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    go.write_text(
        '#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\n'
        'printf "#!/bin/sh\\necho Version: %s\\n" "$VERSION" > "$2"\n'
        'echo "$2" | grep -o "[a-z-]*$" >> "$BUILT"\n'
    )
    go.chmod(0o755)
    built, evaluator = tmp_path / "built", tmp_path / "gate-inert"
    built.touch()
    evaluator.touch()
    environment = {
        "PATH": f"{go.parent}{os.pathsep}{os.defpath}",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "GATE_OPA_MIRROR": "http://127.0.0.1:9",
        "BUILT": str(built),
        "VERSION": PINNED,
        **({"GATE_OPA": str(opa.path)} if there != "evaluator" else {}),
        **({"GATE_INERT": str(evaluator)} if there != "opa" else {}),
    }
    gate = [sys.executable, "-m", "gate", "engine", "install", "--missing"]
    done = subprocess.run(gate, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert built.read_text().split() == {"opa": ["gate-inert"], "evaluator": ["opa"], "both": []}[there]
