"""Plaintext secrets in Kubernetes manifests: Secrets, ConfigMaps, annotations, environment, command lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gate.extract.secrets.announcing_names import says_whom_or_where
from gate.extract.secrets.harmless_forms import is_public
from gate.extract.secrets.places import (
    CREDENTIALS,
    HEADER,
    HEADERS,
    Found,
    Keys,
    as_json,
    as_yaml,
    decoded,
    in_value,
    shapes,
)
from gate.extract.secrets.plausible_values import is_literal, looks_random
from gate.inputs.documents import Manifest
from gate.model.access import Location

_ANNOTATIONS: Keys = ("metadata", "annotations")
_PLACES = frozenset({"env", "args", "command", "httpHeaders"})
# Custom resources that carry the values of a Helm chart, and where.
_OF_CHARTS = frozenset({"Application", "ApplicationSet", "HelmChart", "HelmChartConfig", "HelmRelease"})
_VALUES = frozenset({"values", "valuesObject", "valuesContent", "set", "parameters"})
_OBJECT = re.compile(r"[a-z0-9][a-z0-9.-]*(?:/[a-z0-9][a-z0-9.-]*)?")
_SECTION = re.compile(r"\[[^\[\]\n]+\]")
_SETTING = re.compile(r"(?:export\s+)?[\w.\-]+\s*[=:]\s*(.*)")
_WHOM_OR_WHERE = re.compile(r"[\w.@+\-]{1,253}(?::\d{1,5})?")
_MANIFEST_SECRET = "Kubernetes Secret in a manifest"


def in_manifest(manifest: Manifest) -> Iterator[Found]:
    """Every secret of a manifest; a path may come twice. Sealed and external secrets hold none."""
    body = manifest.body
    if manifest.kind == "Secret" and manifest.api_version == "v1":
        for part in ("data", "stringData"):
            for name, value in _items(body.get(part)):
                if isinstance(value, str) and is_credential(name, decoded(value) if part == "data" else value):
                    yield Found((part, name), _MANIFEST_SECRET, value)
        body = {k: v for k, v in body.items() if k not in {"data", "stringData"}}
    if manifest.kind == "ConfigMap":
        yield from in_value(body.get("data"), ("data",), named=False)
        for name, value in _items(body.get("binaryData")):  # text too may be written so
            if isinstance(value, str) and (text := decoded(value)) != value:
                yield from in_value({name: text}, ("binaryData",), named=False)
    metadata = body.get("metadata")
    if isinstance(metadata, dict):
        yield from (f for f in in_value(metadata.get("annotations"), _ANNOTATIONS, named=False) if not _refers(f))
    yield from _in_pods(body, (), _PLACES | _VALUES if manifest.kind in _OF_CHARTS else _PLACES)


def _refers(found: Found) -> bool:
    """``nginx.ingress.kubernetes.io/auth-secret: basic-auth`` names a Secret."""
    key = str(found.keys[-1])
    return "/" in key and key.endswith("-secret") and _OBJECT.fullmatch(found.value) is not None


def _in_pods(value: object, keys: Keys, places: frozenset[str]) -> Iterator[Found]:
    """Environment, command lines, and known tokens anywhere: the API's own field names (``secretName``) say nothing.

    ``places``: keys below which names are the author's own, so that they do say something.
    """
    if isinstance(value, dict):
        for key, member in value.items():
            inner = (*keys, key)
            if key == "httpHeaders":
                yield from _in_headers(member, inner)
            if key in places or (key == "annotations" and keys[-1:] == ("metadata",)):
                yield from in_value(member, inner, named=False)
            else:
                yield from _in_pods(member, inner, places)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _in_pods(member, (*keys, index), places)
    elif isinstance(value, str):
        yield from shapes(value, keys)


def _in_headers(value: object, keys: Keys) -> Iterator[Found]:
    """Credentials that a probe or a hook sends."""
    for index, header in enumerate(value if isinstance(value, list) else ()):
        name, said = (header.get("name"), header.get("value")) if isinstance(header, dict) else (None, None)
        if isinstance(name, str) and isinstance(said, str) and name.lower() in HEADERS:
            credentials = CREDENTIALS.fullmatch(said)
            if credentials and is_literal(credentials[1]):
                yield Found((*keys, index, "value"), HEADER, credentials[1])


def is_credential(name: str, value: str) -> bool:
    """Whether an entry of a Secret is one: a user's name or a host beside the password is none, whatever it says.

    https://kubernetes.io/docs/concepts/configuration/secret/#basic-authentication-secret
    """
    if says_whom_or_where(name) and _WHOM_OR_WHERE.fullmatch(value.strip()):
        return _holds_credential({name: value.strip()})
    return says_something(value)


def says_something(value: str) -> bool:
    """Whether an entry of a Secret is a credential: what is public, or configuration without one, is none."""
    if not value.strip() or is_public(value):
        return False
    document = as_json(value) if value.lstrip()[:1] in ("{", "[") else as_yaml(value)
    if isinstance(document, dict | list) and document:
        return _holds_credential(document)
    if document == {} or document == []:
        return False
    settings = _settings(value)
    return is_literal(value) if settings is None else _holds_credential({"text": value, "settings": settings})


def _holds_credential(document: object) -> bool:
    """Whether structured content holds one: by name, by form, or a value that nobody thought of."""
    found = next(in_value(document, ("data",), named=False), None)
    return found is not None or any(map(looks_random, _texts(document)))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _texts(member)


def _settings(text: str) -> list[str] | None:
    """The values of an INI or properties file of more than one line; ``None`` when it is none."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and line[0] not in "#;"]
    if len(lines) < 2 or not all(_SECTION.fullmatch(line) or _SETTING.fullmatch(line) for line in lines):
        return None
    return [found[1].strip("\"' ") for line in lines if (found := _SETTING.fullmatch(line))]


def place(manifest: Manifest, keys: Keys) -> Location | None:
    """The line of the innermost part of a path that has one."""
    whole = manifest.location
    for length in range(len(keys), 0, -1):
        if whole and (line := manifest.lines.get(keys[:length])) is not None:
            return Location(whole.file, line, line)
    return whole


def _items(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield from ((str(k), v) for k, v in value.items())
