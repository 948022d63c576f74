"""AWS roles as manifests name them: found in the plan by name and account, or outside of the change."""

from __future__ import annotations

import re

from gate.model.access import AccessModel, Identity

ANY_ACCOUNT = "arn:aws:iam::?:role/"
_ARN = re.compile(r"arn:[^:]*:iam::([^:]*):(role|user)/(?:.*/)?([^/]+)")


class NamedIdentities:
    """The roles and users of a model, looked up by ARN."""

    def __init__(self, model: AccessModel) -> None:
        self._by_name: dict[tuple[str, str], list[Identity]] = {}
        for one in model.identities.values():
            if one.platform == "aws" and one.kind in ("role", "user"):
                self._by_name.setdefault((one.kind, one.name), []).append(one)

    def id(self, arn: str) -> str:
        """The id of the role or user with that name in that account, else the ARN as it is written.

        One that the change creates goes before one that it only attaches policies to. An account that is not a number
        (a place left open) may be any.
        """
        match = _ARN.fullmatch(arn)
        if match is None:
            return arn
        account, kind, name = match.groups()
        found = [
            one
            for one in self._by_name.get((kind, name), ())
            if not account.isdigit() or one.account in (None, account)
        ]
        created = [one for one in found if not one.external] or found
        return created[0].id if len(created) == 1 else arn


def account_named(arn: str) -> str | None:
    """The account of an ARN, where it is a number."""
    match = _ARN.fullmatch(arn)
    return match[1] if match and match[1].isdigit() else None


def outside(arn: str) -> Identity:
    """The role of that ARN, which no plan of the change holds."""
    match = _ARN.fullmatch(arn)
    return Identity(arn, "role", "aws", match[3] if match else arn, {}, external=True, account=account_named(arn))
