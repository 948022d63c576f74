"""The cluster around a request: kept current by a watch, and by what this webhook has just let in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from gate.errors import ClusterError
from gate.extract.kubernetes.access.neighbourhood import Neighbourhood
from gate.extract.kubernetes.access.related_objects import Key, key_of
from gate.extract.kubernetes.documents.makers import in_place_of_maker
from gate.extract.kubernetes.documents.objects import RBAC
from gate.extract.kubernetes.identities.bindings import read_binding
from gate.extract.kubernetes.language.shapes import WrongShape
from gate.extract.kubernetes.rewriting.generating import made_by
from gate.inputs.cluster.admission_review import AdmissionRequest
from gate.inputs.cluster.cluster_documents import manifest as in_no_file
from gate.inputs.cluster.connection import Cluster, ClusterStatus
from gate.inputs.cluster.kinds import KindName, known
from gate.inputs.cluster.stored_objects import ObjectKey, is_derived, trimmed
from gate.inputs.cluster.watch import ClusterWatch
from gate.inputs.documents import Documents, Manifest, SourceFile

_LET_IN_SECONDS = 5.0
"""How long an object that was let in counts although the watch has not shown it: others may refuse it after us."""

Body = dict[str, Any]


class ClusterContext:
    """``async with``; ``synced`` is set when the cluster is known once, ``staleness`` is in seconds."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._watch = ClusterWatch(cluster)
        self._objects = Neighbourhood()
        self._expected: dict[Key, asyncio.TimerHandle] = {}
        self._watch.on_change(self._changed)

    async def __aenter__(self) -> ClusterContext:
        await self._watch.__aenter__()
        return self

    async def __aexit__(self, *details: object) -> None:
        for timer in self._expected.values():
            timer.cancel()
        await self._watch.__aexit__(*details)

    def __len__(self) -> int:
        return len(self._objects)

    @property
    def synced(self) -> asyncio.Event:
        """Set once everything was listed; before that the context is a part of the cluster."""
        return self._watch.synced

    @property
    def staleness(self) -> float:
        """Seconds since the context was last known to be current."""
        return self._watch.staleness

    @property
    def problems(self) -> dict[str, str]:
        """Why a kind is not current, by kind."""
        return self._watch.problems

    async def change(self, request: AdmissionRequest) -> Documents:
        """The change that a request asks for, in what stands around it. Raises ``ClusterError``."""
        after, before = request.after, request.before
        if after is not None and before is None:
            judged = in_place_of_maker(after, request.user, self._find)
            after, before = judged or (after, before)
        changed = [side for side in (after, before) if side is not None]
        changed += list(made_by(changed))
        roles = await self._bound_roles(changed)
        context = [manifest for manifest in self._objects.around(changed) if key_of(manifest) not in roles]
        context += [role for role in roles.values() if role is not None]
        return Documents(
            files=[manifest.file for manifest in changed[:1]],
            manifests=[after] if after else [],
            replaced=[before] if before else [],
            context=context,
        )

    def let_in(self, request: AdmissionRequest) -> None:
        """From now on judge what comes next with this new object, though the watch has yet to show it.

        It never takes the place of what the watch shows: whoever reaches the port can send a review.
        """
        manifest = request.after
        if manifest is None or request.dry_run or request.subresource or not self._is_kept(manifest):
            return
        key = key_of(manifest)
        if key not in self._expected and self._objects.get(key) is not None:
            return
        self._objects.put(manifest)
        self._expect(key)

    def _is_kept(self, manifest: Manifest) -> bool:
        """Whether the watch will show it: its kind is followed, it has its name, and nothing made it."""
        kind = KindName(manifest.api_version.rpartition("/")[0], manifest.kind)
        named = bool((manifest.body.get("metadata") or {}).get("name"))
        try:
            return named and known(*kind) and not is_derived(kind, manifest.body, self._watch.kinds)
        except (KeyError, TypeError, AttributeError):  # no API server sends such an owner
            return False

    def _expect(self, key: Key) -> None:
        if timer := self._expected.pop(key, None):
            timer.cancel()
        self._expected[key] = asyncio.get_running_loop().call_later(_LET_IN_SECONDS, self._as_watched, key)

    def _as_watched(self, key: Key) -> None:
        """The watch did not show what was let in: what it shows is true."""
        self._expected.pop(key, None)
        group, kind, namespace, name = key
        body = self._watch.objects.get(ObjectKey(KindName(group, kind), namespace, name))
        if body is None:
            self._objects.remove(key)
        else:
            self._objects.put(_manifest(body))

    def _changed(self, old: Body | None, new: Body | None) -> None:
        manifest = _manifest(new or old or {})
        key = key_of(manifest)
        if timer := self._expected.pop(key, None):
            timer.cancel()
        if new is None:
            self._objects.remove(key)
        else:
            self._objects.put(manifest)

    def _find(self, group: str, kind: str, namespace: str, name: str) -> Manifest | None:
        return self._objects.get((group, kind, namespace, name))

    async def _bound_roles(self, changed: list[Manifest]) -> dict[Key, Manifest | None]:
        """The roles that bindings of the change name, as they are stored now; ``None`` for one that does not exist.

        They decide what a binding gives, and the watch may be a moment behind.
        """
        found: dict[Key, Manifest | None] = {}
        for kind, namespace, name in dict.fromkeys(_named_roles(changed)):
            space = quote(namespace, safe="")
            root = f"/apis/{RBAC}/v1/namespaces/{space}/roles" if namespace else f"/apis/{RBAC}/v1/clusterroles"
            key = (RBAC, kind, namespace, name)
            try:
                body = await self._cluster.get(f"{root}/{quote(name, safe=':')}")
                found[key] = _manifest(trimmed(body, f"{RBAC}/v1", kind))
            except ClusterStatus as error:
                if error.code != 404:
                    raise
                found[key] = None  # the judgement says that nobody knows the role
            except (KeyError, TypeError, AttributeError):
                raise ClusterError("The API server answered with something that is not a role.") from None
        return found


def _manifest(body: Body) -> Manifest:
    """An object of the cluster. Its place is its name."""
    metadata, kind = body["metadata"], body["kind"]
    namespace, name = metadata.get("namespace"), metadata["name"]
    return in_no_file(body, SourceFile(f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}", "cluster", ""))


def _named_roles(changed: list[Manifest]) -> Iterator[tuple[str, str, str]]:
    """Kind, namespace and name of the roles that bindings name."""
    for manifest in changed:
        if manifest.kind not in ("RoleBinding", "ClusterRoleBinding"):
            continue
        try:
            kind, namespace, name = read_binding(manifest).role.removeprefix("k8s:").split("/", 2)
        except WrongShape:
            continue  # the judgement says so
        yield kind, namespace, name
