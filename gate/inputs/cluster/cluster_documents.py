"""A running cluster as documents: what it holds now, to be judged like manifests."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection

from gate.inputs.cluster.connection import Cluster, ClusterStatus
from gate.inputs.cluster.kinds import KINDS, KindName, Resource, Wanted, served
from gate.inputs.cluster.listing import Listed, list_objects
from gate.inputs.cluster.stored_objects import Body
from gate.inputs.documents import Documents, Manifest, SourceFile, UnreadDocument

KIND = "kubernetes-cluster"
_AT_ONCE = 6
_SECRET, _CONFIG_MAP = KindName("", "Secret"), KindName("", "ConfigMap")
_TOKENS = {"fieldSelector": "type=kubernetes.io/service-account-token"}
_AWS_AUTH = {"fieldSelector": "metadata.name=aws-auth"}
_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_MAY_NOT = "Let the gate list it (docs/cluster.md has the least role that it needs), or use other credentials."


def manifest(body: Body, file: SourceFile) -> Manifest:
    """An object of a cluster: it stands in no file, so it has no lines."""
    metadata = body["metadata"]
    return Manifest(
        file, body["apiVersion"], body["kind"], metadata.get("namespace"), metadata["name"], body, location=None
    )


async def read_cluster(
    cluster: Cluster, wanted: Wanted, *, namespace: str | None = None, extra: Collection[str] = ()
) -> Documents:
    """Every object of the kinds wanted; of one ``namespace`` and of the cluster itself when one is given.

    ``extra``: ``configmaps`` are read for plaintext secrets; of ``secrets`` only names and annotations of those that
    hold a service account's token, never a value. A kind that cannot be read is an ``UnreadDocument``. Raises
    ``ClusterError`` when the API server does not answer.
    """
    answer = await served(cluster, lambda group, kind: wanted(group, kind) or (group, kind) in (_SECRET, _CONFIG_MAP))
    documents = Documents(whole=True)
    for group in answer.stale:
        if group in KINDS:
            documents.unread.append(_unread(cluster, group, "the server behind this API does not answer"))
    permits = asyncio.Semaphore(_AT_ONCE)

    async def listed(resource: Resource) -> Listed | ClusterStatus:
        async with permits:
            try:
                return await _list(cluster, resource, namespace, extra)
            except ClusterStatus as error:
                if error.code == 401:
                    raise
                return error

    found = await asyncio.gather(*(listed(resource) for resource in answer.resources))
    bodies: list[Body] = []
    for resource, one in zip(answer.resources, found, strict=True):
        if isinstance(one, Listed):
            bodies += one.objects
        else:
            reason = f"the API server answered {one.code} {one.reason}"
            documents.unread.append(_unread(cluster, f"{resource.plural}.{resource.name.group}".rstrip("."), reason))
    file = SourceFile(f"cluster://{cluster.name}", KIND, _digest(bodies))
    documents.files.append(file)
    documents.manifests += [manifest(body, file) for body in bodies if not _of_others(body, namespace)]
    return documents


async def _list(cluster: Cluster, resource: Resource, namespace: str | None, extra: Collection[str]) -> Listed:
    if resource.name == _SECRET:
        if "secrets" not in extra:
            return Listed((), "")
        tokens = await list_objects(cluster, resource, namespace, _TOKENS, accept=_METADATA)
        return Listed(tuple({**t, "type": "kubernetes.io/service-account-token"} for t in tokens.objects), "")
    if resource.name == _CONFIG_MAP and "configmaps" not in extra:
        return await list_objects(cluster, resource, "kube-system", _AWS_AUTH)
    return await list_objects(cluster, resource, namespace)


def _of_others(body: Body, namespace: str | None) -> bool:
    """Whether it is another namespace, or a cluster-wide binding of nobody in the one that is looked at."""
    if namespace is not None and body["kind"] == "Namespace":
        return bool(body["metadata"]["name"] != namespace)
    if namespace is None or body["kind"] != "ClusterRoleBinding":
        return False
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    subjects = body.get("subjects") or ()
    return not any(s.get("namespace") == namespace or s.get("name") in groups for s in subjects)


def _unread(cluster: Cluster, what: str, reason: str) -> UnreadDocument:
    return UnreadDocument(None, "list", reason, _MAY_NOT, f"cluster://{cluster.name}/{what}")


def _digest(bodies: list[Body]) -> str:
    """Of what was read: the objects' uids and versions."""
    versions = sorted((str(b["metadata"].get("uid")), str(b["metadata"].get("resourceVersion"))) for b in bodies)
    return hashlib.sha256(repr(versions).encode()).hexdigest()
