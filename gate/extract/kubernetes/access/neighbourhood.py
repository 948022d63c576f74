"""A cluster as an index: for an object, the objects that a judgement of it has to see.

A binding is judged with its role, the other rights of its subjects, and the pods that run as them; a pod with its
account. To judge the whole cluster for each change would take seconds; what stands around the change is a few objects.
The rest of the cluster says nothing about them, with one exception that ``around`` names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gate.extract.kubernetes.access.grants import targets_of
from gate.extract.kubernetes.access.related_objects import Key, key_of, links
from gate.extract.kubernetes.compute.pod_exposure import DOORS, Door, front_door
from gate.extract.kubernetes.documents.objects import RBAC, group_of, manifest_id, namespace_of
from gate.extract.kubernetes.documents.pods import POD_KINDS, Pod, pod_of
from gate.extract.kubernetes.guards.interceptors import INTERCEPTING, asked_namespace
from gate.extract.kubernetes.identities.bindings import Binding, accounts_in, accounts_named, read_binding
from gate.extract.kubernetes.identities.roles import Role, bootstrap_roles, effective_statements, read_role
from gate.extract.kubernetes.identities.subjects import AUTHENTICATED, SERVICE_ACCOUNTS
from gate.extract.kubernetes.language.rbac_rules import allowed_actions, becoming_actions
from gate.extract.kubernetes.language.shapes import WrongShape
from gate.inputs.documents import Manifest

_IDENTITIES = ("k8s:ServiceAccount/", "k8s:User/", "k8s:Group/")
_ACCOUNTS = frozenset({"serviceaccounts", "serviceaccounts/token"})
_ROLES = ("k8s:Role/", "k8s:ClusterRole/")


class Neighbourhood:
    """The objects of a cluster. ``put`` and ``remove`` keep it current; an object nobody can read is kept, unlinked."""

    def __init__(self) -> None:
        self._objects: dict[Key, Manifest] = {}
        self._links: dict[str, dict[Key, Manifest]] = {}
        self._linked: dict[Key, tuple[str, ...]] = {}
        self._gathering: dict[Key, Role] = {}

    def __len__(self) -> int:
        return len(self._objects)

    def get(self, key: Key) -> Manifest | None:
        """The object as it stands in the cluster."""
        return self._objects.get(key)

    def put(self, manifest: Manifest) -> None:
        """Add an object, or replace the one with its key."""
        key = key_of(manifest)
        self.remove(key)
        self._objects[key] = manifest
        try:
            words = tuple(links(manifest))
            if manifest.kind == "ClusterRole" and (role := read_role(manifest)).selectors:
                self._gathering[key] = role
        except WrongShape:
            words = ()
        self._linked[key] = words
        for link in words:
            self._links.setdefault(link, {})[key] = manifest

    def remove(self, key: Key) -> None:
        """Forget an object. Harmless when it is not there."""
        self._objects.pop(key, None)
        self._gathering.pop(key, None)
        for link in self._linked.pop(key, ()):
            if members := self._links.get(link):
                members.pop(key, None)
                if not members:
                    del self._links[link]

    def around(self, changed: Sequence[Manifest]) -> list[Manifest]:
        """The objects that say what the identities touched by ``changed`` can do, without ``changed`` themselves.

        Touched are the subjects of a binding, whoever is bound to a role or in a namespace, the account of a pod, the
        accounts behind a service. Each comes with its bindings, their roles, its pods and what leads to them. Whoever
        may become the accounts of a namespace is judged by what these can do: those that are bound come too. Who may in
        the whole cluster reaches everything in it; that much is said by the right itself, and nothing more is gathered
        for it. Identities and roles that a rule names come with it.
        """
        found: dict[Key, Manifest] = {}
        waiting = [account for manifest in changed for account in self._touched(manifest)]
        for manifest in changed:
            self._take(found, self._beside(manifest))
            waiting += self._reached(manifest)
        seen: set[str] = set()
        while waiting:
            identity = waiting.pop()
            if identity in seen:
                continue
            seen.add(identity)
            self._take(found, self._of(f"is {identity}"), self._of(f"runs as {identity}"))
            _, namespace, _ = identity.split("/", 2)
            self._take(found, self._of(f"is namespace {namespace}"))
            if any(key[2] == namespace and (key[0], key[1]) in POD_KINDS for key in self._keys(f"runs as {identity}")):
                self._take(found, self._of(f"door {namespace}"))
            for binding in self._bindings(identity):
                self._take(found, [binding], self._beside(binding))
                waiting += self._reached(binding)
        for manifest in changed:
            found.pop(key_of(manifest), None)
        return list(found.values())

    def _take(self, found: dict[Key, Manifest], *several: Iterable[Manifest]) -> None:
        for manifests in several:
            found.update((key_of(manifest), manifest) for manifest in manifests)

    def _of(self, link: str) -> Iterable[Manifest]:
        return self._links.get(link, {}).values()

    def _keys(self, link: str) -> Iterable[Key]:
        return self._links.get(link, {}).keys()

    def _bindings(self, identity: str) -> Iterator[Manifest]:
        """Bindings that name the identity or a group it is in."""
        yield from self._of(f"binds {identity}")
        kind, namespace, _ = identity.removeprefix("k8s:").split("/", 2)
        if kind == "ServiceAccount":
            yield from self._of(f"binds {SERVICE_ACCOUNTS}")
            yield from self._of(f"binds {SERVICE_ACCOUNTS}:{namespace}")
        if kind in ("ServiceAccount", "User"):
            yield from self._of(f"binds {AUTHENTICATED}")

    def _touched(self, manifest: Manifest) -> Iterator[str]:
        """Identities whose access a change of the object may change."""
        try:
            if manifest.kind == "ServiceAccount":
                yield manifest_id(manifest)
            elif manifest.kind in ("RoleBinding", "ClusterRoleBinding"):
                yield from (subject.id for subject in read_binding(manifest).subjects)
            elif group_of(manifest) == RBAC:
                for role in self._widened(read_role(manifest)):
                    for binding in self._of(f"to {role}"):
                        yield from (subject.id for subject in read_binding(binding).subjects)
            elif (group_of(manifest), manifest.kind) in POD_KINDS and (pod := pod_of(manifest)):
                yield pod.account
            elif (group_of(manifest), manifest.kind) == (
                "",
                "Namespace",
            ):  # its labels: the environment, who may claim devices
                for binding in (*self._of(f"bound in {manifest.name}"), *self._of(f"reaches {manifest.name}")):
                    yield from (subject.id for subject in read_binding(binding).subjects)
            elif (group_of(manifest), manifest.kind) in DOORS:
                yield from (pod.account for pod in self._behind(front_door(manifest)))
        except WrongShape:
            return  # the judgement itself says so

    def _widened(self, role: Role) -> Iterator[str]:
        """The role, and the cluster roles that gather it by its labels."""
        yield role.id
        gathering = [*self._gathering.values(), *(r for r in bootstrap_roles().values() if r.selectors)]
        yield from (g.id for g in gathering if g.gathers(role.labels))

    def _behind(self, door: Door) -> Iterator[Pod]:
        """The pods that a service, or the services of a route, lead to."""
        doors = [door, *(front_door(m) for m in self._of(f"door {door.namespace}"))]
        selectors = [d.selector for d in doors if d.selector and (d is door or d.name in door.services)]
        for manifest in self._of(f"pods {door.namespace}"):
            pod = pod_of(manifest)
            if pod and any(set(selector) <= pod.labels.items() for selector in selectors):
                yield pod

    def _beside(self, manifest: Manifest) -> Iterator[Manifest]:
        """What has to be seen with the object itself, whoever it touches."""
        kind = (group_of(manifest), manifest.kind)
        namespace = namespace_of(manifest)
        if kind in POD_KINDS:
            yield from self._of(f"door {namespace}")
        if kind in POD_KINDS or manifest.kind in ("PersistentVolume", "PersistentVolumeClaim"):
            volumes = list(self._of("host volume"))
            yield from volumes
            yield from self._of(f"claim {namespace}") if volumes else ()
            if volumes and manifest.kind == "PersistentVolumeClaim":  # pods wait for a claim that is made after them
                yield from self._of(f"mounts {namespace}/{manifest.name}")
        if manifest.kind in ("RoleBinding", "ClusterRoleBinding"):
            yield from self._role_of(manifest)
        if kind == (RBAC, "ClusterRole"):
            yield from self._gathered(manifest)
        if kind in INTERCEPTING and (space := asked_namespace(manifest)):
            yield from self._of(f"door {space}")
        if group_of(manifest) == RBAC:
            for target in self._named(manifest):
                if target.startswith(_ROLES):
                    yield from (role for named in self._of(f"is {target}") for role in (named, *self._gathered(named)))

    def _role_of(self, binding: Manifest) -> Iterator[Manifest]:
        try:
            role = read_binding(binding).role
        except WrongShape:
            return
        for manifest in self._of(f"is {role}"):
            yield manifest
            yield from self._gathered(manifest)

    def _gathered(self, role: Manifest) -> Iterator[Manifest]:
        """The cluster roles whose rules an aggregating one takes over, over any number of steps."""
        waiting, seen = [role], set[Key]()
        while waiting:
            key = key_of(waiting.pop())
            if key in seen or not (gathering := self._gathering.get(key)):
                continue
            seen.add(key)
            for manifest in self._of("labelled role"):
                labels = manifest.body["metadata"]["labels"]
                if gathering.gathers(labels):
                    yield manifest
                    waiting.append(manifest)

    def _named(self, manifest: Manifest) -> Iterator[str]:
        """What the rules of a role, or of the role that a binding names, say by ``resourceNames``."""
        try:
            if manifest.kind in ("Role", "ClusterRole"):
                roles, namespace = [read_role(manifest)], namespace_of(manifest)
            else:
                roles, namespace = [read_role(m) for m in self._role_of(manifest)], read_binding(manifest).namespace
        except WrongShape:
            return
        for statement in (s for role in roles for s in role.statements if s.rule.names):
            yield from targets_of(statement, namespace)
            if not namespace and _ACCOUNTS.intersection(statement.rule.resources):  # of that name in any namespace
                for name in statement.rule.names:
                    yield from (
                        i for m in self._of(f"binds account {name}") for i in accounts_named(name, read_binding(m))
                    )

    def _reached(self, manifest: Manifest) -> Iterator[str]:
        """Whom a binding or a role may lead to: identities it names, the bound accounts of a binding's namespace."""
        if group_of(manifest) == RBAC:
            yield from (target for target in self._named(manifest) if target.startswith(_IDENTITIES))
        if manifest.kind != "RoleBinding":
            return
        try:
            binding = read_binding(manifest)
        except WrongShape:
            return
        if binding.namespace and self._becomes(binding):
            for other in self._of(f"reaches {binding.namespace}"):
                yield from accounts_in(binding.namespace, read_binding(other))

    def _becomes(self, binding: Binding) -> bool:
        table = dict(bootstrap_roles())
        for manifest in self._of(f"is {binding.role}"):
            table[binding.role] = read_role(manifest)
            table.update((manifest_id(m), read_role(m)) for m in self._gathered(manifest))
        role = table.get(binding.role)
        statements = effective_statements(role, table) if role else ()
        return any(not becoming_actions().isdisjoint(allowed_actions(s.rule, cluster_wide=False)) for s in statements)
