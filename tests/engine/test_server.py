import os
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from gate.engine.bundle import build_bundle
from gate.engine.client import ask
from gate.engine.doors import LoopbackDoor, SocketDoor
from gate.engine.opa_server import PrivateOpa
from gate.engine.unix_socket import UnixSocketAdapter
from gate.errors import EngineError


@pytest.fixture(scope="module")
def long_folder(tmp_path_factory):
    """A temporary folder too deep for the path of a socket, so that OPA listens on the loopback interface."""
    return str(tmp_path_factory.mktemp("x" * 100))


@pytest.fixture(scope="module")
def server(opa, long_folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", long_folder)
        private = PrivateOpa(opa, build_bundle().archive)
    private.wait()
    yield private
    private.stop()


@pytest.fixture
def private(opa, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    private = PrivateOpa(opa, build_bundle().archive)
    private.wait()
    yield private
    private.stop()


def test_only_our_user_may_enter_where_the_socket_is(private, tmp_path):
    (folder,) = tmp_path.iterdir()
    (socket_file,) = folder.iterdir()

    assert isinstance(private.door, SocketDoor)
    assert stat.S_ISSOCK(socket_file.stat().st_mode)
    assert [stat.S_IMODE(place.stat().st_mode) for place in (folder, socket_file)] == [0o700, 0o600]


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can be another user")
def test_another_user_does_not_reach_the_socket(private):
    program = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    python = [str(Path(sys.executable).resolve()), "-I", "-S", "-c", program, str(private.door.path)]

    assert subprocess.run(python, capture_output=True, check=False).returncode == 0
    refused = subprocess.run([*other, *python], capture_output=True, check=False)
    assert refused.returncode != 0
    assert b"Permission denied" in refused.stderr


def test_no_port_is_listened_on(private):
    listening = [row.split()[9] for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    own = {str(fd.readlink()) for fd in Path(f"/proc/{private.process.pid}/fd").iterdir()}

    assert not {f"socket:[{inode}]" for inode in listening} & own


def test_the_policies_that_judge_cannot_be_replaced_through_the_socket(private, empty):
    session = requests.Session()
    session.mount("http://", UnixSocketAdapter(private.door.path))
    for method, path, body in (
        ("PUT", "/v1/policies/x", "package gate.rules.x\n"),
        ("PUT", "/v1/data/gate/knowledge", "{}"),
        ("PUT", "/v1/data/organisation", "{}"),
    ):
        assert session.request(method, f"http://localhost{path}", data=body, timeout=5).status_code == 400
    session.close()
    assert ask(private.door.endpoint, empty, timeout=5).result["verdict"] == "allow"


def _ask(server, method, path, token=None, **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"http://{server.door.endpoint.host}:{server.door.port}{path}"
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
    assert _ask(server, method, path, server.door.token if with_token else None, **more) == 401


@pytest.mark.parametrize("token", [None, "guess"])
def test_the_decision_needs_the_token(server, token):
    assert _ask(server, "POST", "/v1/data/gate/decision", token, json={"input": {}}) == 401


def test_the_health_is_public(server):
    assert _ask(server, "GET", "/health") == 200


def test_only_the_loopback_interface_is_used(server):
    rows = [row.split() for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    mine = {row[1] for row in rows if row[1].endswith(f":{server.door.port:04X}") and row[3] == "0A"}
    six = Path("/proc/net/tcp6").read_text(encoding="ascii")

    assert mine == {f"0100007F:{server.door.port:04X}"}
    assert f":{server.door.port:04X} " not in "".join(row for row in six.splitlines(keepends=True) if " 0A " in row)


def test_the_token_is_not_on_the_command_line(server):
    assert server.door.token.encode() not in Path(f"/proc/{server.process.pid}/cmdline").read_bytes()


def test_the_child_sees_nothing_of_our_environment(opa, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ours")
    private = PrivateOpa(opa, build_bundle().archive)
    private.wait()
    environment = Path(f"/proc/{private.process.pid}/environ").read_bytes()
    private.stop()

    entries = [entry.split(b"=")[0] for entry in environment.rstrip(b"\0").split(b"\0")]
    assert entries == [b"GOGC"]


def test_the_bundle_is_ours_alone_and_gone_when_it_is_loaded(opa, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    private = PrivateOpa(opa, build_bundle().archive)
    (folder,) = tmp_path.iterdir()
    mode = stat.S_IMODE(folder.stat().st_mode)
    before = {path.name for path in folder.iterdir()}
    private.wait()
    after = {path.name for path in folder.iterdir()}
    private.stop()

    assert mode == 0o700
    assert "bundle.tar.gz" in before - after


def test_decisions_leave_nothing_in_the_childs_log(server, private, empty):
    for one in (server, private):
        for _ in range(3):
            ask(one.door.endpoint, empty, timeout=5)

    assert [one.last_words() for one in (server, private)] == ["it logged nothing", "it logged nothing"]


def test_stopping_reaps_the_child(opa, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    private = PrivateOpa(opa, build_bundle().archive)
    private.stop()
    private.stop()

    assert private.process.returncode == -9
    assert not Path(f"/proc/{private.process.pid}").exists()
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_left_for_another(opa, long_folder, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", long_folder)
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = squatter.getsockname()[1]
        ports = iter([taken, _some_port()])
        monkeypatch.setattr("gate.engine.doors.free_port", lambda: next(ports))
        private = PrivateOpa(opa, build_bundle().archive)
        assert not LoopbackDoor(taken).is_open(private.process.pid)
        private.wait()
        private.stop()

    assert private.door.port != taken


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
