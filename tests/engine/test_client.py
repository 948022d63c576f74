"""A remote OPA: a second `opa run` that the engine did not start, with the same authorisation, over TLS."""

import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from gate.engine.bundle import build_bundle
from gate.engine.client import Endpoint, ask, remote_endpoint
from gate.engine.engine import Engine
from gate.errors import DecisionError, EngineError, UsageError
from tests.certificates import self_signed

TOKEN = "the-token-of-the-remote-opa"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def remote(opa, certificate, tmp_path_factory):
    bundle = tmp_path_factory.mktemp("remote") / "bundle.tar.gz"
    bundle.write_bytes(build_bundle().archive)
    with _authorised(opa, certificate, bundle) as url:
        yield url


@contextmanager
def _authorised(opa, certificate, bundle):
    cert, key = certificate
    options = ["--authentication=token", "--authorization=basic", f"--tls-cert-file={cert}"]
    with _serving(opa, *options, f"--tls-private-key-file={key}", "--bundle", str(bundle)) as port:
        yield f"https://localhost:{port}"


@contextmanager
def _serving(opa, *arguments):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [opa.path, "run", "--server", f"--addr=127.0.0.1:{port}", "--skip-version-check", *arguments]
    process = subprocess.Popen(command, env={"GATE_ENGINE_TOKEN": TOKEN}, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield port
    finally:
        process.kill()
        process.wait()


def test_a_remote_opa_is_the_same_code_path(remote, certificate, admin, monkeypatch):
    monkeypatch.setenv("GATE_OPA_TOKEN", TOKEN)
    with Engine() as private, Engine(opa_url=remote, ca_file=certificate[0]) as elsewhere:
        assert (elsewhere.revision, elsewhere.opa_version) == ("unknown", "unknown")
        assert elsewhere.decide(admin) == private.decide(admin)
        assert (elsewhere.revision, elsewhere.opa_version) == (private.revision, private.opa_version)


def test_certificates_may_be_named_by_the_environment(remote, certificate, admin, monkeypatch):
    monkeypatch.setenv("GATE_OPA_TOKEN", TOKEN)
    monkeypatch.setenv("GATE_OPA_CA", str(certificate[0]))
    with Engine() as private, Engine(opa_url=remote) as elsewhere:
        assert elsewhere.decide(admin) == private.decide(admin)


def test_a_certificate_without_its_key_is_refused(monkeypatch):
    monkeypatch.setenv("GATE_OPA_CERT", "client.pem")
    with pytest.raises(UsageError, match="GATE_OPA_CERT and GATE_OPA_KEY must be set together"):
        Engine(opa_url="https://opa.example")


@pytest.mark.parametrize("token", ["", "guess"])
def test_a_remote_opa_wants_its_token(remote, certificate, empty, monkeypatch, token):
    monkeypatch.setenv("GATE_OPA_TOKEN", token)
    with (
        Engine(opa_url=remote, ca_file=certificate[0]) as engine,
        pytest.raises(EngineError, match="rejected"),
    ):
        engine.decide(empty)


def test_an_unknown_certificate_is_an_error(remote, empty, monkeypatch):
    monkeypatch.setenv("GATE_OPA_TOKEN", TOKEN)
    with Engine(opa_url=remote) as engine, pytest.raises(EngineError, match="SSLError"):
        engine.decide(empty)


def test_a_remote_opa_with_fewer_rules_is_no_decision(opa, certificate, tmp_path, empty, monkeypatch):
    from gate.engine import bundle as bundle_module

    root = Path(shutil.copytree(bundle_module.rego_root(), tmp_path / "rego"))
    (root / "gate" / "rules" / "access" / "effective_admin" / "effective_admin.rego").unlink()
    with monkeypatch.context() as patched:
        patched.setattr(bundle_module, "rego_root", lambda: root)
        (tmp_path / "bundle.tar.gz").write_bytes(build_bundle().archive)
    monkeypatch.setenv("GATE_OPA_TOKEN", TOKEN)
    with (
        _authorised(opa, certificate, tmp_path / "bundle.tar.gz") as url,
        Engine(opa_url=url, ca_file=certificate[0]) as engine,
        pytest.raises(DecisionError, match="effective_admin did not"),
    ):
        engine.decide(empty)


def test_an_opa_that_is_not_there_is_an_error(empty):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        with (
            Engine(opa_url=url) as engine,
            pytest.raises(EngineError, match="cannot be reached, or closed the connection"),
        ):
            engine.decide(empty)


def test_an_opa_that_holds_something_else_is_an_error(opa, tmp_path, empty):
    (tmp_path / "other.rego").write_text("package other\n", encoding="utf-8")
    with (
        _serving(opa, str(tmp_path)) as port,
        Engine(opa_url=f"http://127.0.0.1:{port}") as engine,
        pytest.raises(DecisionError, match="without a result"),
    ):
        engine.decide(empty)


def test_something_that_is_not_opa_is_an_error(empty):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1 << 20)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

        thread = threading.Thread(target=answer)
        thread.start()
        with (
            Engine(opa_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as engine,
            pytest.raises(DecisionError, match="is not JSON"),
        ):
            engine.decide(empty)
        thread.join()


def test_a_number_that_json_does_not_know_is_an_error():
    with pytest.raises(DecisionError, match="is not JSON"):
        ask(Endpoint("127.0.0.1", 9, None), {"x": float("nan")}, timeout=1)


def test_the_address_of_an_opa_is_understood(monkeypatch):
    monkeypatch.setenv("GATE_OPA_TOKEN", "t")

    assert remote_endpoint("https://opa.example/team/a/") == Endpoint(
        "opa.example", 443, "t", tls=True, prefix="team/a"
    )
    assert remote_endpoint("http://[::1]:8181") == Endpoint("[::1]", 8181, "t")


@pytest.mark.parametrize(
    "url", ["opa.example", "ftp://opa.example", "http://", "http://h:port", "http://h?x=1", "https://u:p4ssw0rd@h", ""]
)
def test_what_is_no_address_of_an_opa_is_refused(url):
    with pytest.raises(UsageError) as caught:
        remote_endpoint(url)

    assert "p4ssw0rd" not in str(caught.value)


def test_a_proxy_of_the_environment_never_sees_the_model(empty, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with Engine() as engine:
        assert engine.decide(empty)["verdict"] == "allow"


def test_an_entry_in_netrc_does_not_replace_the_token(empty, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with Engine() as engine:
        assert engine.decide(empty)["verdict"] == "allow"


def test_policies_cannot_be_given_to_an_opa_elsewhere(tmp_path):
    with pytest.raises(EngineError, match="cannot be sent to a remote OPA"):
        Engine(policies=[tmp_path], opa_url="http://127.0.0.1:1")


def test_the_library_is_loaded_without_its_asynchronous_half() -> None:
    script = """
import sys
from gate.engine.client import load_client
load_client(), load_client()
print("aiohttp" in sys.modules)
from opa_client.opa_async import AsyncOpaClient
print(AsyncOpaClient.__name__)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("False\nAsyncOpaClient\n", 0)
