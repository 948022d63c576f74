"""Long-lived credentials that the change creates for a user, and the secrets it keeps them in."""

from __future__ import annotations

from collections.abc import Iterator

from gate.extract.aws.identities.policy_attachments import Attachments
from gate.extract.aws.plan.referenced_resources import ReferencedResources
from gate.model.access import Credential, CredentialKind

# Terraform type → (what it is, the attribute that names the user)
_USER_CREDENTIALS: dict[str, tuple[CredentialKind, str]] = {
    "aws_iam_access_key": ("access key", "user"),
    "aws_iam_user_login_profile": ("login profile", "user"),
    "aws_iam_service_specific_credential": ("service-specific credential", "user_name"),
    "aws_iam_user_ssh_key": ("ssh key", "username"),
    "aws_iam_signing_certificate": ("signing certificate", "user_name"),
}
_KEPT_BY = {"aws_iam_access_key": "secret", "aws_iam_user_login_profile": "password"}


def credentials(attachments: Attachments, links: ReferencedResources) -> Iterator[Credential]:
    """A credential for each resource and user it may be for; inactive ones can be switched on, so they count."""
    stored = _stored(links)
    for type_, (kind, attribute) in _USER_CREDENTIALS.items():
        for item in attachments.side.of(type_):
            users = attachments.holders("user", item, attribute)
            ids: list[str | None] = [user.id for user in users]
            kept = tuple(sorted(stored.get(item.id, ())))
            for identity in ids or [None]:
                yield Credential(kind, item.source(), identity, item.change, kept)


def _stored(links: ReferencedResources) -> dict[str, set[str]]:
    """Credential → the secrets and parameters whose value is written from it, as the plan's references tell."""
    found: dict[str, set[str]] = {}
    side = links.side
    if not any(side.by_type.get(type_) for type_ in _KEPT_BY):
        return found
    for parameter in side.of("aws_ssm_parameter"):
        for value in ("value", "value_wo"):
            for target, attribute in side.targets(parameter, value):
                if _KEPT_BY.get(target.type) == attribute:
                    found.setdefault(target.id, set()).add(parameter.id)
    for version in side.of("aws_secretsmanager_secret_version"):
        secrets = links.linked(version, ("secret_id",), "aws_secretsmanager_secret")
        for value in ("secret_string", "secret_binary", "secret_string_wo"):
            for target, attribute in side.targets(version, value):
                if _KEPT_BY.get(target.type) == attribute:
                    found.setdefault(target.id, set()).update(secret.id for secret in secrets)
    return found
