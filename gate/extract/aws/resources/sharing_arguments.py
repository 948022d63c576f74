"""Arguments that share what a resource holds: accounts it is shared with, everybody, a canned ACL.

``data/shares.json`` lists them: found in the schema of provider 5.100 by attributes that name accounts, principals,
groups, grantees, visibility or an ACL.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from gate.extract.aws.documents.policy_documents import unknown_about
from gate.extract.aws.identities.named_principals import grantee
from gate.extract.aws.plan.plan_index import Item
from gate.extract.aws.resources.resource_policies import ResourcePolicies
from gate.model.access import Principal, ResourceGrant


@cache
def shares() -> dict[str, list[dict[str, Any]]]:
    """Terraform type → rows ``{"at": path, "action": action}``.

    ``public``: the values that mean everybody, where others mean nobody. ``own``: those that mean the own account's.
    ``bucket``: the attribute naming the bucket.
    """
    table: dict[str, list[dict[str, Any]]] = json.loads(
        resources.files("gate.extract.aws.resources").joinpath("data/shares.json").read_text("utf-8")
    )
    return table


def shared(policies: ResourcePolicies) -> Iterator[ResourceGrant]:
    """A grant for each account, organisation or everybody that an argument shares with."""
    for type_, places in shares().items():
        for item in policies.side.of(type_):
            for place in places:
                yield from _at(item, place, policies)


def _at(item: Item, place: dict[str, Any], policies: ResourcePolicies) -> Iterator[ResourceGrant]:
    bucket = policies.links.linked(item, (place["bucket"],), "aws_s3_bucket") if "bucket" in place else []
    blocked = len(bucket) == 1 and policies.public_acl_block(bucket[0])
    steps = place["at"].split(".")
    for text in _texts(item.values, steps):
        if text in place.get("own", ()):
            continue
        if "public" in place:
            who = Principal("anyone", "*") if text in place["public"] else None
        else:
            # Lake Formation writes all users and roles of an account so.
            who = grantee(text.removesuffix(":IAMPrincipals"), policies.registry, item)
        if who is not None:
            yield ResourceGrant(
                item.id, item.type, who, (place["action"],), (), item.source(), public_block=blocked, change=item.change
            )
    if _not_known(item.unknown, steps) and steps[0] in item.resource.expressions and "public" not in place:
        reason = f"The principals that {item.id} shares with are not known before apply."
        policies.sources.unknown.append(unknown_about(item, "resource policy", reason, None, None))


def _texts(value: Any, steps: list[str]) -> Iterator[str]:
    """The texts at a path, through blocks, lists and lists written in one text."""
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner, steps)
    elif steps:
        if isinstance(value, dict):
            yield from _texts(value.get(steps[0]), steps[1:])
    elif isinstance(value, str):
        yield from filter(None, (text.strip() for text in value.split(",")))


def _not_known(mark: Any, steps: list[str]) -> bool:
    if mark is True:
        return True
    if isinstance(mark, list):
        return any(_not_known(inner, steps) for inner in mark)
    return bool(steps) and isinstance(mark, dict) and _not_known(mark.get(steps[0]), steps[1:])
