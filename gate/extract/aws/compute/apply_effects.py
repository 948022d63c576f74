"""What an apply has AWS do by itself: calls by schedules and state machines, functions, commands, guardrails that go.

A universal target calls any action of any service:
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html,
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from gate.extract.aws.identities.identity_index import IdentityIndex
from gate.extract.aws.language import actions
from gate.extract.aws.language.permissions import allowed_permissions, denials_of, subtract
from gate.extract.aws.language.statements import PolicyDocument, Statement, parse_document
from gate.extract.aws.plan.plan_index import Item, PlanIndex
from gate.extract.aws.plan.referenced_resources import ReferencedResources
from gate.inputs.documents import TerraformPlan, TerraformResource
from gate.model.access import Effect, Source, Workload

_CALL = re.compile(r"^arn:[^:]*:(?:scheduler|states):::aws-sdk:([A-Za-z0-9-]+):([A-Za-z0-9]+)(?:\..*)?$")
_GUARDRAILS = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
_EVERYTHING = PolicyDocument((Statement("Allow", 0, actions=("*",), resources=("*",)),))


def effects(
    side: PlanIndex, registry: IdentityIndex, links: ReferencedResources, workloads: dict[str, Workload]
) -> Iterator[Effect]:
    """Every effect of what the change creates, updates or removes."""
    for item in side.of("aws_scheduler_schedule", "aws_sfn_state_machine"):
        yield from _calls(item, registry)
    for item in side.of("aws_lambda_invocation"):
        if item.change in ("create", "update"):
            functions = links.linked(item, ("function_name",), "aws_lambda_function")
            roles = [role for f in functions if f.id in workloads for role in workloads[f.id].runs_as]
            what = functions[0].id if functions else item.text("function_name") or item.id
            yield Effect("invocation", what, item.source(), (), tuple(roles), item.change)
    for item in side.of("aws_ssm_association"):
        if item.change in ("create", "update"):
            yield Effect("command", item.text("name") or "a document", item.source(), change=item.change)


def _calls(item: Item, registry: IdentityIndex) -> Iterator[Effect]:
    targets = [(b.get("arn"), b.get("role_arn")) for b in item.blocks("target")]
    definition = item.text("definition")
    if definition is not None:
        targets += [(arn, item.text("role_arn")) for arn in _resources(definition)]
    called: dict[str, set[str]] = {}
    for arn, role in targets:
        match = _CALL.match(arn) if isinstance(arn, str) else None
        if match:
            names = actions.sensitive_names(actions.expand(f"{match[1]}:{match[2]}"))
            draft = registry.by_arn(role, item) if isinstance(role, str) else None
            for name in names:
                called.setdefault(name, set()).update([draft.id] if draft is not None else [])
    for name, roles in called.items():
        yield Effect("api-call", name, item.source(), (name,), tuple(sorted(roles)), item.change)


def _resources(definition: str) -> Iterator[Any]:
    """The ``Resource`` of every state, those inside maps and parallels too."""
    try:
        todo: list[Any] = [json.loads(definition)]
    except (ValueError, RecursionError):
        return
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            yield node.get("Resource")
            todo.extend(node.values())
        elif isinstance(node, list):
            todo.extend(node)


def loosened(plans: Sequence[TerraformPlan]) -> Iterator[Effect]:
    """The guardrails of the organization that the change opens or removes, and the sensitive actions allowed again."""
    for plan in plans:
        policies = [
            r for r in plan.resources.values() if r.type == "aws_organizations_policy" and _is_guardrail(r.before)
        ]
        for policy in policies:
            after = (policy.after or {}).get("content")
            again = _allows(_EVERYTHING) if policy.after is None else _allowed(after)
            yield from _open(policy, policy.before or {}, again)
        guardrails = {(p.before or {}).get("id"): p for p in policies}
        in_view = {(r.before or {}).get("id") for r in plan.resources.values() if r.type == "aws_organizations_policy"}
        for resource in plan.resources.values():
            if resource.type == "aws_organizations_policy_attachment" and resource.change == "delete":
                named = (resource.before or {}).get("policy_id")
                if (guardrail := guardrails.get(named)) is not None:
                    yield from _open(resource, guardrail.before or {}, _allows(_EVERYTHING))
                elif named not in in_view:  # of what type it is, and what it denies, is not in view
                    source = Source(resource.address, None, resource.location)
                    yield Effect("guardrail", str(named), source, change="delete")


def _is_guardrail(values: dict[str, Any] | None) -> bool:
    return values is not None and values.get("type", _GUARDRAILS[0]) in _GUARDRAILS


def _open(resource: TerraformResource, before: dict[str, Any], again: int) -> Iterator[Effect]:
    names = actions.sensitive_names(again & ~_allowed(before.get("content")))
    if names:
        source = Source(resource.address, None, resource.location)
        yield Effect("guardrail", resource.address, source, names, change=resource.change)


def _allowed(content: object) -> int:
    """The actions that a guardrail leaves anything of; all when it is not known."""
    return _allows(parse_document(content)) if isinstance(content, str) else _allows(_EVERYTHING)


def _allows(document: PolicyDocument) -> int:
    """Denies that only hold under conditions count as in force: what they deny is taken away."""
    allows = document if any(s.effect == "Allow" for s in document.statements) else _EVERYTHING
    denies = PolicyDocument(tuple(replace(s, conditions=()) for s in document.statements if s.effect == "Deny"))
    found = 0
    for part in allowed_permissions(allows):
        for left in subtract(part, denials_of(denies)):
            found |= left.actions if left.everything else 0
    return found
