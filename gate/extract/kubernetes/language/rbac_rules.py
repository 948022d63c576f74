"""RBAC policy rules: what they say and which sensitive actions they allow.

Matching follows ``pkg/apis/rbac/v1/evaluation_helpers.go`` of Kubernetes 1.36: ``*`` stands for every verb, group or
resource, ``*/sub`` for that subresource of every resource, a non-resource URL may end in ``*``. ``resourceNames`` limit
every verb: a request without a name (create, deletecollection) is not allowed by such a rule at all, and list and watch
only with a field selector for one of the names. The empty text among them is the name of just those requests. A
server-side apply that makes an object asks for *create* with its name (``endpoints/handlers/patch.go``), so beside
*patch* it counts.

In the knowledge's actions ``*`` stands for any: of a group (``*.crossplane.io``), of resources (``kyverno.io/*``), of
subresources (``userextras/*``), of verbs with one beginning (``impersonate-on:*``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

from gate.extract.kubernetes.language.shapes import Place, WrongShape, mapping, texts
from gate.model.access import RbacRule

# What is asked without a name. A subresource is always one of a named object.
_NAMELESS = ("create", "list", "watch", "deletecollection")
_READING = frozenset({"get", "list", "watch"})
_LOGS = frozenset({"pods/log", "nodes/log", "nodes/proxy", "pods/*", "nodes/*", "*/log", "*/proxy", "*", "*/*"})
# No request for these names an object.
_MAKING = ("create", "deletecollection")
# Groups of Kubernetes' own without a dot; any other first part without one is a resource with a subresource.
_DOTLESS = frozenset({"apps", "autoscaling", "batch", "extensions", "policy"})


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One entry of a role's ``rules``; ``names`` are its ``resourceNames``, ``urls`` its ``nonResourceURLs``."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...]
    resources: tuple[str, ...]
    names: tuple[str, ...]
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SensitiveAction:
    """An action of the knowledge: ``key`` as there (``get secrets``), its parts; ``cluster_scoped``: RoleBindings
    do not give it; ``pattern``: group or resource hold a ``*`` that stands for any of them.
    """

    key: str
    verb: str
    group: str
    resource: str
    cluster_scoped: bool
    pattern: bool


def read_rule(value: object, place: Place) -> PolicyRule:
    """One rule of a manifest. Raises ``WrongShape``, also for a rule that API servers refuse.

    It needs verbs, and resources with their groups or ``nonResourceURLs`` (``pkg/apis/rbac/validation`` of Kubernetes).
    """
    rule = mapping(value, place)
    read = PolicyRule(
        verbs=texts(rule.get("verbs"), (*place, "verbs")),
        groups=texts(rule.get("apiGroups"), (*place, "apiGroups")),
        resources=texts(rule.get("resources"), (*place, "resources")),
        names=texts(rule.get("resourceNames"), (*place, "resourceNames")),
        urls=texts(rule.get("nonResourceURLs"), (*place, "nonResourceURLs")),
    )
    for name, needed in (("verbs", read.verbs), ("resources", read.resources or read.urls)):
        if not needed:
            raise WrongShape((*place, name), f"at least one of its {name}: API servers reject the rule", rule.get(name))
    return read


def split_nameless(rule: PolicyRule) -> tuple[PolicyRule, ...]:
    """``rule`` as rules whose names are all names: ``""`` among ``resourceNames`` allows each request that names none.

    ``ResourceNameMatches`` compares with the name of the request, which is empty for a list or a create.
    """
    if "" not in rule.names:
        return (rule,)
    names = tuple(name for name in rule.names if name)
    verbs = tuple(verb for verb in _NAMELESS if verb in rule.verbs or "*" in rule.verbs)
    resources = tuple(resource for resource in rule.resources if "/" not in resource)
    named = (replace(rule, names=names),) if names else ()
    return (*named, replace(rule, verbs=verbs, resources=resources, names=())) if verbs and resources else named


@cache
def sensitive_actions() -> tuple[SensitiveAction, ...]:
    """The actions the knowledge speaks of (``sensitive_actions.json``, generated from it)."""
    cluster_scoped = set(_packaged()["cluster_scoped"])
    return tuple(_parsed(key, key in cluster_scoped) for key in _packaged()["actions"])


@cache
def becoming_actions() -> frozenset[str]:
    """Those by which an identity can get to other accounts."""
    return frozenset(_packaged()["becoming"])


@cache
def actions_as_pods() -> frozenset[str]:
    """Those that run pods where they write: who may create pods there gains nothing by them."""
    return frozenset(_packaged()["as_pods"])


@cache
def _packaged() -> dict[str, list[str]]:
    data: dict[str, list[str]] = json.loads(files(__package__).joinpath("sensitive_actions.json").read_text("utf-8"))
    return data


def _parsed(key: str, cluster_scoped: bool) -> SensitiveAction:
    verb, _, rest = key.partition(" ")
    first, slash, behind = rest.partition("/")
    grouped = bool(slash) and ("." in first or first == "*" or first in _DOTLESS)
    group, resource = (first, behind) if grouped else ("", rest)
    if rest.startswith("url:"):
        group, resource, cluster_scoped = "url:", rest.removeprefix("url:"), True
    return SensitiveAction(key, verb, group, resource, cluster_scoped, "*" in key)


@cache
def _by_resource() -> dict[str, tuple[SensitiveAction, ...]]:
    table: dict[str, list[SensitiveAction]] = {}
    for action in sensitive_actions():
        table.setdefault("*" if action.pattern else action.resource, []).append(action)
    return {resource: tuple(actions) for resource, actions in table.items()}


@cache
def allowed(verbs: tuple[str, ...], groups: tuple[str, ...], resources: tuple[str, ...]) -> tuple[SensitiveAction, ...]:
    """The sensitive actions on resources that a rule allows, by name."""
    table = _by_resource()
    if any("*" in resource for resource in resources):
        candidates: tuple[SensitiveAction, ...] = sensitive_actions()
    else:
        candidates = tuple(a for resource in dict.fromkeys(resources) for a in table.get(resource, ())) + table["*"]
    return tuple(
        action
        for action in candidates
        if any(_is_verb(verb, action.verb) for verb in verbs)
        and _in_group(groups, action)
        and any(_covers(resource, groups, action) for resource in resources)
    )


def _is_verb(verb: str, wanted: str) -> bool:
    if wanted.endswith("*"):
        return verb.startswith(wanted[:-1])
    return verb in ("*", wanted)


def _in_group(groups: tuple[str, ...], action: SensitiveAction) -> bool:
    if action.group == "url:":
        return False
    return any(group == "*" or fnmatchcase(group, action.group) for group in groups)


def _covers(resource: str, groups: tuple[str, ...], action: SensitiveAction) -> bool:
    if resource in ("*", action.resource):
        return True
    if action.resource == "*":  # of a group that is named: one resource of every group is rarely meant to be this one's
        return any(group != "*" and fnmatchcase(group, action.group) for group in groups)
    if action.resource.endswith("/*"):
        return resource.startswith(action.resource[:-1]) or resource.startswith("*/")
    return resource.startswith("*/") and "/" in action.resource and action.resource.partition("/")[2] == resource[2:]


def allowed_actions(rule: PolicyRule, *, cluster_wide: bool) -> tuple[str, ...]:
    """Keys of the sensitive actions that a rule allows where it is bound, sorted."""
    found = [a for a in allowed(rule.verbs, rule.groups, rule.resources) if cluster_wide or not a.cluster_scoped]
    if rule.names and not {"patch", "*"}.intersection(rule.verbs):
        found = [a for a in found if a.verb not in _MAKING or "/" in a.resource]
    if cluster_wide and rule.urls:
        found += [a for a in sensitive_actions() if a.group == "url:" and _url_allowed(rule, a)]
    return tuple(sorted({action.key for action in found}))


def _url_allowed(rule: PolicyRule, action: SensitiveAction) -> bool:
    if "*" not in rule.verbs and action.verb not in rule.verbs:
        return False
    return any(
        url in ("*", action.resource) or (url.endswith("*") and action.resource.startswith(url.rstrip("*")))
        for url in rule.urls
    )


def as_written(rule: PolicyRule) -> tuple[str, ...]:
    """One text a group: ``get,list secrets``, ``* apps/deployments,apps/statefulsets``, ``get url:/metrics``."""
    written = on_objects(rule)
    if rule.urls:
        return (*written, f"{','.join(rule.verbs)} " + ",".join(f"url:{url}" for url in rule.urls))
    return written


def on_objects(rule: PolicyRule) -> tuple[str, ...]:
    """The same without what it says of URLs."""
    verbs = ",".join(rule.verbs)
    return tuple(
        f"{verbs} " + ",".join(f"{group}/{resource}" if group else resource for resource in rule.resources)
        for group in rule.groups
        if rule.resources
    )


def as_fact(rule: PolicyRule, namespace: str) -> RbacRule:
    """What the rules read of it, bound in ``namespace`` (empty: in the whole cluster)."""
    return RbacRule(
        scope=namespace or "*",
        named=any(not name.endswith("*") for name in rule.names),
        objects=bool(rule.resources),
        reads=_READING.issuperset(rule.verbs),
        custom=bool(rule.groups) and all(_is_custom(group) for group in rule.groups),
        logs=_reads_logs(rule),
        every_group="*" in rule.resources and not {"", "*"}.isdisjoint(rule.groups),
        spelled_out=not any("*" in part for part in (*rule.groups, *rule.resources)),
    )


def _reads_logs(rule: PolicyRule) -> bool:
    """By the kubelet, of its pods or of itself."""
    gets = not {"get", "*"}.isdisjoint(rule.verbs) and not {"", "*"}.isdisjoint(rule.groups)
    return gets and not _LOGS.isdisjoint(rule.resources)


def _is_custom(group: str) -> bool:
    """Groups of Kubernetes' own have no dot, or end in ``.k8s.io``."""
    return "." in group and not group.endswith(".k8s.io")


def has_wildcard(rule: PolicyRule) -> bool:
    """Every verb or every resource; a ``*`` for the group alone widens nothing that exists."""
    return bool(rule.resources) and ("*" in rule.verbs or "*" in rule.resources)


def is_everything(rule: PolicyRule) -> bool:
    """Every verb on every resource of every group."""
    return "*" in rule.verbs and "*" in rule.groups and "*" in rule.resources and not rule.names
