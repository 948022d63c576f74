import socket
import stat
from pathlib import Path

import pytest
import requests

from gate.engine.bundle import build_bundle
from gate.engine.opa_server import PrivateOpa, _listens
from gate.errors import EngineError


@pytest.fixture(scope="module")
def server(opa):
    private = PrivateOpa(opa, build_bundle().archive)
    private.wait()
    yield private
    private.stop()


def _ask(server, method, path, token=None, **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"http://{server.host}:{server.port}{path}"
    return requests.request(method, url, headers=headers, timeout=5, **more).status_code


@pytest.mark.parametrize("with_token", [False, True])
@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("PUT", "/v1/policies/x", {"data": "package x"}),
        ("DELETE", "/v1/policies/x", {}),
        ("GET", "/v1/policies", {}),
        ("PUT", "/v1/data/gate", {"json": {}}),
        ("PATCH", "/v1/data", {"json": []}),
        ("GET", "/v1/data", {}),
        ("GET", "/v1/data/gate/decision", {}),
        ("POST", "/v1/data", {"json": {}}),
        ("POST", "/v1/data/system/authz", {"json": {}}),
        ("POST", "/v1/data/gate/decision/..%2f..", {"json": {}}),
        ("POST", "/v0/data/gate/decision", {"json": {}}),
        ("POST", "/v1/query", {"json": {"query": "opa.runtime(x)"}}),
        ("POST", "/v1/compile", {"json": {"query": "true"}}),
        ("POST", "/v1/batch/data/gate/decision", {"json": {"inputs": {}}}),
        ("POST", "/", {"json": {}}),
        ("GET", "/", {}),
        ("GET", "/v1/config", {}),
        ("GET", "/v1/status", {}),
        ("GET", "/metrics", {}),
        ("GET", "/debug/pprof/", {}),
    ],
)
def test_nothing_but_the_decision_is_answered(server, method, path, more, with_token):
    assert _ask(server, method, path, server.token if with_token else None, **more) == 401


@pytest.mark.parametrize("token", [None, "guess"])
def test_the_decision_needs_the_token(server, token):
    assert _ask(server, "POST", "/v1/data/gate/decision", token, json={"input": {}}) == 401


def test_the_health_is_public(server):
    assert _ask(server, "GET", "/health") == 200


def test_only_the_loopback_interface_is_used(server):
    rows = [row.split() for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    mine = {row[1] for row in rows if row[1].endswith(f":{server.port:04X}") and row[3] == "0A"}
    six = Path("/proc/net/tcp6").read_text(encoding="ascii")

    assert mine == {f"0100007F:{server.port:04X}"}
    assert f":{server.port:04X} " not in "".join(row for row in six.splitlines(keepends=True) if " 0A " in row)


def test_the_token_is_not_on_the_command_line(server):
    assert server.token.encode() not in Path(f"/proc/{server.process.pid}/cmdline").read_bytes()


def test_the_child_sees_nothing_of_our_environment(opa, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ours")
    private = PrivateOpa(opa, build_bundle().archive)
    private.wait()
    environment = Path(f"/proc/{private.process.pid}/environ").read_bytes()
    private.stop()

    entries = [entry.split(b"=")[0] for entry in environment.rstrip(b"\0").split(b"\0")]
    assert entries == [b"GATE_ENGINE_TOKEN", b"GOGC"]


def test_the_bundle_is_ours_alone_and_gone_when_it_is_loaded(opa, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    private = PrivateOpa(opa, build_bundle().archive)
    (file,) = tmp_path.iterdir()
    mode = stat.S_IMODE(file.stat().st_mode)
    private.wait()
    left = list(tmp_path.iterdir())
    private.stop()

    assert (mode, left) == (0o600, [])


def test_decisions_leave_nothing_in_the_childs_log(opa):
    private = PrivateOpa(opa, build_bundle().archive)
    private.wait()
    answers = {_ask(private, "POST", "/v1/data/gate/decision", private.token, json={"input": {}}) for _ in range(3)}
    said = private.last_words()
    private.stop()

    assert (answers, said) == ({200}, "it logged nothing")


def test_stopping_reaps_the_child(opa, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    private = PrivateOpa(opa, build_bundle().archive)
    private.stop()
    private.stop()

    assert private.process.returncode == -9
    assert not Path(f"/proc/{private.process.pid}").exists()
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_left_for_another(opa, monkeypatch):
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = squatter.getsockname()[1]
        ports = iter([taken, _some_port()])
        monkeypatch.setattr("gate.engine.opa_server._free_port", lambda: next(ports))
        private = PrivateOpa(opa, build_bundle().archive)
        assert not _listens(private.process.pid, taken)
        private.wait()
        private.stop()

    assert private.port != taken


def test_a_bundle_that_is_none_is_an_error(opa):
    private = PrivateOpa(opa, b"not a bundle")
    with pytest.raises(EngineError, match="did not start"):
        private.wait()


def test_a_child_that_never_listens_is_an_error(opa):
    private = PrivateOpa(opa, build_bundle().archive)
    with pytest.raises(EngineError, match="did not listen within 0 s"):
        private.wait(seconds=0)
    private.stop()


def _some_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
