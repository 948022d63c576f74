"""The objects of this gate itself in a cluster, told by what they are: names may get a prefix, labels may go."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from gate.extract.kubernetes.documents.objects import group_of, namespace_of
from gate.extract.kubernetes.language.shapes import Place, WrongShape, listing, mapping, pairs, text
from gate.inputs.documents import Manifest

EXEMPT = "gate.nhi/exempt"
NAME = "gate-admission"
NAMESPACE = "gate-system"
PROGRAM = ("serve", "admission")
_PART_OF = ("app.kubernetes.io/part-of", "nhi-gate")
_COMPONENT = ("app.kubernetes.io/name", NAME)
_DOMAIN = ".gate.nhi"


def is_own_webhook(manifest: Manifest) -> bool:
    """Whether a ValidatingWebhookConfiguration is this gate's: by its name, labels, webhooks or service.

    Raises ``WrongShape``.
    """
    if manifest.kind != "ValidatingWebhookConfiguration":
        return False
    hooks = list(webhooks_of(manifest))
    if manifest.name == "gate" or (manifest.name.endswith("-gate") and not hooks) or _is_part(manifest):
        return True
    for place, webhook in hooks:
        client = mapping(webhook.get("clientConfig"), (*place, "clientConfig"))
        service = mapping(client.get("service"), (*place, "clientConfig", "service"))
        if str(webhook.get("name")).endswith(_DOMAIN) or str(service.get("name")).endswith(NAME):
            return True
    return False


def is_own_policy(manifest: Manifest) -> bool:
    """Whether it is the policy that guards exemptions, or its binding."""
    spec = manifest.body.get("spec")
    policy = spec.get("policyName") if isinstance(spec, dict) else None
    kinds = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
    return manifest.kind in kinds and "gate-exemptions" in (manifest.name, policy)


def is_own_workload(manifest: Manifest) -> bool:
    """Whether a workload is the one that answers for this gate. Raises ``WrongShape``."""
    if group_of(manifest) != "apps":
        return False
    labelled = _COMPONENT in labels(manifest).items()
    return manifest.name.endswith(NAME) or labelled or any(program[:2] == PROGRAM for program in programs(manifest))


def is_own_service(manifest: Manifest) -> bool:
    """Whether a Service is the one that leads to this gate. Raises ``WrongShape``."""
    return (group_of(manifest), manifest.kind) == ("", "Service") and (
        manifest.name.endswith(NAME) and (_is_part(manifest) or namespace_of(manifest) == NAMESPACE)
    )


def is_own_settings(manifest: Manifest) -> bool:
    """Whether a ConfigMap holds this gate's settings. Raises ``WrongShape``."""
    if (group_of(manifest), manifest.kind) != ("", "ConfigMap"):
        return False
    return "gate.yaml" in mapping(manifest.body.get("data"), ("data",)) and (
        "gate-config" in manifest.name or _is_part(manifest) or namespace_of(manifest) == NAMESPACE
    )


def homes(manifests: Iterable[Manifest]) -> frozenset[str]:
    """The namespaces where this gate runs: its usual one, and those of its workloads."""
    return frozenset({NAMESPACE, *(namespace_of(m) for m in manifests if _can_be_read(is_own_workload, m))})


def _can_be_read(test: Callable[[Manifest], bool], manifest: Manifest) -> bool:
    try:
        return test(manifest)
    except WrongShape:  # said already, by who reads the object itself
        return False


def webhooks_of(manifest: Manifest) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Each webhook of a configuration with its place. Raises ``WrongShape``."""
    for index, entry in enumerate(listing(manifest.body.get("webhooks"), ("webhooks",))):
        yield ("webhooks", index), mapping(entry, ("webhooks", index))


def containers_of(manifest: Manifest) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Each container of a workload with its place. Raises ``WrongShape``."""
    spec = mapping(manifest.body.get("spec"), ("spec",))
    template = mapping(spec.get("template"), ("spec", "template"))
    place: Place = ("spec", "template", "spec", "containers")
    containers = listing(mapping(template.get("spec"), place[:-1]).get("containers"), place)
    for index, entry in enumerate(containers):
        yield (*place, index), mapping(entry, (*place, index))


def programs(manifest: Manifest) -> Iterator[tuple[str, ...]]:
    """The arguments of each container of a workload, its command before them. Raises ``WrongShape``."""
    for place, container in containers_of(manifest):
        command = listing(container.get("command"), (*place, "command"))
        arguments = listing(container.get("args"), (*place, "args"))
        if command and str(command[0]).rpartition("/")[2] == "gate":
            command = command[1:]
        yield tuple(map(str, (*command, *arguments)))


def labels(manifest: Manifest) -> dict[str, str]:
    """Raises ``WrongShape``."""
    metadata = mapping(manifest.body.get("metadata"), ("metadata",))
    return pairs(metadata.get("labels"), ("metadata", "labels"))


def as_shipped() -> dict[str, list[str]]:
    """Expressions (CEL) of ``deploy/``, each on one line: ``conditions`` of the webhooks, ``validations`` and
    ``variables`` of the policy.
    """
    return _shipped()


@cache
def _shipped() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(files(__package__).joinpath("shipped.json").read_text("utf-8"))
    return found


def expressions(value: object, place: Place) -> list[str]:
    """``expression`` of each entry of a list, on one line, behind the name of a variable. Raises ``WrongShape``."""
    entries = [mapping(entry, (*place, index)) for index, entry in enumerate(listing(value, place))]
    written = [text(entry.get("expression"), (*place, index)) or "" for index, entry in enumerate(entries)]
    named = [f"{entry.get('name')} = " if place[-1] == "variables" else "" for entry in entries]
    return [name + " ".join(expression.split()) for name, expression in zip(named, written, strict=True)]


def _is_part(manifest: Manifest) -> bool:
    return _PART_OF in labels(manifest).items()
