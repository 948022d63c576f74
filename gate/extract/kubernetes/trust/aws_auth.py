"""The config map aws-auth of an EKS cluster: which AWS identities it lets in, and into which groups.

https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gate.extract.kubernetes.documents.objects import group_of, source_of
from gate.extract.kubernetes.language.shapes import Place, WrongShape, listing, mapping, text, texts
from gate.inputs.documents import Manifest
from gate.model.access import Source

NODES = "system:nodes"
_PARTS = {"mapRoles": "rolearn", "mapUsers": "userarn"}


@dataclass(frozen=True, slots=True)
class Mapped:
    """``arn`` is let in as a member of ``groups``; its source has the number of the entry as statement."""

    arn: str
    groups: tuple[str, ...]
    source: Source


def is_aws_auth(manifest: Manifest) -> bool:
    """Whether the object is the map; no other name is read by the cluster."""
    where = (manifest.kind, manifest.namespace, manifest.name)
    return where == ("ConfigMap", "kube-system", "aws-auth") and group_of(manifest) == ""


def mapped(manifest: Manifest) -> list[Mapped]:
    """Every entry. A whole account (``mapAccounts``) is let in without groups. Raises ``WrongShape``."""
    data = mapping(manifest.body.get("data"), ("data",))
    return [entry for part, key in _PARTS.items() for entry in _entries(manifest, part, key, data)]


def _entries(manifest: Manifest, part: str, key: str, data: dict[str, Any]) -> Iterator[Mapped]:
    place: Place = ("data", part)
    for index, entry in enumerate(listing(_yaml(data.get(part), place), place)):
        at = (*place, index)
        said = mapping(entry, at)
        arn = text(said.get(key), (*at, key))
        groups = texts(said.get("groups"), (*at, "groups"))
        if arn:
            yield Mapped(arn, groups, source_of(manifest, place, f"{part}[{index}]"))


def _yaml(written: object, place: Place) -> object:
    """User names hold places (``{{EC2PrivateDNSName}}``) that the cluster fills in: text like any other."""
    import yaml

    if written is not None and not isinstance(written, str):
        raise WrongShape(place, "text", written)
    try:
        return yaml.load(written or "[]", Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise WrongShape(place, "a list written as YAML", written) from None
