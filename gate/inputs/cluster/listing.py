"""Every object of a kind, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gate.errors import ClusterError
from gate.inputs.cluster.connection import Cluster, ClusterStatus
from gate.inputs.cluster.kinds import Resource
from gate.inputs.cluster.stored_objects import Body, trimmed

GONE = 410
_PAGE = 500
_PAGE_OF_LARGE = 25  # definitions of custom resources are up to a megabyte each


@dataclass(frozen=True, slots=True)
class Listed:
    """The objects of a list, trimmed, and the resource version at which a watch may go on from it."""

    objects: tuple[Body, ...]
    version: str


async def list_objects(
    cluster: Cluster,
    resource: Resource,
    namespace: str | None = None,
    query: Mapping[str, str] | None = None,
    accept: str = "application/json",
) -> Listed:
    """All objects of a kind (of a namespace). Raises ``ClusterError``, never returns a part of a list.

    A list that grew too old between two pages is asked for again in one piece.
    """
    limit = _PAGE_OF_LARGE if resource.name.kind == "CustomResourceDefinition" else _PAGE
    try:
        return await _pages(cluster, resource, namespace, {**(query or {}), "limit": str(limit)}, accept)
    except ClusterStatus as error:
        if error.code != GONE:
            raise
    return await _pages(cluster, resource, namespace, dict(query or {}), accept)


async def _pages(
    cluster: Cluster, resource: Resource, namespace: str | None, query: dict[str, str], accept: str
) -> Listed:
    path = resource.path(namespace)
    objects: list[Body] = []
    while True:
        page = await cluster.get(path, query, accept)
        try:
            objects += [trimmed(item, resource.api_version, resource.name.kind) for item in page.get("items") or ()]
            metadata = page["metadata"]
        except (KeyError, TypeError, AttributeError):
            raise ClusterError(f"{cluster.name}: the answer to {path} is not a list of objects.") from None
        if not metadata.get("continue"):
            return Listed(tuple(objects), metadata.get("resourceVersion", ""))
        query["continue"] = metadata["continue"]
