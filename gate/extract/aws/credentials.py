"""Long-lived credentials that the change creates for a user."""

from __future__ import annotations

from collections.abc import Iterator

from gate.extract.aws.attachments import Attachments
from gate.model.access import Credential

# Terraform type → (what it is, the attribute that names the user)
_USER_CREDENTIALS = {
    "aws_iam_access_key": ("access key", "user"),
    "aws_iam_user_login_profile": ("login profile", "user"),
    "aws_iam_service_specific_credential": ("service-specific credential", "user_name"),
    "aws_iam_user_ssh_key": ("ssh key", "username"),
    "aws_iam_signing_certificate": ("signing certificate", "user_name"),
}


def credentials(attachments: Attachments) -> Iterator[Credential]:
    """A credential for each resource and user it may be for; inactive ones can be switched on, so they count."""
    for type_, (kind, attribute) in _USER_CREDENTIALS.items():
        for item in attachments.side.of(type_):
            users = attachments.holders("user", item, attribute)
            ids: list[str | None] = [user.id for user in users]
            for identity in ids or [None]:
                yield Credential(kind, item.source(), identity, item.change)
