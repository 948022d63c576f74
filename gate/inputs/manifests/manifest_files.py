"""Kubernetes YAML and JSON to manifests with line numbers.

Several documents and ``List`` kinds are taken apart; what ``helm template`` and ``kubectl kustomize`` print is read as
it is. A document that cannot be read among others that can is an ``UnreadDocument``: a reason to deny.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gate.inputs.documents import Manifest, SourceFile, UnreadDocument
from gate.inputs.text.yaml.building import Path, YamlDocument
from gate.inputs.text.yaml.loading import load_documents
from gate.model.access import Location

KIND = "kubernetes"

_RENDER = "Render it first (helm template, kubectl kustomize) and give the result, or correct the document."
_NOT_DEPLOYED = (
    "kustomize.config.k8s.io/",
    "kind.x-k8s.io/",
    "skaffold/",
    "config.k8s.io/",
    "audit.k8s.io/",
    "kubelet.config.k8s.io/",
)


@dataclass(slots=True)
class Manifests:
    """What one file holds. ``strangers``: documents that are no Kubernetes objects: places in a file of manifests where
    something stands that the cluster would refuse. ``broken``: documents that could not be parsed at all.
    """

    manifests: list[Manifest] = field(default_factory=list)
    unread: list[UnreadDocument] = field(default_factory=list)
    broken: list[UnreadDocument] = field(default_factory=list)
    strangers: list[UnreadDocument] = field(default_factory=list)


def parse_manifests(text: str, file: SourceFile, parsed: Any = None) -> Manifests:
    """Every object in ``text``; ``parsed`` is its value when it is JSON that was read already."""
    found = Manifests()
    documents = load_documents(text) if parsed is None else [_json_document(text, parsed)]
    for document in documents:
        place = Location(file.path, document.line, document.end_line)
        if document.broken:
            reason = f"line {document.problem_line}: {document.problem}"
            place = Location(file.path, document.problem_line, document.problem_line)
            found.broken.append(UnreadDocument(place, "document", reason, _RENDER))
        elif not _like_an_object(document.value):
            reason = "not a Kubernetes object: it has neither apiVersion nor kind and metadata"
            found.strangers.append(UnreadDocument(place, "document", reason, _RENDER))
        elif document.problem:
            reason = f"line {document.problem_line}: {document.problem}, so two readers could see two different objects"
            found.unread.append(UnreadDocument(place, "document", reason, _RENDER))
        elif not str(document.value.get("apiVersion")).startswith(_NOT_DEPLOYED):
            _objects(document, file, place, found)
    return found


def line_of(manifest: Manifest, path: Path) -> int:
    """The line of a value, or of the nearest value around it whose line is known (values behind an alias have none)."""
    while path and path not in manifest.lines:
        path = path[:-1]
    return manifest.lines.get(path, manifest.location.line if manifest.location else 1)


def _json_document(text: str, parsed: Any) -> YamlDocument:
    """JSON is nearly YAML: libyaml tells the lines where it can read it; the value is the JSON reader's."""
    documents = list(load_documents(text))
    if len(documents) == 1 and not documents[0].problem:
        documents[0].value = parsed
        return documents[0]
    return YamlDocument(parsed, {(): 1}, 1, text.count("\n") + 1)


def _like_an_object(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    return ("apiVersion" in value and ("kind" in value or "metadata" in value)) or (
        "kind" in value and "metadata" in value
    )


def _objects(document: YamlDocument, file: SourceFile, place: Location, found: Manifests) -> None:
    body = document.value
    kind, items = body.get("kind"), body.get("items")
    if not (isinstance(kind, str) and kind.endswith("List") and isinstance(items, list)):
        _manifest(body, document.lines, file, place, found)
        return
    if body.get("metadata") and isinstance(body["metadata"], dict) and body["metadata"].get("continue"):
        remedy = "Write the whole list: kubectl get --chunk-size=0"
        found.unread.append(UnreadDocument(place, "list", "one page of a longer list", remedy))
    for item, lines, start, end in _items(items, document):
        inner = Location(file.path, start, end)
        if isinstance(item, dict) and kind != "List":  # items of a typed list may leave out what the list says
            item = {"apiVersion": body.get("apiVersion"), "kind": kind.removesuffix("List"), **item}
        if isinstance(item, dict) and str(item.get("kind")).endswith("List") and isinstance(item.get("items"), list):
            _objects(YamlDocument(item, lines, start, end), file, inner, found)
        else:
            _manifest(item, lines, file, inner, found)


def _items(items: list[Any], document: YamlDocument) -> Iterator[tuple[Any, dict[Path, int], int, int]]:
    """Each item with its own lines, its first and its last line."""
    lines: list[dict[Path, int]] = [{} for _ in items]
    for path, line in document.lines.items():
        if len(path) > 1 and path[0] == "items" and isinstance(path[1], int):
            lines[path[1]][path[2:]] = line
    starts = [own.get((), document.line) for own in lines]
    ends = [max(own.values(), default=document.line) for own in lines]
    yield from zip(items, lines, starts, ends, strict=True)


def _manifest(body: Any, lines: dict[Path, int], file: SourceFile, place: Location, found: Manifests) -> None:
    metadata = body.get("metadata") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(metadata, dict):
        found.unread.append(UnreadDocument(place, "object", "metadata is missing or not an object", _RENDER))
        return
    version, kind = body.get("apiVersion"), body.get("kind")
    name = metadata.get("name") or metadata.get("generateName")
    namespace = metadata.get("namespace")
    if any(isinstance(said, str) and "{{" in said for said in (version, kind, name, namespace)):
        found.unread.append(UnreadDocument(place, "object", "a template that was not rendered", _RENDER))
        return
    for field_name, value in (("apiVersion", version), ("kind", kind), ("metadata.name", name)):
        if not isinstance(value, str) or not value:
            found.unread.append(UnreadDocument(place, "object", f"{field_name} is missing or not a string", _RENDER))
            return
    if namespace is not None and not isinstance(namespace, str):
        found.unread.append(UnreadDocument(place, "object", "metadata.namespace must be a string", _RENDER))
        return
    assert isinstance(version, str) and isinstance(kind, str) and isinstance(name, str)
    found.manifests.append(Manifest(file, version, kind, namespace or None, name, body, place, lines))
