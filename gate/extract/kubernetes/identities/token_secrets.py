"""Long-lived credentials: Secrets that ask for a service account token."""

from __future__ import annotations

from gate.extract.kubernetes.documents.objects import namespace_of, object_id, source_of
from gate.extract.kubernetes.language.shapes import mapping, pairs
from gate.inputs.documents import Manifest
from gate.model.access import Credential

_TOKEN = "kubernetes.io/service-account-token"
_BOOTSTRAP = "bootstrap.kubernetes.io/token"


def token_secret(manifest: Manifest) -> Credential | None:
    """The token a Secret asks for (its type says so), which never expires. Raises ``WrongShape``."""
    kind = manifest.body.get("type")
    if kind == _BOOTSTRAP:
        return Credential("bootstrap token", source_of(manifest), change="create")
    if kind != _TOKEN:
        return None
    metadata = mapping(manifest.body.get("metadata"), ("metadata",))
    annotations = pairs(metadata.get("annotations"), ("metadata", "annotations"))
    account = annotations.get("kubernetes.io/service-account.name")
    identity = object_id("ServiceAccount", namespace_of(manifest), account) if account else None
    return Credential("service account token", source_of(manifest), identity, "create")
