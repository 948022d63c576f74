"""An AdmissionReview as an API server sends it to a validating webhook.

Format: ``admission.k8s.io/v1`` of the Kubernetes API reference. What an API server would not send is an ``InputError``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from gate.errors import InputError
from gate.inputs.cluster.stored_objects import without_last_applied
from gate.inputs.documents import Manifest, SourceFile

API_VERSION, KIND = "admission.k8s.io/v1", "AdmissionReview"
Operation = Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]
_HINT = "A ValidatingWebhookConfiguration sends them; admissionReviewVersions must hold v1."


@dataclass(frozen=True, slots=True)
class AdmissionRequest:
    """The request of a review.

    ``subject``: what is changed, as people write it (``Deployment shop/web``). ``after``: the object as it is to be,
    ``before``: as it is now; ``None`` where there is none. ``user``: who asks. ``dry_run``: nothing will be stored.
    """

    uid: str
    operation: Operation
    kind: str
    namespace: str
    name: str
    subresource: str
    user: str
    dry_run: bool
    after: Manifest | None
    before: Manifest | None

    @property
    def subject(self) -> str:
        """``Deployment shop/web``, ``ClusterRole admin``."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def read_uid(body: bytes) -> str | None:
    """The ``uid`` an answer has to repeat, whatever else is wrong with a review; ``None`` when nobody can tell."""
    try:
        uid = json.loads(body)["request"]["uid"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return uid if isinstance(uid, str) and 0 < len(uid) <= 128 and uid.isascii() and uid.isprintable() else None


def read_review(body: bytes) -> AdmissionRequest:
    """The request in the bytes of a review. Raises ``InputError``, which quotes nothing of them."""
    try:
        review = json.loads(body)
    except (ValueError, RecursionError):
        raise InputError("The request is not JSON.", hint=_HINT) from None
    if not isinstance(review, dict) or (review.get("apiVersion"), review.get("kind")) != (API_VERSION, KIND):
        raise InputError(f"The request is not an {KIND} of {API_VERSION}.", hint=_HINT)
    request = _object(review.get("request"), "request")
    operation = _text(request, "operation")
    if operation not in get_args(Operation):
        raise InputError("request.operation must be one of CREATE, UPDATE, DELETE, CONNECT.", hint=_HINT)
    kind = _text(_object(request.get("kind"), "request.kind"), "kind")
    digest = hashlib.sha256(body).hexdigest()
    after, before = (_manifest(request.get(side), request, kind, digest) for side in ("object", "oldObject"))
    if (after is None) != (operation == "DELETE") or (operation == "UPDATE" and before is None):
        raise InputError(f"request.object and request.oldObject do not match the operation {operation}.", hint=_HINT)
    named = after or before
    return AdmissionRequest(
        uid=_text(request, "uid"),
        operation=cast("Operation", operation),
        kind=kind,
        namespace=_text(request, "namespace", ""),
        name=_text(request, "name", "") or (named.name if named else ""),
        subresource=_text(request, "subResource", ""),
        user=_text(_object(request.get("userInfo") or {}, "request.userInfo"), "username", ""),
        dry_run=request.get("dryRun") is True,
        after=after,
        before=before,
    )


def _manifest(body: Any, request: dict[str, Any], kind: str, digest: str) -> Manifest | None:
    if body is None:
        return None
    group = _object(request.get("kind"), "request.kind")
    version = "/".join(part for part in (_text(group, "group", ""), _text(group, "version")) if part)
    metadata = _object(_object(body, "the object").get("metadata") or {}, "metadata")
    namespace = _text(request, "namespace", "") or None
    name = _text(request, "name", "") or _text(metadata, "name", "") or _text(metadata, "generateName", "")
    file = SourceFile(f"{kind} {namespace + '/' if namespace else ''}{name}", "admission", digest)
    # What the object says of its own kind, name and namespace counts for nothing: the API server's word does.
    body = {**body, "apiVersion": version, "kind": kind}
    if "metadata" in body:
        body["metadata"] = without_last_applied(body["metadata"])
    return Manifest(file, version, kind, None if kind == "Namespace" else namespace, name, body, location=None)


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{where} is missing or not an object.", hint=_HINT)
    return value


def _text(value: dict[str, Any], key: str, default: str | None = None) -> str:
    found = value.get(key)
    if found is None and default is not None:
        return default
    if not isinstance(found, str) or (default is None and not found):
        raise InputError(f"{key} is missing or not a string.", hint=_HINT)
    return found
