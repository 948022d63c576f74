"""Which identity of a cloud a service account stands for, as its annotations say.

EKS: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html, GKE:
https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity, AKS:
https://learn.microsoft.com/azure/aks/workload-identity-overview
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from gate.extract.kubernetes.documents.objects import group_of, manifest_id, source_of
from gate.extract.kubernetes.language.shapes import Place, WrongShape, mapping, pairs
from gate.inputs.documents import Manifest
from gate.model.access import Source

Cloud = Literal["aws", "gcp", "azure"]
_ANNOTATIONS: dict[str, Cloud] = {
    "eks.amazonaws.com/role-arn": "aws",
    "iam.gke.io/gcp-service-account": "gcp",
    "azure.workload.identity/client-id": "azure",
}


@dataclass(frozen=True, slots=True)
class CloudName:
    """``account`` (id of a service account) names an identity of ``cloud``: a role's ARN, an email or a client id."""

    account: str
    cloud: Cloud
    name: str
    source: Source


def cloud_names(manifests: Iterable[Manifest]) -> Iterator[CloudName]:
    """What the service accounts of the change say. One of a wrong shape is said already, by who reads the account."""
    for manifest in manifests:
        if manifest.kind != "ServiceAccount" or group_of(manifest):
            continue
        place: Place = ("metadata", "annotations")
        try:
            annotations = pairs(mapping(manifest.body.get("metadata"), place[:1]).get("annotations"), place)
        except WrongShape:
            continue
        for key, cloud in _ANNOTATIONS.items():
            if name := annotations.get(key, "").strip():
                yield CloudName(manifest_id(manifest), cloud, name, source_of(manifest, (*place, key)))
