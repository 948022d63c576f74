"""What a validating webhook is asked about, and by whom it is answered: what is missing is a hole in the guard.

https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from gate.extract.kubernetes.guards.own import EXEMPT, NAME, as_shipped, expressions, webhooks_of
from gate.extract.kubernetes.language.shapes import Place, mapping, text, texts
from gate.extract.kubernetes.rewriting import cel
from gate.inputs.documents import Manifest
from gate.model.access import GuardFlaw

Flaw = tuple[GuardFlaw, str, Place]
_RBAC = "rbac.authorization.k8s.io"
_NAME_LABEL = "kubernetes.io/metadata.name"
_EVERYWHERE = frozenset({(_RBAC, kind) for kind in ("clusterroles", "clusterrolebindings", "roles", "rolebindings")})
_WORKLOADS = frozenset(
    {
        *(("", kind) for kind in ("namespaces", "pods", "pods/ephemeralcontainers", "replicationcontrollers")),
        ("", "serviceaccounts"),
        *(("apps", kind) for kind in ("daemonsets", "deployments", "replicasets", "statefulsets")),
        *(("batch", kind) for kind in ("cronjobs", "jobs")),
    }
)
# No selector of namespaces keeps these away.
_WITHOUT_NAMESPACE = frozenset({(_RBAC, "clusterroles"), (_RBAC, "clusterrolebindings")})
CORE = _EVERYWHERE | _WORKLOADS
"""Group and resource of what a guard that judges identities has to be asked about."""
# Their pods bring nodes and networks back, and the certificate of the gate; what gives access in them is asked about.
_WITHOUT_PODS = frozenset({"kube-system", "cert-manager"})


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook. ``asked``: of ``CORE``, for creating and changing; ``outside``: namespaces that it leaves out, or
    ``only``: those alone that it is asked about. ``strange``: selectors that take more away than names of namespaces.
    """

    place: Place
    asked: frozenset[tuple[str, str]]
    outside: frozenset[str]
    only: frozenset[str] | None
    strange: tuple[str, ...]
    body: dict[str, Any]


def read_webhooks(manifest: Manifest) -> list[Webhook]:
    """Those of a ValidatingWebhookConfiguration. Raises ``WrongShape``."""
    return [_read(place, body) for place, body in webhooks_of(manifest)]


def judges_rbac(hooks: Collection[Webhook]) -> bool:
    """Whether one of them is asked about what gives rights."""
    return any(hook.asked & _EVERYWHERE for hook in hooks)


def own_flaws(manifest: Manifest, homes: Collection[str]) -> Iterator[Flaw]:
    """What is weak about this gate's own. ``homes``: the namespaces where it runs. Raises ``WrongShape``."""
    hooks = read_webhooks(manifest)
    if not hooks:
        yield "asks nobody", "no webhooks", ("webhooks",)
        return
    for hook in hooks:
        yield from _one(hook, homes)
    missing = sorted(f"{resource}.{group}".rstrip(".") for group, resource in CORE - _asked(hooks))
    if missing:
        yield "asks less", f"not about {', '.join(missing)}", ("webhooks",)
    for asked, allowed in ((_EVERYWHERE, frozenset[str]()), (_WORKLOADS, _WITHOUT_PODS | frozenset(homes))):
        kinds = asked & _asked(hooks) - _WITHOUT_NAMESPACE
        left_out = [_left_out([hook for hook in hooks if kind in hook.asked]) for kind in kinds]
        if None in left_out:
            yield "asks less", "only in some namespaces", ("webhooks",)
        elif names := frozenset().union(*(some for some in left_out if some)) - allowed:
            yield "asks less", f"not in {', '.join(sorted(names))}", ("webhooks",)


def other_flaws(manifest: Manifest) -> Iterator[Flaw]:
    """What is weak about another one that judges rights or what runs. Raises ``WrongShape``."""
    hooks = read_webhooks(manifest)
    if not hooks:
        yield "asks nobody", "no webhooks", ("webhooks",)
    for hook in hooks:
        if judges_rbac([hook]) and _ignores(hook):
            yield "ignores failures", "failurePolicy: Ignore", (*hook.place, "failurePolicy")
        conditions: Place = (*hook.place, "matchConditions")
        written = expressions(hook.body.get("matchConditions"), conditions)
        if judges_rbac([hook]) and any(cel.decided(expression) is False for expression in written):
            yield "asks nobody", "by a matchCondition that is never true", conditions


def _one(hook: Webhook, homes: Collection[str]) -> Iterator[Flaw]:
    if _ignores(hook):
        yield "ignores failures", "failurePolicy: Ignore", (*hook.place, "failurePolicy")
    place: Place = (*hook.place, "clientConfig")
    client = mapping(hook.body.get("clientConfig"), place)
    service = mapping(client.get("service"), (*place, "service"))
    where = f"{service.get('namespace')}/{service.get('name')}"
    if client.get("url") is not None:
        yield "asks another", "a URL", (*place, "url")
    elif service and not (str(service.get("name")).endswith(NAME) and str(service.get("namespace")) in homes):
        yield "asks another", where, (*place, "service")
    for said in hook.strange:
        yield "asks less", said, hook.place
    if hook.body.get("matchPolicy") == "Exact":
        yield "asks less", "matchPolicy: Exact", (*hook.place, "matchPolicy")
    conditions: Place = (*hook.place, "matchConditions")
    written = set(expressions(hook.body.get("matchConditions"), conditions)) - set(as_shipped()["conditions"])
    if any(cel.decided(expression) is not True for expression in written):
        yield "asks less", "by matchConditions that are not the gate's", conditions


def _ignores(hook: Webhook) -> bool:
    return text(hook.body.get("failurePolicy"), (*hook.place, "failurePolicy")) == "Ignore"


def _asked(hooks: Collection[Webhook]) -> frozenset[tuple[str, str]]:
    return frozenset(kind for hook in hooks for kind in hook.asked)


def _left_out(hooks: Collection[Webhook]) -> frozenset[str] | None:
    """Namespaces in which none of them is asked; ``None`` when each is asked in some alone."""
    wide = [hook.outside for hook in hooks if hook.only is None]
    if not wide:
        return None
    return frozenset.intersection(*wide) - {name for hook in hooks for name in hook.only or ()}


def _read(place: Place, body: dict[str, Any]) -> Webhook:
    outside: set[str] = set()
    only: frozenset[str] | None = None
    strange = []
    at: Place = (*place, "namespaceSelector")
    selector = mapping(body.get("namespaceSelector"), at)
    if selector.get("matchLabels"):
        strange.append("only namespaces with certain labels")
    written = selector.get("matchExpressions")
    for index, entry in enumerate(written if isinstance(written, list) else ()):
        expression = mapping(entry, (*at, index))
        values = texts(expression.get("values"), (*at, index, "values"))
        said = (expression.get("key"), expression.get("operator"))
        if said == (_NAME_LABEL, "NotIn"):
            outside.update(values)
        elif said == (_NAME_LABEL, "In"):
            only = frozenset(values)
        elif said != (EXEMPT, "NotIn") or values != ("true",):
            strange.append("only namespaces with certain labels")
    if any(mapping(body.get("objectSelector"), (*place, "objectSelector")).values()):
        strange.append("only objects with certain labels")
    return Webhook(place, _of_rules(body, place), frozenset(outside), only, tuple(dict.fromkeys(strange)), body)


def _of_rules(body: dict[str, Any], place: Place) -> frozenset[tuple[str, str]]:
    """What of ``CORE`` the rules of a webhook name, for creating and for changing."""
    found: dict[str, set[tuple[str, str]]] = {"CREATE": set(), "UPDATE": set()}
    rules = body.get("rules")
    for index, entry in enumerate(rules if isinstance(rules, list) else ()):
        at: Place = (*place, "rules", index)
        rule = mapping(entry, at)
        groups, resources = (texts(rule.get(key), (*at, key)) for key in ("apiGroups", "resources"))
        if not {"*", "v1"} & set(texts(rule.get("apiVersions"), (*at, "apiVersions"))):
            continue
        named = {
            (group, resource)
            for group, resource in CORE
            if ("*" in groups or group in groups) and _named(resource, resources) and _in_scope(rule, resource)
        }
        operations = texts(rule.get("operations"), (*at, "operations"))
        for operation, kinds in found.items():
            kinds |= named if operation in operations or "*" in operations else set()
    return frozenset(found["CREATE"] & found["UPDATE"])


def _named(resource: str, resources: Collection[str]) -> bool:
    kind, slash, _ = resource.partition("/")
    stars = {"*/*", f"{kind}/*"} if slash else {"*", "*/*"}
    return resource in resources or not stars.isdisjoint(resources)


def _in_scope(rule: dict[str, Any], resource: str) -> bool:
    wanted = "Cluster" if resource in ("namespaces", "clusterroles", "clusterrolebindings") else "Namespaced"
    return rule.get("scope") in (None, "*", wanted)
