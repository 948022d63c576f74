"""A real Kubernetes control plane on loopback: etcd, kube-apiserver and kube-controller-manager, no node."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.cluster.certificates import Authority

_PATIENCE = 90.0
_LIBC = ctypes.CDLL(None)
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class ApiServer:
    """Programs from ``programs``, everything they write in ``folder``. ``kubeconfig``: of an administrator."""

    programs: Path
    folder: Path
    authority: Authority = field(init=False)
    kubeconfig: Path = field(init=False)
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.authority = Authority(self.folder / "pki")
        self._etcd, self._etcd_peer, self._port = free_port(), free_port(), free_port()
        self.url = f"https://127.0.0.1:{self._port}"
        self._accounts_key, self._accounts_public = _signing_key(self.folder / "pki")
        self._serving = self.authority.issue("kube-apiserver", "server", addresses=("127.0.0.1", "10.96.0.1"))
        self.kubeconfig = self.as_user("admin", "system:masters")

    def as_user(self, name: str, group: str = "people", context: str = "test") -> Path:
        """A kubeconfig of a user with a certificate."""
        leaf = self.authority.issue(name, "client", organization=group)
        return self._write_kubeconfig(
            name, {"client-certificate": str(leaf.certificate), "client-key": str(leaf.key)}, context
        )

    def as_account(self, namespace: str, name: str) -> Path:
        """A kubeconfig of a service account, with a token of ten minutes."""
        token = self.kubectl("create", "token", name, "-n", namespace, "--duration=10m").strip()
        return self._write_kubeconfig(f"{namespace}-{name}", {"token": token}, "test")

    def _write_kubeconfig(self, name: str, user: Mapping[str, str], context: str) -> Path:
        path = self.folder / f"{name}.kubeconfig"
        path.touch(mode=0o600)
        cluster = {"server": self.url, "certificate-authority": str(self.authority.certificate)}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": name, "user": dict(user)}],
            "contexts": [{"name": context, "context": {"cluster": "test", "user": name}}],
            "current-context": context,
        }
        path.write_text(yaml.safe_dump(document))
        return path

    def start(self) -> None:
        """Start everything and wait until it is a cluster: the first namespaces and accounts are there."""
        self.start_etcd()
        self.start_api_server()
        self.wait_ready()
        self.start_controllers()
        self._wait("the controllers", lambda: self._succeeds("get", "sa", "default", "-n", "default"))
        self._wait("the built-in roles", lambda: "pods" in self.kubectl("get", "clusterrole", "view", "-o", "yaml"))

    def start_etcd(self) -> None:
        """Start etcd; what it held in ``folder`` is there again."""
        url, peer = f"http://127.0.0.1:{self._etcd}", f"http://127.0.0.1:{self._etcd_peer}"
        self._run(
            "etcd",
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={url}",
            f"--advertise-client-urls={url}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
        )

    def start_api_server(self, *flags: str) -> None:
        """Start kube-apiserver without waiting for it."""
        self._run(
            "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{self._etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self._port}",
            "--endpoint-reconciler-type=none",
            f"--tls-cert-file={self._serving.certificate}",
            f"--tls-private-key-file={self._serving.key}",
            f"--client-ca-file={self.authority.certificate}",
            f"--cert-dir={self.folder / 'pki'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={self._accounts_public}",
            f"--service-account-signing-key-file={self._accounts_key}",
            "--service-cluster-ip-range=10.96.0.0/24",
            "--authorization-mode=RBAC",
            "--anonymous-auth=false",
            "--allow-privileged=true",
            "--profiling=false",
            *flags,
        )

    def start_controllers(self) -> None:
        """Start kube-controller-manager: default accounts, aggregated roles, ReplicaSets and pods, namespaces' ends."""
        kubeconfig = self.as_user("system:kube-controller-manager", "system:kube-controller-manager")
        self._run(
            "kube-controller-manager",
            f"--kubeconfig={kubeconfig}",
            f"--service-account-private-key-file={self._accounts_key}",
            f"--root-ca-file={self.authority.certificate}",
            "--use-service-account-credentials=true",
            "--leader-elect=false",
            "--secure-port=0",
            "--profiling=false",
        )

    def wait_ready(self) -> None:
        """Wait until kube-apiserver says it is ready, built-in roles and all."""
        self._wait("kube-apiserver", lambda: self._succeeds("get", "--raw", "/readyz"))

    def kill(self, name: str) -> None:
        """End one program at once, as a crash would."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """End everything; harmless when it ended already."""
        for name in reversed(list(self._running)):
            self.kill(name)

    def kubectl(self, *arguments: str, stdin: str | None = None, kubeconfig: Path | None = None) -> str:
        """What kubectl prints. Raises ``CalledProcessError`` with what it says when it fails."""
        done = self.try_kubectl(*arguments, stdin=stdin, kubeconfig=kubeconfig)
        if done.returncode:
            raise AssertionError(f"kubectl {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def try_kubectl(
        self, *arguments: str, stdin: str | None = None, kubeconfig: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run kubectl, whatever comes of it."""
        program = shutil.which("kubectl") or str(self.programs / "kubectl")
        command = [program, "--kubeconfig", str(kubeconfig or self.kubeconfig), *arguments]
        return subprocess.run(command, input=stdin, text=True, capture_output=True, check=False, timeout=60)

    def apply(self, manifests: str) -> None:
        """``kubectl apply`` of YAML."""
        self.kubectl("apply", "-f", "-", stdin=manifests)

    def _succeeds(self, *arguments: str) -> bool:
        return self.try_kubectl(*arguments).returncode == 0

    def _run(self, name: str, *flags: str) -> None:
        # What a thread starts would die with the thread.
        assert threading.current_thread() is threading.main_thread()
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [str(self.programs / name), *flags],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, "GOMAXPROCS": "2"},
                start_new_session=True,  # Ctrl-C is for pytest, which ends them in its own order
                preexec_fn=_die_with_parent,
            )

    def _wait(self, what: str, ready: object) -> None:
        assert callable(ready)
        end = time.monotonic() + _PATIENCE
        while not ready():
            dead = [name for name, process in self._running.items() if process.poll() is not None]
            if dead or time.monotonic() > end:
                name = dead[0] if dead else "kube-apiserver"
                log = (self.folder / f"{name}.log").read_text(errors="replace").splitlines()[-15:]
                self.stop()
                raise AssertionError("\n".join([f"{what} did not come up; the end of {name}'s log:", *log]))
            time.sleep(0.2)


def _die_with_parent() -> None:
    _LIBC.prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _signing_key(folder: Path) -> tuple[Path, Path]:
    """The key that signs service account tokens, and its public half."""
    key = ec.generate_private_key(ec.SECP256R1())
    private, public = folder / "accounts.key", folder / "accounts.pub"
    private.touch(mode=0o600)
    pem = serialization.Encoding.PEM
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    return private, public
