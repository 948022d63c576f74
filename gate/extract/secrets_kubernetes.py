"""Plaintext secrets in Kubernetes manifests: Secrets, ConfigMaps, annotations, environment, command lines."""

from __future__ import annotations

from collections.abc import Iterator

from gate.extract.secret_places import Found, Keys, decoded, in_value, shapes
from gate.extract.secret_values import is_literal
from gate.inputs.documents import Manifest
from gate.model.access import Location

_MANIFEST_SECRET = "Kubernetes Secret in a manifest"


def in_manifest(manifest: Manifest) -> Iterator[Found]:
    """Every secret of a manifest; a path may come twice. Sealed and external secrets hold none."""
    body = manifest.body
    if manifest.kind == "Secret" and manifest.api_version == "v1":
        for part in ("data", "stringData"):
            for name, value in _items(body.get(part)):
                if isinstance(value, str) and _says_something(decoded(value) if part == "data" else value):
                    yield Found((part, name), _MANIFEST_SECRET, value)
        body = {k: v for k, v in body.items() if k not in {"data", "stringData"}}
    if manifest.kind == "ConfigMap":
        yield from in_value(body.get("data"), ("data",), named=False)
    metadata = body.get("metadata")
    if isinstance(metadata, dict):
        yield from in_value(metadata.get("annotations"), ("metadata", "annotations"), named=False)
    yield from _in_pods(body, ())


def _in_pods(value: object, keys: Keys) -> Iterator[Found]:
    """Environment, command lines, and known tokens anywhere: the API's own field names (``secretName``) say nothing."""
    if isinstance(value, dict):
        for key, member in value.items():
            inner = (*keys, key)
            if key in {"env", "args", "command"} or (key == "annotations" and keys[-1:] == ("metadata",)):
                yield from in_value(member, inner, named=False)
            else:
                yield from _in_pods(member, inner)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _in_pods(member, (*keys, index))
    elif isinstance(value, str):
        yield from shapes(value, keys)


def _says_something(value: str) -> bool:
    return bool(value.strip()) and is_literal(value)


def place(manifest: Manifest, keys: Keys) -> Location:
    """The line of the innermost part of a path that has one."""
    for length in range(len(keys), 0, -1):
        if (line := manifest.lines.get(keys[:length])) is not None:
            return Location(manifest.location.file, line, line)
    return manifest.location


def _items(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield from ((str(k), v) for k, v in value.items())
