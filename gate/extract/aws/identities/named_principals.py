"""Who a trust policy or a resource policy names.

Kinds: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re

from gate.extract.aws.identities.identity_index import IdentityIndex
from gate.extract.aws.plan.plan_index import Item, account_of
from gate.model.access import Principal

_ACCOUNT = re.compile(r"^[0-9]{12}$")
_DANGLING = re.compile(r"^A(?:RO|ID|GP|IP|NP|PK|SC|CC)A[A-Z0-9]{12,}$")
EVERYBODY = frozenset(
    ["http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"]
)
_ORIGIN = "CloudFront Origin Access Identity"
_REGION = re.compile(r"\.[a-z]{2}(-[a-z]+)+-\d\.amazonaws\.com$")
_DATA_SOURCE = re.compile(r"\$\{(?:module\.[^}]*\.)?data\.([a-z0-9_]+)\.[^}]*\}$")
_OIDC = {"accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"}


def principal(type_: str, value: str, registry: IdentityIndex, referrer: Item) -> Principal:
    """One principal of a statement: its type (``AWS``, ``Service``, ``Federated`` …) and value as written."""
    if value == "*" and type_ in ("*", "AWS"):
        return Principal("anyone", "*")
    if type_ == "Service":
        return service(value)
    if type_ == "CanonicalUser":
        return canonical(value, registry)
    if type_ == "Federated":
        return _federated(value, registry, referrer)
    if type_ != "AWS":
        return Principal("unknown", value)
    if _ACCOUNT.match(value):
        return Principal("account", value, account=value, own_account=registry.own_account(value, referrer))
    if _DANGLING.match(value):
        return Principal("dangling", value)
    return _arn(value, registry, referrer)


def grantee(value: str, registry: IdentityIndex, referrer: Item) -> Principal:
    """Whom an argument shares with: an account, an ARN, an organisation, a service, a group of S3, everybody."""
    if value.lower() in ("all", "*") or value in EVERYBODY:
        return Principal("anyone", "*")
    if value.startswith("o-") or ":organization/" in value or ":ou/" in value:
        return Principal("organization", value)
    if value.endswith(".amazonaws.com"):
        return service(value)
    return principal("AWS", value, registry, referrer)


def service(value: str) -> Principal:
    """A service by its principal name, which may hold a region."""
    return Principal("service", value, name=_REGION.sub(".amazonaws.com", value))


def canonical(value: str, registry: IdentityIndex) -> Principal:
    """An account, or an origin access identity of CloudFront, by its canonical user id."""
    for item in registry.side.of("aws_cloudfront_origin_access_identity"):
        if item.text("s3_canonical_user_id") == value:
            return _origin(item.text("iam_arn") or f"{_ORIGIN} {item.id}")
    own = {item.text("id") for item in registry.side.data("aws_canonical_user_id")}
    asked = _DATA_SOURCE.match(value)
    return Principal("canonical", value, own_account=value in own or None, name=asked[1] if asked else None)


def _origin(value: str) -> Principal:
    return Principal("origin_access", value, name=re.split("[ /]", value)[-1])


def _arn(value: str, registry: IdentityIndex, referrer: Item) -> Principal:
    if _ORIGIN in value:
        return _origin(value)
    account = account_of(value)
    own = registry.own_account(account, referrer)
    tail = value.split(":", 5)[5] if value.count(":") >= 5 else ""
    if tail == "root" and value.split(":", 3)[2] == "iam":
        return Principal("account", value, account=account, own_account=own)
    if ":sts:" in value and tail.startswith(("assumed-role/", "federated-user/")):
        role = tail.split("/")[1] if tail.startswith("assumed-role/") else None
        drafts = registry.by_name("role", role, referrer) if role and own is not False else []
        identity = drafts[0].id if len(drafts) == 1 and drafts[0].item is not None else None
        return Principal("session", value, identity=identity, account=account, own_account=own)
    draft = registry.by_arn(value, referrer)
    if draft is None:
        return Principal("unknown", value, account=account, own_account=own)
    if draft.item is not None and own is None:
        own = True
    shown = registry.names.arn(draft.item) if draft.item is not None and registry.names.named(draft.item) else value
    return Principal(draft.kind, shown, identity=draft.id, account=account or registry.account(draft), own_account=own)


def _federated(value: str, registry: IdentityIndex, referrer: Item) -> Principal:
    item = registry.names.item(value, referrer)
    if item is not None and registry.names.named(item):
        value = registry.names.arn(item)
    account = account_of(value)
    own = registry.own_account(account, referrer)
    if ":saml-provider/" in value or (item is not None and item.type == "aws_iam_saml_provider"):
        return Principal("saml", value, account=account, own_account=own)
    if ":oidc-provider/" in value or value in _OIDC or (item is not None and "openid_connect" in item.type):
        name = value.rpartition("oidc-provider/")[2].removeprefix("https://")
        return Principal("oidc", value, account=account, own_account=own, name=name)
    return Principal("unknown", value, account=account, own_account=own)
