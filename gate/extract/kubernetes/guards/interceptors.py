"""Who is asked about requests to the API server or answers them in its place: admission and conversion webhooks, and
aggregated APIs, with the host where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from gate.extract.kubernetes.documents.objects import object_id, remembered, source_of
from gate.extract.kubernetes.guards.own import as_shipped, expressions
from gate.extract.kubernetes.language.shapes import Place, WrongShape, flag, listing, mapping, text, texts
from gate.inputs.documents import Manifest
from gate.model.access import Interceptor, InterceptorKind

WEBHOOKS: dict[str, InterceptorKind] = {
    "MutatingWebhookConfiguration": "mutating webhook",
    "ValidatingWebhookConfiguration": "validating webhook",
}
_SERVICE = re.compile(r"[^.]+\.[^.]+\.svc(\.cluster\.local)?")
_UNVERIFIED = "insecureSkipTLSVerify"
_ADMISSION = "admissionregistration.k8s.io"
INTERCEPTING = (
    *((_ADMISSION, kind) for kind in WEBHOOKS),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
)
"""API groups and kinds."""


@remembered
def external_service(manifest: Manifest) -> tuple[str, str] | None:
    """The id of a Service that only stands for a name elsewhere, and that name. Raises ``WrongShape``."""
    spec = mapping(manifest.body.get("spec"), ("spec",))
    if spec.get("type") != "ExternalName":
        return None
    host = text(spec.get("externalName"), ("spec", "externalName"))
    return (object_id("Service", manifest.namespace or "default", manifest.name), host) if host else None


def asked_namespace(manifest: Manifest) -> str | None:
    """The namespace of the Service behind an aggregated API or a conversion webhook; ``None`` where there is none."""
    asked: Any = manifest.body
    for part in ("spec",) if manifest.kind == "APIService" else ("spec", "conversion", "webhook", "clientConfig"):
        asked = asked.get(part) if isinstance(asked, dict) else None
    service = asked.get("service") if isinstance(asked, dict) else None
    return str(service.get("namespace")) if isinstance(service, dict) else None


def interceptors(manifest: Manifest, elsewhere: Mapping[str, str]) -> list[Interceptor]:
    """Those of one object. ``elsewhere``: of ``external_service``. Raises ``WrongShape``."""
    if manifest.kind in WEBHOOKS:
        return list(_webhooks(manifest, elsewhere))
    spec = mapping(manifest.body.get("spec"), ("spec",))
    if manifest.kind == "APIService":
        unverified = flag(spec.get(_UNVERIFIED), ("spec", _UNVERIFIED)) is True
        return _one(manifest, "aggregated API", ("spec",), spec, elsewhere, unverified)
    conversion = mapping(spec.get("conversion"), ("spec", "conversion"))
    at: Place = ("spec", "conversion", "webhook")
    client = mapping(mapping(conversion.get("webhook"), at).get("clientConfig"), (*at, "clientConfig"))
    return _one(manifest, "conversion webhook", (*at, "clientConfig"), client, elsewhere, False)


def _webhooks(manifest: Manifest, elsewhere: Mapping[str, str]) -> Iterator[Interceptor]:
    for index, entry in enumerate(listing(manifest.body.get("webhooks"), ("webhooks",))):
        place: Place = ("webhooks", index)
        webhook = mapping(entry, place)
        client = mapping(webhook.get("clientConfig"), (*place, "clientConfig"))
        seen = []
        for at, rule in enumerate(listing(webhook.get("rules"), (*place, "rules"))):
            part: Place = (*place, "rules", at)
            written = mapping(rule, part)
            groups = texts(written.get("apiGroups"), (*part, "apiGroups"))
            resources = texts(written.get("resources"), (*part, "resources"))
            seen += [f"{group}/{resource}" if group else resource for group in groups for resource in resources]
        if _sends_no_secrets(webhook, place):
            seen = [one for one in seen if one != "secrets"]
        yield from _one(
            manifest, WEBHOOKS[manifest.kind], (*place, "clientConfig"), client, elsewhere, False, tuple(seen)
        )


def _sends_no_secrets(webhook: dict[str, Any], place: Place) -> bool:
    """Whether this gate's own condition keeps Secrets away, but those that ask for a token."""
    written = set(expressions(webhook.get("matchConditions"), (*place, "matchConditions")))
    return any("'secrets'" in shipped and shipped in written for shipped in as_shipped()["conditions"])


def _one(
    manifest: Manifest,
    kind: InterceptorKind,
    place: Place,
    client: dict[str, Any],
    elsewhere: Mapping[str, str],
    unverified: bool,
    seen: tuple[str, ...] = (),
) -> list[Interceptor]:
    url = text(client.get("url"), (*place, "url"))
    service = mapping(client.get("service"), (*place, "service"))
    host = _host(url, (*place, "url")) if url else None
    if service:
        namespace = text(service.get("namespace"), (*place, "service", "namespace")) or "default"
        name = text(service.get("name"), (*place, "service", "name")) or ""
        host = elsewhere.get(object_id("Service", namespace, name))
    outside = host is not None and not _is_inside(host.lower())
    return (
        [Interceptor(kind, host, outside, unverified, seen, source_of(manifest, place), "create")]
        if url or service
        else []
    )


def _is_inside(host: str) -> bool:
    """A service of the cluster, or what listens beside the API server itself."""
    if host == "localhost" or _SERVICE.fullmatch(host):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _host(url: str, place: Place) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError as error:
        raise WrongShape(place, "a URL", url) from error
