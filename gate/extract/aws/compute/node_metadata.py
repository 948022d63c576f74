"""Nodes of a cluster whose metadata service pods can ask: they get the credentials of the node's role.

https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html#_restrict_access_to_the_instance_profile_assigned_to_the_worker_node
"""

from __future__ import annotations

from collections.abc import Sequence

from gate.extract.aws.plan.plan_index import Item
from gate.model.access import Setting


def reachable_by_pods(templates: Sequence[Item]) -> tuple[Setting, ...]:
    """What lets pods reach it: more than one hop, or version 1, which no hop limit keeps from answering."""
    found: list[Setting] = []
    for template in templates:
        blocks = template.blocks("metadata_options") or [{}]
        for block in blocks:
            if block.get("http_endpoint") == "disabled":
                continue
            hops = block.get("http_put_response_hop_limit")
            if isinstance(hops, int) and hops > 1:
                found.append(Setting("eks-node-role-imds", template.id, f"hop limit {hops}", template.source()))
            if block.get("http_tokens") != "required":
                said = block.get("http_tokens") or "not set"
                found.append(Setting("eks-node-role-imds", template.id, f"http_tokens {said}", template.source()))
    return tuple(found)
