"""Objects that a policy of Kyverno makes, as the manifests they are: judged as if the change held them.

https://kyverno.io/docs/policy-types/cluster-policy/generate/. A place that is filled in when a request comes
(``{{request.object.metadata.name}}``) stands as ``<request.object.metadata.name>`` in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from gate.extract.kubernetes.documents.objects import RBAC, group_of, location_of
from gate.extract.kubernetes.language.shapes import Place, WrongShape, listing, mapping
from gate.extract.kubernetes.rewriting.mutating_policies import kyverno_rules
from gate.inputs.documents import Manifest

_FILLED = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_POLICIES = frozenset({("kyverno.io", "ClusterPolicy"), ("kyverno.io", "Policy")})
COPIES = "copies secrets of the cluster to other namespaces"
UNREAD = "makes a controller create objects that are not part of the input"


def made_by(manifests: Iterable[Manifest]) -> Iterator[Manifest]:
    """The objects that policies of the change write out, and those that policies among these do."""
    for manifest in manifests:
        try:
            blocks = list(_blocks(manifest))
        except WrongShape:  # said by who reads the policy
            continue
        for place, block in blocks:
            if (found := _object(manifest, place, block)) is not None:
                yield found
                yield from made_by([found])


def unread(manifest: Manifest) -> str | None:
    """Why what a policy makes cannot be judged; ``None`` where all of it is written out or gives nothing away.

    Raises ``WrongShape``.
    """
    said = [_said(manifest, place, block) for place, block in _blocks(manifest)]
    return UNREAD if UNREAD in said else next((one for one in said if one), None)


def _said(manifest: Manifest, place: Place, block: dict[str, Any]) -> str | None:
    if "data" in block:
        return None if _object(manifest, place, block) else UNREAD
    several = mapping(block.get("cloneList"), (*place, "cloneList"))
    copied = [str(kind) for kind in listing(several.get("kinds"), (*place, "cloneList", "kinds"))]
    copied += [f"{block.get('apiVersion')}/{block.get('kind')}"] if "clone" in block else []
    kinds = {kind.rpartition("/")[2] for kind in copied}
    if not kinds or any("{{" in kind or "*" in kind or kind.startswith(RBAC) for kind in copied):
        return UNREAD
    if "Secret" in kinds:
        return COPIES
    return None if kinds <= {"ConfigMap", "NetworkPolicy", "LimitRange", "ResourceQuota"} else UNREAD


def _blocks(manifest: Manifest) -> Iterator[tuple[Place, dict[str, Any]]]:
    """What a policy generates, each with its place."""
    if (group_of(manifest), manifest.kind) not in _POLICIES:
        return
    for place, rule in kyverno_rules(manifest):
        at: Place = (*place, "generate")
        generate = mapping(rule.get("generate"), at)
        each = listing(generate.get("foreach"), (*at, "foreach"))
        for index, entry in enumerate(each):
            yield (*at, "foreach", index), mapping(entry, (*at, "foreach", index))
        if generate and not each:
            yield at, generate


def _object(manifest: Manifest, place: Place, block: dict[str, Any]) -> Manifest | None:
    version, kind, data = block.get("apiVersion"), block.get("kind"), block.get("data")
    open_kind = any(not isinstance(part, str) or "{{" in part for part in (version, kind))
    if open_kind or not isinstance(data, dict):
        return None
    filled: dict[str, Any] = _filled(data)
    name, namespace = (_filled(block.get(key)) for key in ("name", "namespace"))
    given = filled.get("metadata")
    metadata = {**(given if isinstance(given, dict) else {}), "name": name, "namespace": namespace}
    body = {**filled, "apiVersion": version, "kind": kind, "metadata": {k: v for k, v in metadata.items() if v}}
    inside = (*place, "data")
    lines = {at[len(inside) :]: line for at, line in manifest.lines.items() if at[: len(inside)] == inside}
    return Manifest(
        manifest.file,
        str(version),
        str(kind),
        str(namespace) if namespace else None,
        str(name),
        body,
        location_of(manifest, inside) if manifest.location else None,
        lines,
    )


def _filled(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return _FILLED.sub(r"<\1>", value)
    if isinstance(value, dict):
        return {_filled(key): _filled(item) for key, item in value.items()}
    return [_filled(item) for item in value] if isinstance(value, list) else value
