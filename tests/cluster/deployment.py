"""The manifests of `deploy/` in a test cluster."""

from __future__ import annotations

import base64
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.cluster.api_server import ApiServer

DEPLOY = Path(__file__).parents[2] / "deploy"
MINE = ("-l", "test=deployment")
"""Selects what ``namespace`` makes."""


def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait for a condition."""
    end = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < end, what or condition
        time.sleep(0.1)


def namespace(name: str, **labels: str) -> str:
    """The manifest of a namespace."""
    metadata = {"name": name, "labels": {"test": "deployment", **labels}}
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})


@contextmanager
def installed(cluster: ApiServer, folder: Path) -> Iterator[Path]:
    """Everything but the webhooks, as docs/admission.md says; yields the overlay, a copy with the test's authority."""
    shutil.copytree(DEPLOY, folder)
    bundle = base64.b64encode(cluster.authority.certificate.read_bytes()).decode()
    overlay = folder / "given-secret"
    authority = overlay / "authority.yaml"
    authority.write_text(authority.read_text().replace('caBundle: ""', f'caBundle: "{bundle}"'))
    all_but_webhooks = ("-l", "app.kubernetes.io/component!=webhooks")
    done = cluster.try_kubectl("apply", "--server-side", "-k", str(overlay), *all_but_webhooks)
    assert not done.returncode and not done.stderr, done.stderr
    yield overlay
    cluster.kubectl("delete", "validatingadmissionpolicybinding", "gate-exemptions")
    delete = ("delete", "-k", str(overlay), "--ignore-not-found")
    until(lambda: cluster.try_kubectl(*delete).returncode == 0, "the deployment does not go")
