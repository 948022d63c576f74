"""Kubeconfigs that lead nowhere: a sentence each, and nothing of the file in it."""

import asyncio
from pathlib import Path

import pytest

from gate.errors import ClusterError
from gate.inputs.cluster.connection import connect

SECRET = "s3cr3t-that-stays-here"
HINT = "--kubeconfig FILE and --context NAME choose one; `kubectl config get-contexts` lists what there is."


def _refused(**how) -> ClusterError:
    async def story():
        async with connect(**how):
            pass

    with pytest.raises(ClusterError) as error:
        asyncio.run(story())
    assert SECRET not in f"{error.value.message} {error.value.hint}"
    return error.value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a usable kubeconfig."),
        ("[]", "is not a usable kubeconfig."),
        (f"token: [{SECRET}", "is not a usable kubeconfig."),
        ("{apiVersion: v1, kind: Config, contexts: [], clusters: [], users: []}", "it does not set a current context."),
        ("{current-context: a, contexts: [], clusters: [], users: []}", "its current context does not exist."),
        (
            "{current-context: a, contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [], users: []}",
            "it is not a usable kubeconfig.",
        ),
        (
            "{current-context: a, contexts: [{name: a, context: {cluster: c, user: u}}],"
            " clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1', certificate-authority-data: bm8=}}],"
            f" users: [{{name: u, user: {{token: {SECRET}}}}}]}}",
            "a: the certificates of the kubeconfig cannot be used.",
        ),
        (
            "{current-context: a, contexts: [{name: a, context: {cluster: c, user: u}}],"
            " clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}],"
            f" users: [{{name: u, user: {{exec: {{apiVersion: v1, command: /none/{SECRET}}}}}}}]}}",
            "not a usable kubeconfig.",
        ),
    ],
)
def test_a_kubeconfig_that_cannot_be_used(tmp_path: Path, text: str, said: str):
    path = tmp_path / "config"
    path.write_text(text)

    assert _refused(kubeconfig=path).message.endswith(said)


def test_no_kubeconfig_at_all(tmp_path: Path):
    error = _refused(kubeconfig=tmp_path / "none")

    assert error.message == f"{tmp_path / 'none'}: there is no kubeconfig."
    assert error.hint == HINT


def test_the_environment_names_a_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "config"
    path.write_text(
        "{current-context: a, contexts: [{name: a, context: {cluster: c, user: u}}],"
        " clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}], users: [{name: u, user: {token: t}}]}"
    )
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'none'}:{path}")

    async def story():
        async with connect() as cluster:
            assert cluster.name == "a"
            with pytest.raises(ClusterError, match="the API server cannot be reached"):
                await cluster.get("/api")

    asyncio.run(story())


def test_outside_of_a_pod_there_is_no_account(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)

    assert _refused(in_cluster=True).message == "No service account is available here to read the cluster."
