"""The identity providers of an account: who speaks through them, and what of that the change deletes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from gate.extract.aws.plan.plan_index import Item, PlanIndex
from gate.extract.aws.plan.referenced_resources import ReferencedResources
from gate.extract.aws.plan.resource_arns import ResourceArns
from gate.inputs.documents import TerraformPlan, TerraformResource
from gate.model.access import IdentityProvider, Source

_OIDC = "aws_iam_openid_connect_provider"
_SAML = "aws_iam_saml_provider"
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
_BUCKET = re.compile(
    r"^(?:(?P<host>[^/]+)\.s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com|s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com/(?P<path>[^/]+))"
)
# https://docs.oasis-open.org/security/saml/v2.0/saml-metadata-2.0-os.pdf, 2.3.2 and 2.4.1.1
_ENTITY = re.compile(r"""\bentityID\s*=\s*["']([^"']*)["']""")
_CERTIFICATE = re.compile(r"<(?:[\w.-]+:)?X509Certificate\b[^>]*>([^<]*)<")


def identity_providers(side: PlanIndex, names: ResourceArns, links: ReferencedResources) -> Iterator[IdentityProvider]:
    """Every provider of ``side``; after the change, also what it deletes while trust policies may still name it."""
    plans = {id(item.plan): item.plan for items in side.by_type.values() for item in items}.values()
    gone = dict(deleted for plan in plans for deleted in _deleted(plan)) if side.side == "after" else {}
    for item in side.of(_OIDC):
        url = item.text("url")
        issuer = None if url is None else _host(url)
        yield IdentityProvider(
            address=item.id,
            kind="oidc",
            value=names.known(item),
            source=item.source(),
            issuer=issuer,
            audiences=tuple(item.texts("client_id_list")),
            kept_by=None if issuer is None else _keeper(issuer, item, side, links),
            retired=issuer in gone and gone.pop(issuer).type == "aws_eks_cluster",
            change=item.change,
        )
    for item in side.of(_SAML):
        before = item.resource.before if side.side == "after" else item.values
        yield IdentityProvider(
            address=item.id,
            kind="saml",
            value=names.known(item),
            source=item.source(),
            keys=_keys(item.values),
            keys_before=_keys(before or {}),
            change=item.change,
        )
    for issuer, resource in gone.items():
        source = Source(resource.address, None, resource.location)
        yield IdentityProvider(
            resource.address, "oidc", None, source, issuer=issuer, retired=True, change=resource.change
        )


def _deleted(plan: TerraformPlan) -> Iterator[tuple[str, TerraformResource]]:
    """Issuer → the cluster or the provider that this change deletes; of both, the cluster."""
    resources = [r for r in plan.resources.values() if r.mode == "managed" and r.before is not None and r.after is None]
    for type_ in (_OIDC, "aws_eks_cluster"):
        for resource in resources:
            url = _url(resource.before or {}) if resource.type == type_ else None
            if url:
                yield _host(url), resource


def _url(values: dict[str, Any]) -> str | None:
    """The URL of a provider, or the issuer of a cluster."""
    node: Any = values
    for step in ("identity", "oidc") if "url" not in values else ():
        blocks = node.get(step)
        node = blocks[0] if isinstance(blocks, list) and blocks and isinstance(blocks[0], dict) else {}
    found = node.get("url" if node is values else "issuer")
    return found if isinstance(found, str) else None


def _host(url: str) -> str:
    return re.sub(r"^https?://", "", url).rstrip("/")


def _keeper(issuer: str, item: Item, side: PlanIndex, links: ReferencedResources) -> str | None:
    """The bucket or the distribution of this side that answers under the issuer's host."""
    match = _BUCKET.match(issuer)
    found = links.called(match["host"] or match["path"], item, ("aws_s3_bucket",)) if match else []
    host = issuer.partition("/")[0]
    found += [d for d in side.of("aws_cloudfront_distribution") if d.text("domain_name") == host]
    return found[0].id if len(found) == 1 else None


def _keys(values: dict[str, Any]) -> str | None:
    """Of entities and certificates: metadata that only say the same in another way have the same."""
    metadata = values.get("saml_metadata_document")
    if not isinstance(metadata, str):
        return None
    certificates = sorted("".join(text.split()) for text in _CERTIFICATE.findall(metadata))
    says = [*sorted(_ENTITY.findall(metadata)), *certificates] if certificates else [metadata]
    return hashlib.sha256("\n".join(says).encode()).hexdigest()[:12]
