"""From roles and bindings to what each identity can effectively do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from gate.extract.kubernetes.documents.objects import object_id, source_of
from gate.extract.kubernetes.identities.aggregation import gathered_by_built_in
from gate.extract.kubernetes.identities.bindings import Binding
from gate.extract.kubernetes.identities.roles import Role, Statement, bootstrap_roles, effective_statements
from gate.extract.kubernetes.identities.subjects import with_members
from gate.extract.kubernetes.language.rbac_rules import (
    allowed_actions,
    as_fact,
    as_written,
    has_wildcard,
    is_everything,
    on_objects,
    sensitive_actions,
)
from gate.model.access import AccessModel, Grant, Identity, RbacRule, Source, Wildcard

_NAMED = {
    "serviceaccounts": "ServiceAccount",
    "serviceaccounts/token": "ServiceAccount",
    "secrets": "Secret",
    "roles": "Role",
    "clusterroles": "ClusterRole",
    "users": "User",
    "groups": "Group",
}


def add_grants(
    model: AccessModel,
    seeds: Mapping[str, Identity],
    bindings: Iterable[Binding],
    roles: Mapping[str, Role],
    *,
    unbound: bool = True,
) -> None:
    """Put every identity into ``model`` with the grants it holds, its groups' included.

    ``unbound``: roles of the change that nothing here binds stand in it as an external identity of kind ``role``:
    whoever is bound to them outside the view. So do built-in roles that gather more rights by this change.
    """
    identities = with_members(seeds)
    held: dict[str, dict[str, list[str]]] = {}
    inherited: dict[str, list[str]] = {}
    everything: set[str] = set()
    bound = list(bindings)
    for binding in bound:
        holders = tuple(dict.fromkeys(h for s in binding.subjects for h in (s.id, *identities[s.id].members)))
        if role := roles.get(binding.role):
            statements = effective_statements(role, roles) if holders else ()
            first = len(model.grants) + 1
            _hold(model, held, everything, statements, binding, holders, binding.namespace)
            # RBAC gives the role to each subject by itself: one that the binding names holds it whatever its groups
            # hold.
            for member in set(holders) - {subject.id for subject in binding.subjects}:
                inherited.setdefault(member, []).extend(f"k8s{n}" for n in range(first, len(model.grants) + 1))
    named = {binding.role for binding in bound}
    # What a role is made to be a part of is told of the whole: of whom that is bound to, or of the whole by itself.
    wholes = [role for role in roles.values() if role.selectors]
    gathered = {p.id for p in roles.values() if any(w.gathers(p.labels) for w in wholes if p.labels and w.id != p.id)}
    for role in roles.values() if unbound else ():
        if role.manifest is not None and role.id not in named and role.id not in gathered:
            identities[role.id] = _whoever_is_bound(role)
            ours = role.id not in bootstrap_roles()
            written = [s for s in effective_statements(role, roles) if ours or not s.built_in]
            _hold(model, held, everything, written, None, (role.id,), role.id.split("/")[1])
    for role, added in gathered_by_built_in(roles) if unbound else ():
        identities[role.id] = _whoever_is_bound(role, added[0])
        _hold(model, held, everything, added, None, (role.id,), "")
    for key, identity in identities.items():
        grants = {action: tuple(keys) for action, keys in sorted(held.get(key, {}).items())}
        if identity.kind == "role" and not grants:
            continue
        with_groups = replace(identity, inherited=tuple(inherited.get(key, ())))
        model.identities[key] = _with_grants(with_groups, grants, key in everything)
    model.roles.update(_bindable(model.grants.values(), roles))


def _bindable(grants: Iterable[Grant], roles: Mapping[str, Role]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What the roles allow that some rule lets others bind by their names."""
    named = {target for grant in grants if any(_binds(action) for action in grant.actions) for target in grant.targets}
    for role in sorted(named & roles.keys()):
        rules = [statement.rule for statement in effective_statements(roles[role], roles)]
        found = {action for rule in rules for action in allowed_actions(rule, cluster_wide=True)}
        yield role, ("*",) if any(is_everything(rule) for rule in rules) else tuple(sorted(found))


def _binds(action: str) -> bool:
    return not {"bind", "*"}.isdisjoint(action.partition(" ")[0].split(","))


def _hold(
    model: AccessModel,
    held: dict[str, dict[str, list[str]]],
    everything: set[str],
    statements: Iterable[Statement],
    binding: Binding | None,
    holders: tuple[str, ...],
    namespace: str,
) -> None:
    quiet: list[Statement] = []
    for statement in statements:
        actions = allowed_actions(statement.rule, cluster_wide=not namespace)
        unlimited = not namespace and is_everything(statement.rule)
        if binding and statement.built_in and not (actions or unlimited or statement.rule.names):
            quiet.append(statement)
            continue
        key = f"k8s{len(model.grants) + 1}"
        model.grants[key] = _as_grant(statement, binding, namespace, holders)
        for holder in holders:
            table = held.setdefault(holder, {})
            for action in ("*",) if unlimited else actions:
                table.setdefault(action, []).append(key)
        if unlimited:
            everything.update(holders)
    if binding and quiet:
        model.grants[f"k8s{len(model.grants) + 1}"] = _as_one(quiet, binding, holders, namespace)


def _as_one(quiet: Sequence[Statement], binding: Binding, holders: tuple[str, ...], namespace: str) -> Grant:
    """The dozens of rules of a built-in role that allow nothing sensitive, as one grant."""
    first = _as_grant(quiet[0], binding, namespace, holders)
    actions = tuple(action for statement in quiet for action in as_written(statement.rule))
    said = f"roleRef to the built-in {quiet[0].role.removeprefix('k8s:')}"
    rules = [as_fact(statement.rule, namespace) for statement in quiet]
    rule = RbacRule(
        scope=namespace or "*",
        named=False,
        objects=any(rule.objects for rule in rules),
        reads=all(rule.reads for rule in rules),
        custom=all(rule.custom for rule in rules),
        logs=any(rule.logs for rule in rules),
        every_group=any(rule.every_group for rule in rules),
        spelled_out=all(rule.spelled_out for rule in rules),
    )
    return replace(first, actions=actions, source=replace(first.source, statement=said), rule=rule)


def _as_grant(statement: Statement, binding: Binding | None, namespace: str, holders: tuple[str, ...]) -> Grant:
    rule = statement.rule
    scope = namespace or "*"
    if rule.names:
        resources = tuple(f"{scope}/{name}" for name in rule.names)
    else:
        resources = (f"{namespace}/*",) if namespace else ("*",)
    actions = as_written(rule)
    return Grant(
        platform="kubernetes",
        actions=actions,
        form="Action",
        wildcards=tuple(Wildcard(action) for action in on_objects(rule)) if has_wildcard(rule) else (),
        resources=resources,
        except_=(),
        everything=not namespace and not rule.names,
        targets=targets_of(statement, namespace),
        conditions=(),
        holders=holders,
        source=_source(statement, binding),
        rule=as_fact(rule, namespace),
    )


def targets_of(statement: Statement, namespace: str) -> tuple[str, ...]:
    """Ids of what ``resourceNames`` name, where the rule is bound in ``namespace`` (empty: everywhere)."""
    found = []
    for resource in statement.rule.resources:
        kind = _NAMED.get(resource)
        inside = "" if kind in ("ClusterRole", "User", "Group") else namespace
        if kind and (inside or kind in ("ClusterRole", "User", "Group")):
            found += [object_id(kind, inside, name) for name in statement.rule.names]
    return tuple(dict.fromkeys(found))


def _source(statement: Statement, binding: Binding | None) -> Source:
    """The rule of the role when it stands in the change, else the binding that names a built-in role."""
    if binding is None:
        return Source(statement.role, f"rules[{statement.index}]", statement.location)
    if statement.built_in:
        said = f"roleRef to the built-in {statement.role.removeprefix('k8s:')}, rules[{statement.index}]"
        return replace(source_of(binding.manifest, ("roleRef",)), statement=said)
    return Source(statement.role, f"rules[{statement.index}], bound by {binding.id}", statement.location)


def _whoever_is_bound(role: Role, added: Statement | None = None) -> Identity:
    """``added``: what a built-in role gathers by this change, which is then where to look."""
    _, namespace, name = role.id.removeprefix("k8s:").split("/", 2)
    gathered = Source(added.role, None, added.location) if added else None
    return Identity(
        id=role.id,
        kind="role",
        platform="kubernetes",
        name=name,
        grants={},
        external=True,
        namespace=namespace or None,
        change="create",
        source=source_of(role.manifest) if role.manifest else gathered,
    )


@cache
def _groups() -> dict[str, str]:
    return {action.key: action.group for action in sensitive_actions()}


def _with_grants(identity: Identity, grants: dict[str, tuple[str, ...]], everything: bool) -> Identity:
    if everything:
        keys = tuple(dict.fromkeys(key for action in grants for key in grants[action] if action == "*"))
        held = {"*": keys}
        actions = [action.key for action in sensitive_actions()]
    else:
        held, actions = grants, list(grants)
    groups = {_groups()[action] for action in actions}
    return replace(
        identity,
        grants=held,
        all_access="unconditional" if everything else "none",
        actions=len(actions),
        services=len(groups),
        service_names=() if everything else tuple(sorted(f"k8s:{group}" for group in groups)),
    )
