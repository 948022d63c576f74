"""Connections and lists on a real API server: a pod's own account, exec plugins that renew, pages."""

import asyncio
import datetime
import json

import pytest
import yaml
from kubernetes_asyncio.config import incluster_config

from gate.inputs.cluster import listing
from gate.inputs.cluster.connection import connect
from gate.inputs.cluster.kinds import KindName, served
from gate.inputs.cluster.listing import list_objects

ROLES = KindName("rbac.authorization.k8s.io", "ClusterRole")


def _token(cluster, account):
    return yaml.safe_load(cluster.as_account("kube-system", account).read_text())["users"][0]["user"]["token"]


async def _who(connection):
    """Whom the API server takes us for: it names the user whom it forbids something."""
    path = "/api/v1/namespaces/default/secrets"
    async with connection._api.rest_client.pool_manager.get(
        connection._api.configuration.host + path,
        headers={"authorization": (await connection._api.configuration.auth_settings())["BearerToken"]["value"]},
    ) as response:
        return (await response.json())["message"].split('"')[1]


def test_in_a_pod_the_token_is_read_again_when_the_kubelet_has_renewed_it(cluster, tmp_path, monkeypatch):
    file = tmp_path / "token"
    file.write_text(_token(cluster, "default"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", cluster.url.rpartition(":")[2])
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(file))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(cluster.authority.certificate))
    monkeypatch.setattr(incluster_config, "TOKEN_REFRESH_PERIOD", datetime.timedelta(0))

    async def story():
        async with connect(in_cluster=True) as connection:
            first = await _who(connection)
            file.write_text(_token(cluster, "job-controller"))
            return connection.name, first, await _who(connection)

    assert asyncio.run(story()) == (
        "in-cluster",
        "system:serviceaccount:kube-system:default",
        "system:serviceaccount:kube-system:job-controller",
    )


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")  # the client library's own
def test_a_plugins_token_is_renewed_when_it_runs_out(cluster, tmp_path):
    calls, plugin = tmp_path / "calls", tmp_path / "plugin"
    answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}
    over = {"token": _token(cluster, "default"), "expirationTimestamp": "2020-01-01T00:00:00Z"}
    plugin.write_text(f"#!/bin/sh\necho x >>{calls}\ncat <<'END'\n{json.dumps({**answer, 'status': over})}\nEND\n")
    plugin.chmod(0o700)
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["users"][0]["user"] = {"exec": {"apiVersion": answer["apiVersion"], "command": str(plugin)}}
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(config))

    async def story():
        async with connect(kubeconfig=kubeconfig) as connection:
            before = calls.read_text().count("x")
            await connection.get("/api")
            return before, calls.read_text().count("x")

    before, after = asyncio.run(story())

    assert (before, after > before) == (1, True)


def test_a_list_in_pages_is_the_whole_list(cluster, monkeypatch):
    monkeypatch.setattr(listing, "_PAGE", 7)

    async def story():
        async with connect(kubeconfig=cluster.kubeconfig) as connection:
            resource = next(r for r in (await served(connection)).resources if r.name == ROLES)
            return await list_objects(connection, resource)

    listed = asyncio.run(story())

    names = [body["metadata"]["name"] for body in listed.objects]
    assert sorted(names) == sorted(
        cluster.kubectl("get", "clusterroles", "-o", "name")
        .replace("clusterrole.rbac.authorization.k8s.io/", "")
        .split()
    )
    assert {(body["apiVersion"], body["kind"]) for body in listed.objects} == {
        ("rbac.authorization.k8s.io/v1", "ClusterRole")
    }
    assert listed.version.isdigit()


def test_what_is_served_is_found_out_in_the_preferred_version(cluster):
    async def story():
        async with connect(kubeconfig=cluster.kubeconfig) as connection:
            return await served(connection, lambda group, kind: kind in ("Deployment", "HorizontalPodAutoscaler"))

    found = asyncio.run(story())

    assert {(r.api_version, r.path("shop")) for r in found.resources} == {
        ("apps/v1", "/apis/apps/v1/namespaces/shop/deployments"),
        ("autoscaling/v2", "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers"),
    }
    assert found.stale == ()
