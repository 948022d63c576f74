import hashlib
import os
from pathlib import Path

import pytest

from gate.engine.binary import Opa, cached_executable, checksum_record, find_opa, version_of
from gate.engine.engine import Engine
from gate.errors import EngineError, EngineNotFound


@pytest.fixture
def nowhere(monkeypatch, tmp_path) -> Path:
    """A machine without OPA: no GATE_OPA, an empty PATH, an empty cache."""
    monkeypatch.delenv("GATE_OPA", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "bin").mkdir()
    return tmp_path


def _program(path: Path, says: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho run >> "{path}.runs"\necho "{says}"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


def test_without_opa_the_next_step_is_told(nowhere):
    with pytest.raises(EngineNotFound) as caught:
        find_opa()

    assert caught.value.hint == "run `gate engine install`, or set GATE_OPA to an opa executable"


def test_the_one_on_path_is_found(nowhere):
    program = _program(nowhere / "bin" / "opa", "Version: 1.30.0")

    assert find_opa() == Opa(program, "1.30.0")


@pytest.mark.parametrize("version", ["0.70.0", "1.21.9", "2.0.0"])
def test_a_wrong_version_on_path_is_passed_over_for_the_cache(nowhere, version):
    _program(nowhere / "bin" / "opa", f"Version: {version}")
    with pytest.raises(EngineNotFound, match=f"is version {version}"):
        find_opa()
    cached = _program(cached_executable(), "Version: 1.22.2")

    assert find_opa() == Opa(cached, "1.22.2")


def test_a_wrong_version_that_was_chosen_is_an_error(nowhere, monkeypatch):
    monkeypatch.setenv("GATE_OPA", str(_program(nowhere / "old", "Version: 0.70.0")))
    _program(cached_executable(), "Version: 1.22.2")
    with pytest.raises(EngineError, match=r"GATE_OPA is .*old, version 0\.70\.0: OPA >= 1\.22 and < 2 is needed"):
        find_opa()


def test_a_chosen_file_that_is_not_there_is_an_error(nowhere, monkeypatch):
    monkeypatch.setenv("GATE_OPA", str(nowhere / "missing"))
    with pytest.raises(EngineNotFound, match="which is not a file"):
        find_opa()


def test_something_else_called_opa_is_an_error(nowhere, monkeypatch):
    monkeypatch.setenv("GATE_OPA", str(_program(nowhere / "opa", "hello")))
    with pytest.raises(EngineError, match="does not print a version as OPA does"):
        find_opa()


def test_a_file_that_does_not_run_is_an_error(nowhere, monkeypatch):
    (nowhere / "opa").write_text("", encoding="utf-8")
    monkeypatch.setenv("GATE_OPA", str(nowhere / "opa"))
    with pytest.raises(EngineError, match="does not run: PermissionError"):
        find_opa()


def _installed(says: str = "Version: 1.22.2") -> Path:
    """An executable in the cache with the checksum that its installation would have recorded."""
    program = _program(cached_executable(), says)
    checksum_record().write_text(hashlib.sha256(program.read_bytes()).hexdigest() + "\n", encoding="ascii")
    return program


@pytest.mark.parametrize("by", ["caller", "environment"])
def test_a_fake_on_path_is_passed_over_where_the_engine_is_pinned(nowhere, monkeypatch, by):
    _program(nowhere / "bin" / "opa", "Version: 1.22.2")
    if by == "environment":
        monkeypatch.setenv("GATE_ENGINE", "pinned")
    with pytest.raises(EngineNotFound, match="was not installed by the gate"):
        find_opa(pinned=by == "caller")
    _program(cached_executable(), "Version: 1.22.2")  # put there by hand: nobody recorded it
    with pytest.raises(EngineNotFound, match="was not installed by the gate"):
        find_opa(pinned=by == "caller")
    installed = _installed()
    assert find_opa(pinned=by == "caller") == Opa(installed, "1.22.2")


def test_a_pinned_executable_that_was_replaced_does_not_judge(nowhere):
    program = _installed()
    before = program.stat()
    assert find_opa(pinned=True).path == program
    text = program.read_text(encoding="utf-8")
    program.write_text(text.replace("echo run", "echo RUN"), encoding="utf-8")
    os.utime(program, ns=(before.st_atime_ns, before.st_mtime_ns))  # as large and as old as it was
    with pytest.raises(EngineError, match=r"has checksum [0-9a-f]{64}, and [0-9a-f]{64} was installed"):
        find_opa(pinned=True)


def test_a_chosen_executable_is_an_error_where_the_engine_is_pinned(nowhere, monkeypatch):
    installed = _installed()
    monkeypatch.setenv("GATE_OPA", str(_program(nowhere / "mine", "Version: 1.22.2")))
    with pytest.raises(EngineError, match="GATE_OPA names another executable"):
        find_opa(pinned=True)
    monkeypatch.setenv("GATE_OPA", str(installed))
    assert find_opa(pinned=True).path == installed


def test_a_wrong_word_in_the_environment_pins_nothing_in_silence(nowhere, monkeypatch):
    monkeypatch.setenv("GATE_ENGINE", "pined")
    with pytest.raises(EngineError, match="must be any or pinned"):
        find_opa()


def test_an_engine_elsewhere_is_an_error_where_the_engine_is_pinned(nowhere):
    with pytest.raises(EngineError, match="a remote OPA was named"):
        Engine(opa_url="http://127.0.0.1:9", pinned=True)


def test_the_version_is_asked_once_until_the_file_changes(nowhere):
    program = _program(nowhere / "opa", "Version: 1.22.2")
    versions = [version_of(program), version_of(program)]
    _program(program, "Version: 1.23.4")
    os.utime(program, ns=(0, 0))
    versions.append(version_of(program))

    assert versions == ["1.22.2", "1.22.2", "1.23.4"]
    assert Path(f"{program}.runs").read_text(encoding="utf-8").count("run") == 2


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 7}'])
def test_a_damaged_memory_of_versions_is_no_obstacle(nowhere, content):
    memory = nowhere / "cache" / "nhi-gate" / "opa-versions.json"
    memory.parent.mkdir(parents=True)
    memory.write_text(content, encoding="utf-8")

    assert version_of(_program(nowhere / "opa", "Version: 1.22.2")) == "1.22.2"


def test_a_cache_that_cannot_be_written_is_no_obstacle(nowhere, monkeypatch):
    (nowhere / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(nowhere / "file"))

    assert version_of(_program(nowhere / "opa", "Version: 1.22.2")) == "1.22.2"
