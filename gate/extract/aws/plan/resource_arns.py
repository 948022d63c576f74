"""What a resource is called in policies: its ARN, known or synthesised, or a placeholder, and back to the resource."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from gate.extract.aws.plan import arn_formats
from gate.extract.aws.plan.plan_index import Item, PlanIndex
from gate.inputs.terraform.evaluation.symbols import OWN_ACCOUNT

PLACEHOLDER = "arn:aws:gate:::"

_UNKNOWN_ACCOUNT = "{account?}"
_UNKNOWN_REGION = "{region?}"

# The last part of the ARN of resources whose ARN follows from their arguments alone.
# Service Authorization Reference, "Resource types defined by …", for each service.
_IAM = {
    "aws_iam_role": "role{path}{name}",
    "aws_iam_user": "user{path}{name}",
    "aws_iam_group": "group{path}{name}",
    "aws_iam_policy": "policy{path}{name}",
    "aws_iam_instance_profile": "instance-profile{path}{name}",
    "aws_iam_saml_provider": "saml-provider/{name}",
}
# References to these attributes in a list of resources name the resource itself.
_SELF = {"", "arn", "execution_arn", "stream_arn", "qualified_arn", "invoke_arn", "latest_stream_arn"}
_ID_IS_NAME = {"aws_s3_bucket", "aws_iam_role", "aws_iam_user", "aws_iam_group", "aws_iam_instance_profile",
               "aws_dynamodb_table", "aws_ecr_repository", "aws_cloudwatch_log_group"}  # fmt: skip
_SYMBOLS = re.compile(r"(arn:aws:gate:::)?(gateref\d+z)")
_ID_IS_ARN = {"aws_sns_topic", "aws_iam_policy", "aws_s3_bucket", "aws_secretsmanager_secret", "aws_sfn_state_machine",
              "aws_iam_openid_connect_provider", "aws_iam_saml_provider", "aws_kms_key"}  # fmt: skip


@dataclass(slots=True)
class ResourceArns:
    """ARNs of the side's resources, both ways."""

    arns: dict[str, str]
    """ARN, synthesised ARN or placeholder → address."""
    side: PlanIndex
    _used: set[str] = field(default_factory=set)
    _of: dict[str, str] = field(default_factory=dict)
    _suffixes: dict[str, list[Item]] = field(default_factory=dict)
    _items: dict[str, Item] = field(default_factory=dict)

    def arn(self, item: Item) -> str:
        """The ARN of ``item``: as known, as it follows from its arguments, or a placeholder that names its address."""
        self._used.add(item.id)
        return self._of[item.id]

    def known(self, item: Item) -> str | None:
        """``arn`` for who only compares it: a placeholder handed out here does not become a target."""
        return self._of.get(item.id)

    def targets(self) -> dict[str, str]:
        """What a policy can name: managed resources by ARN, and by placeholder where one was handed out."""
        return {
            arn: address
            for arn, address in self.arns.items()
            if self._items[address].resource.mode == "managed"
            and (address in self._used or not arn.startswith(PLACEHOLDER + address))
        }

    def named(self, item: Item) -> bool:
        """Whether policies can name ``item`` by something we know."""
        return item.id in self._of

    def item(self, arn: str, referrer: Item | None = None) -> Item | None:
        """The resource of this side that ``arn`` (or placeholder) means.

        An ARN with an account matches a resource whose account is not known yet when its name and path are the same.
        """
        address = self.arns.get(arn)
        if address is not None:
            return self._items[address]
        if referrer is not None:
            reference = self.side.symbol(referrer, arn)
            if reference is not None:
                found = self.side.resolve(reference.address, referrer)
                return found[0] if len(found) == 1 else None
        parts = arn.split(":", 5)
        if len(parts) != 6 or parts[2] != "iam":
            return None
        candidates = self._suffixes.get(parts[5], [])
        own = self.side.own_accounts
        return candidates[0] if len(candidates) == 1 and (not own or parts[4] in own | {OWN_ACCOUNT}) else None


def readable(names: ResourceArns, referrer: Item, text: str) -> str:
    """``text`` of an evaluated plan with the ARNs and names that its symbols stand for, where they are known.

    ``text`` is JSON, or a plain ARN: addresses with quotes are escaped as JSON wants it.
    """
    symbols = referrer.plan.symbols
    if not symbols or "gateref" not in text:
        return text

    def meant(match: re.Match[str]) -> str:
        reference = symbols.get(match.group(2))
        holders = names.side.resolve(reference.address, referrer) if reference else []
        if reference is None or len(holders) != 1 or not names.named(holders[0]):
            return match.group(0)
        holder = holders[0]
        if match.group(1):
            arn = names.arn(holder) if is_self(holder.type, reference.attribute) else match.group(0)
            return json.dumps(arn)[1:-1]
        called = holder.text("bucket" if holder.type == "aws_s3_bucket" else "name")
        same = reference.attribute in ("id", "name", "bucket") and holder.type in _ID_IS_NAME
        return json.dumps(called)[1:-1] if same and called else match.group(0)

    return _SYMBOLS.sub(meant, text)


def is_self(type_: str, attribute: str) -> bool:
    """Whether an attribute in a list of resources can only name the resource it belongs to."""
    return attribute in _SELF or (attribute in ("id", "bucket") and type_ in _ID_IS_ARN)


def names(side: PlanIndex) -> ResourceArns:
    """Name every managed resource of ``side``, and what data sources found."""
    found = ResourceArns({}, side)
    for type_, items in side.by_type.items():
        data = type_.startswith("data.")
        if not (type_.startswith("aws_") or data):
            continue
        iam = type_.startswith("aws_iam_")
        for item in items:
            known = item.text("arn")
            account = side.account_of(item) or _UNKNOWN_ACCOUNT
            if data and known is None:
                continue
            if known is not None and known.startswith(PLACEHOLDER):
                # the symbol of an evaluated plan: what its documents say, while patterns are about the ARN to be
                found.arns[known] = item.id
                found._items[item.id] = item
                known = None
            arn = known or _synthesised(item, account) or PLACEHOLDER + item.id
            if data and arn in found.arns:
                continue
            if known is None:
                for form in arn_formats.made_up(item, region(item), account):
                    if not arn_formats.complete(form):  # for patterns; a reference means the resource, whatever its ARN
                        found.arns.setdefault(form, item.id)
            found._of[item.id] = arn
            found._items[item.id] = item
            found.arns[arn] = item.id
            if known is not None:
                continue
            if not arn.startswith(PLACEHOLDER):
                found._of[item.id] = arn
                if iam:
                    found._suffixes.setdefault(arn.split(":", 5)[5], []).append(item)
    for plan in {id(i.plan): i.plan for items in side.by_type.values() for i in items}.values():
        for symbol, reference in plan.symbols.items():
            holder = side._by_address.get((id(plan), reference.address))
            if holder is not None and is_self(holder.type, reference.attribute):
                found.arns[PLACEHOLDER + symbol] = holder.id
                found._items.setdefault(holder.id, holder)
    return found


def _synthesised(item: Item, account: str) -> str | None:
    values = item.values
    if item.type == "aws_s3_bucket":
        bucket = item.text("bucket")
        return f"arn:aws:s3:::{bucket}" if bucket else None
    pattern = _IAM.get(item.type)
    if pattern is not None:
        name = item.text("name")
        path = values.get("path") or "/"
        return f"arn:aws:iam::{account}:{pattern.format(path=path, name=name)}" if name else None
    if item.type == "aws_iam_openid_connect_provider":
        url = item.text("url")
        return f"arn:aws:iam::{account}:oidc-provider/{url.removeprefix('https://')}" if url else None
    return next(filter(arn_formats.complete, arn_formats.made_up(item, region(item), account)), None)


def region(item: Item) -> str:
    """The region of a resource, as far as it or its provider says."""
    own = item.text("region")
    if own:
        return own
    provider = item.plan.providers.get("aws")
    region = provider.get("expressions", {}).get("region", {}) if isinstance(provider, dict) else {}
    value = region.get("constant_value") if isinstance(region, dict) else None
    return value if isinstance(value, str) else _UNKNOWN_REGION
