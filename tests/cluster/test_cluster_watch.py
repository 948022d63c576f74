"""The watch of a cluster, on a real API server that is restarted, cut off and silent."""

import asyncio
import contextlib
import json

import pytest

from gate.inputs.cluster import kind_watch, watch
from gate.inputs.cluster.connection import connect
from gate.inputs.cluster.kinds import KindName
from gate.inputs.cluster.stored_objects import ObjectKey
from gate.inputs.cluster.watch import ClusterWatch
from tests.cluster.wire import Wire

ACCOUNT, NAMESPACE, POD = KindName("", "ServiceAccount"), KindName("", "Namespace"), KindName("", "Pod")
ROLLOUT = KindName("argoproj.io", "Rollout")
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "example.com/web:1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: alone, namespace: default}
spec: {containers: [{name: alone, image: "example.com/alone:1"}]}
"""
ROLLOUTS = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rollouts.argoproj.io}
spec:
  group: argoproj.io
  names: {plural: rollouts, singular: rollout, kind: Rollout, listKind: RolloutList}
  scope: Namespaced
  versions:
  - name: v1alpha1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""
A_ROLLOUT = """
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web, namespace: default}
"""


@contextlib.asynccontextmanager
async def _watching(kubeconfig, synced=True):
    async with connect(kubeconfig=kubeconfig) as connection, ClusterWatch(connection) as watching:
        if synced:
            await asyncio.wait_for(watching.synced.wait(), 30)
        yield watching


async def _until(condition, what, seconds=40):
    end = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < end, what
        await asyncio.sleep(0.05)


async def _kubectl(cluster, *arguments, stdin=None):
    return await asyncio.to_thread(cluster.kubectl, *arguments, stdin=stdin)


def _account(name):
    return ObjectKey(ACCOUNT, "default", name)


def test_after_the_first_lists_everything_is_there_and_nothing_is_stale(cluster):
    async def story():
        async with _watching(cluster.kubeconfig) as watching:
            await _until(lambda: watching.staleness == 0.0, "every stream is open")
            assert watching.problems == {}
            return {key.name for key in watching.objects if key.kind == NAMESPACE}, watching.objects.copy()

    names, objects = asyncio.run(story())

    assert names == set(cluster.kubectl("get", "ns", "-o", "name").replace("namespace/", "").split())
    assert objects[ObjectKey(KindName("rbac.authorization.k8s.io", "ClusterRole"), "", "cluster-admin")]["rules"]
    assert not any({"managedFields", "status"} & (body.keys() | body["metadata"].keys()) for body in objects.values())
    assert not any(key.kind.kind in ("Secret", "ConfigMap") for key in objects)


def test_a_listener_hears_what_is_there_and_each_change_with_both_sides(cluster):
    heard = []

    async def story():
        async with _watching(cluster.kubeconfig) as watching:
            watching.on_change(lambda old, new: heard.append((old, new)))
            there = len(watching.objects)
            assert [old for old, _ in heard] == [None] * there
            heard.clear()
            await _kubectl(cluster, "create", "sa", "passing", "-n", "default")
            await _kubectl(cluster, "label", "sa", "passing", "-n", "default", "team=shop")
            await _kubectl(cluster, "delete", "sa", "passing", "-n", "default")
            await _until(lambda: len(heard) == 3, "three changes")
            assert _account("passing") not in watching.objects

    asyncio.run(story())

    (nothing, made), (before, labelled), (last, gone) = heard
    assert (nothing, gone) == (None, None)
    assert (made, labelled) == (before, last)
    assert "labels" not in made["metadata"]
    assert labelled["metadata"]["labels"] == {"team": "shop"}
    assert (made["apiVersion"], made["kind"]) == ("v1", "ServiceAccount")


def test_pods_of_a_deployment_are_not_kept_and_a_pod_of_nobody_is(cluster, applied):
    async def story():
        async with _watching(cluster.kubeconfig) as watching:
            await asyncio.to_thread(applied, DEPLOYMENT)
            await _until(lambda: ObjectKey(POD, "default", "alone") in watching.objects, "the pod")
            for _ in range(100):
                pods = json.loads(await _kubectl(cluster, "get", "pods", "-n", "default", "-o", "json"))["items"]
                if len(pods) == 3:
                    break
            assert len(pods) == 3
            await asyncio.sleep(0.5)
            return [key for key in watching.objects if key.kind.kind in ("Deployment", "ReplicaSet", "Pod")]

    kept = asyncio.run(story())

    assert sorted(str(key.kind) + "/" + key.name for key in kept) == ["Deployment.apps/web", "Pod/alone"]


def test_a_crash_of_the_api_server_is_noticed_and_survived(cluster):
    async def story():
        async with _watching(cluster.kubeconfig) as watching:
            cluster.kill("kube-apiserver")
            await _until(lambda: watching.staleness > 0.5, "staleness grows")
            assert watching.problems
            assert watching.synced.is_set()
            there = dict(watching.objects)
            cluster.start_api_server()
            await asyncio.to_thread(cluster.wait_ready)
            await _until(lambda: watching.staleness == 0.0, "every stream is back")
            assert watching.problems == {}
            # What the API server itself writes when it starts aside, nothing came or went.
            assert watching.objects.keys() == there.keys()
            await _kubectl(cluster, "create", "sa", "after-the-crash", "-n", "default")
            await _until(lambda: _account("after-the-crash") in watching.objects, "a new object")
            await _kubectl(cluster, "delete", "sa", "after-the-crash", "-n", "default")
            await _until(lambda: _account("after-the-crash") not in watching.objects, "its end")

    asyncio.run(story())


def test_what_ended_unseen_is_told_when_the_history_is_gone(cluster, tmp_path):
    heard = []

    async def story():
        async with Wire(int(cluster.url.rpartition(":")[2])) as wire:
            await _kubectl(cluster, "create", "sa", "short-lived", "-n", "default")
            kubeconfig = wire.kubeconfig(cluster.kubeconfig, tmp_path / "wired")
            async with _watching(kubeconfig) as watching:
                watching.on_change(lambda old, new: heard.append((old, new)))
                heard.clear()
                assert _account("short-lived") in watching.objects
                await wire.cut()
                await _until(lambda: watching.staleness > 0.2, "the cut is noticed")
                await _kubectl(cluster, "delete", "sa", "short-lived", "-n", "default")
                # A new API server knows nothing of what happened before it: 410 Gone to whoever goes on from there.
                cluster.kill("kube-apiserver")
                cluster.start_api_server()
                await asyncio.to_thread(cluster.wait_ready)
                await wire.mend(wire.listening)
                await _until(lambda: watching.staleness == 0.0, "every stream is back")
                assert _account("short-lived") not in watching.objects

    asyncio.run(story())

    assert [(old["metadata"]["name"], new) for old, new in heard if old and not new] == [("short-lived", None)]


def test_a_silent_connection_counts_as_broken(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(kind_watch, "SILENCE", 1.0)

    async def story():
        async with Wire(int(cluster.url.rpartition(":")[2])) as wire:
            kubeconfig = wire.kubeconfig(cluster.kubeconfig, tmp_path / "wired")
            async with _watching(kubeconfig) as watching:
                with wire.silent():
                    await _until(lambda: watching.staleness > 2.0, "the silence is noticed")
                    await _kubectl(cluster, "create", "sa", "in-the-dark", "-n", "default")
                await _until(lambda: _account("in-the-dark") in watching.objects, "what was missed")
                await _kubectl(cluster, "delete", "sa", "in-the-dark", "-n", "default")

    asyncio.run(story())


def test_watches_that_the_server_ends_go_on_without_a_gap(cluster, monkeypatch):
    monkeypatch.setattr(kind_watch, "_OPEN", (1, 2))
    heard = []

    async def story():
        async with _watching(cluster.kubeconfig) as watching:
            watching.on_change(lambda old, new: heard.append((old, new)))
            heard.clear()
            for number in range(6):
                await _kubectl(cluster, "create", "sa", f"step-{number}", "-n", "default")
                await asyncio.sleep(0.5)
            await _until(lambda: len(heard) == 6, "six new objects")
            assert watching.staleness < 1.0
            await _kubectl(cluster, "delete", "sa", "-n", "default", *(f"step-{number}" for number in range(6)))
            await _until(lambda: len(heard) == 12, "their end")

    asyncio.run(story())

    assert [new["metadata"]["name"] for _, new in heard[:6]] == [f"step-{number}" for number in range(6)]


def test_a_kind_that_comes_and_goes_is_watched_while_it_is_served(cluster, monkeypatch):
    monkeypatch.setattr(watch, "_LOOK_AGAIN", 0.5)
    monkeypatch.setattr(watch, "_RETRY", 0.5)

    async def story():
        async with _watching(cluster.kubeconfig) as watching:
            assert ROLLOUT not in watching.kinds
            await _kubectl(cluster, "apply", "-f", "-", stdin=ROLLOUTS)
            try:
                await _kubectl(cluster, "wait", "--for=condition=Established", "crd/rollouts.argoproj.io")
                await _until(lambda: ROLLOUT in watching.kinds, "the new kind")
                await _kubectl(cluster, "apply", "-f", "-", stdin=A_ROLLOUT)
                await _until(lambda: ObjectKey(ROLLOUT, "default", "web") in watching.objects, "its object")
            finally:
                await _kubectl(cluster, "delete", "crd", "rollouts.argoproj.io")
            await _until(lambda: ROLLOUT not in watching.kinds, "the end of the kind")
            assert ObjectKey(ROLLOUT, "default", "web") not in watching.objects
            await _until(lambda: watching.staleness == 0.0, "nothing is stale")

    asyncio.run(story())


@pytest.mark.parametrize("away", [False, True])
def test_a_cluster_that_cannot_be_read_never_counts_as_known(cluster, tmp_path, away):
    async def story():
        async with Wire(int(cluster.url.rpartition(":")[2])) as wire:
            kubeconfig = wire.kubeconfig(cluster.as_user("nobody-in-particular"), tmp_path / "wired")
            if away:
                await wire.cut()
            async with _watching(kubeconfig, synced=False) as watching:
                await _until(lambda: len(watching.problems) >= (1 if away else 10), "problems are told")
                await asyncio.sleep(0.5)
                assert not watching.synced.is_set()
                assert watching.staleness > 0.4
                assert watching.objects == {}
                return watching.problems

    problems = asyncio.run(story())

    assert "cannot be reached" in problems["discovery"] if away else "403 Forbidden" in problems["Pod"]
