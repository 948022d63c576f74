"""A real cluster for every test in this folder. In CI it is built when missing; elsewhere its lack is a skip."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.cluster.api_server import ApiServer
from tools.cluster.programs import build, folder, missing

HOW = "needs a real kube-apiserver: `make cluster` builds one (minutes) and runs these tests"


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder of etcd, kube-apiserver and kube-controller-manager."""
    if missing():
        if not os.environ.get("CI"):
            pytest.skip(HOW)
        assert shutil.which("go"), "CI needs Go: a real kube-apiserver is built"
        build()
    return folder()


@pytest.fixture(scope="session")
def cluster(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A running cluster. Who changes it puts it back: the next test counts on a fresh one."""
    server = ApiServer(programs, tmp_path_factory.mktemp("cluster"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def applied(cluster: ApiServer) -> Iterator[Callable[[str], None]]:
    """Apply manifests for one test; namespaces stay, since they take their time to end and are quiet."""
    done: list[str] = []

    def apply(manifests: str) -> None:
        done.append(manifests)
        cluster.apply(manifests)

    yield apply
    objects = [body for manifests in done for body in yaml.safe_load_all(manifests) if body["kind"] != "Namespace"]
    gone = yaml.safe_dump_all(objects)
    cluster.kubectl("delete", "--ignore-not-found", "--cascade=foreground", "--wait=true", "-f", "-", stdin=gone)
