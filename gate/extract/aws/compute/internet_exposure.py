"""Whether the internet reaches a workload: only where the plan proves it, one way or the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gate.extract.aws.plan.plan_index import Item, PlanIndex
from gate.extract.aws.plan.referenced_resources import ReferencedResources
from gate.model.access import Exposure

_ANYWHERE = {"0.0.0.0/0", "::/0"}
_FUNCTION = "aws_lambda_function"
_TARGET_GROUPS = ("aws_lb_target_group", "aws_alb_target_group")
_LISTENERS = ("aws_lb_listener", "aws_alb_listener")
_INSTANCES = ("aws_instance", "aws_spot_instance_request", "aws_launch_template", "aws_launch_configuration")


@dataclass(slots=True)
class Exposures:
    """Follows function URLs, API Gateway, load balancers, public addresses and security groups; once."""

    side: PlanIndex
    links: ReferencedResources
    _public: set[str] | None = None
    _called: set[str] = field(default_factory=set)
    _open_groups: set[str] = field(default_factory=set)

    def of(self, item: Item) -> Exposure:
        """``internet`` or ``none`` where proven, else ``unknown``."""
        if self._public is None:
            self._public = set()
            self._prepare(self._public)
        if item.id in self._public:
            return "internet"
        if item.type == _FUNCTION:
            # A new function that nothing outside may call has no other way in.
            return "none" if item.change == "create" and item.id not in self._called else "unknown"
        if item.type in _INSTANCES:
            return self._instance(item)
        if item.type == "aws_apprunner_service":
            blocks = [b for n in item.blocks("network_configuration") for b in _blocks(n, "ingress_configuration")]
            return "none" if any(b.get("is_publicly_accessible") is False for b in blocks) else "internet"
        return "unknown"

    def _prepare(self, public: set[str]) -> None:
        self._open_groups.update(self._groups())
        self._functions(public)
        balanced = self._balanced()
        for item in self.side.of("aws_lb_target_group_attachment", "aws_alb_target_group_attachment"):
            groups = self.links.linked(item, ("target_group_arn",), *_TARGET_GROUPS)
            targets = self.links.linked(item, ("target_id",), _FUNCTION, "aws_instance")
            self._called.update(t.id for t in targets)
            if any(group.id in balanced for group in groups):
                public.update(t.id for t in targets)
        for item in self.side.of("aws_ecs_service"):
            tasks = self.links.linked(item, ("task_definition",), "aws_ecs_task_definition")
            if self._service_public(item, balanced):
                public.update(t.id for t in tasks)

    def _functions(self, public: set[str]) -> None:
        for item in self.side.of("aws_lambda_permission"):
            functions = self.links.linked(item, ("function_name",), _FUNCTION)
            if item.text("principal") not in ("s3.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com"):
                self._called.update(f.id for f in functions)
        for item in self.side.of("aws_lambda_function_url"):
            functions = self.links.linked(item, ("function_name",), _FUNCTION)
            self._called.update(f.id for f in functions)
            if item.values.get("authorization_type") == "NONE":
                # The provider adds the permission for everyone by itself (its FunctionURLAllowPublicAccess).
                public.update(f.id for f in functions)
        for item in self.side.of("aws_apigatewayv2_integration"):
            found = self.links.linked(item, ("integration_uri",), _FUNCTION)
            self._called.update(f.id for f in found)
            public.update(f.id for f in found)
        for item in self.side.of("aws_api_gateway_integration"):
            found = self.links.linked(item, ("uri",), _FUNCTION)
            self._called.update(f.id for f in found)
            apis = self.links.linked(item, ("rest_api_id",), "aws_api_gateway_rest_api")
            if apis and not any(_private(api) for api in apis):
                public.update(f.id for f in found)

    def _balanced(self) -> set[str]:
        """Target groups behind a load balancer that faces the internet."""
        balancers = {i.id for i in self.side.of("aws_lb", "aws_alb") if i.values.get("internal") is False}
        found: set[str] = set()
        listeners: set[str] = set()
        for item in self.side.of(*_LISTENERS):
            behind = self.links.linked(item, ("load_balancer_arn",), "aws_lb", "aws_alb")
            if not any(b.id in balancers for b in behind):
                continue
            listeners.add(item.id)
            for index, _ in enumerate(item.blocks("default_action")):
                path = ("default_action", index, "target_group_arn")
                found.update(group.id for group in self.links.linked(item, path, *_TARGET_GROUPS))
        for item in self.side.of("aws_lb_listener_rule", "aws_alb_listener_rule"):
            of = self.links.linked(item, ("listener_arn",), *_LISTENERS)
            if any(listener.id in listeners for listener in of):
                for index, _ in enumerate(item.blocks("action")):
                    path = ("action", index, "target_group_arn")
                    found.update(group.id for group in self.links.linked(item, path, *_TARGET_GROUPS))
        return found

    def _service_public(self, item: Item, balanced: set[str]) -> bool:
        for index, _ in enumerate(item.blocks("load_balancer")):
            path = ("load_balancer", index, "target_group_arn")
            if any(group.id in balanced for group in self.links.linked(item, path, *_TARGET_GROUPS)):
                return True
        for index, block in enumerate(item.blocks("network_configuration")):
            path = ("network_configuration", index, "security_groups")
            if block.get("assign_public_ip") is True and self._open(item, path):
                return True
        return False

    def _instance(self, item: Item) -> Exposure:
        address = item.values.get("associate_public_ip_address")
        groups = ("vpc_security_group_ids", "security_groups")
        if address is True and any(self._open(item, (name,)) for name in groups):
            return "internet"
        return "none" if address is False else "unknown"

    def _open(self, item: Item, path: tuple[str | int, ...]) -> bool:
        return any(group.id in self._open_groups for group in self.links.linked(item, path, "aws_security_group"))

    def _groups(self) -> Iterator[str]:
        """Security groups that let the whole internet in, on any port."""
        for item in self.side.of("aws_security_group"):
            if any(_anywhere(block) for block in item.blocks("ingress")):
                yield item.id
        for item in self.side.of("aws_security_group_rule"):
            if item.values.get("type") == "ingress" and _anywhere(item.values):
                yield from (g.id for g in self.links.linked(item, ("security_group_id",), "aws_security_group"))
        for item in self.side.of("aws_vpc_security_group_ingress_rule"):
            if {item.text("cidr_ipv4"), item.text("cidr_ipv6")} & _ANYWHERE:
                yield from (g.id for g in self.links.linked(item, ("security_group_id",), "aws_security_group"))


def _anywhere(block: dict[str, Any]) -> bool:
    lists = [block.get("cidr_blocks"), block.get("ipv6_cidr_blocks")]
    return any(r in _ANYWHERE for ranges in lists if isinstance(ranges, list) for r in ranges if isinstance(r, str))


def _blocks(block: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = block.get(name)
    return [b for b in value if isinstance(b, dict)] if isinstance(value, list) else []


def _private(api: Item) -> bool:
    lists = [block.get("types") for block in api.blocks("endpoint_configuration")]
    return any("PRIVATE" in types for types in lists if isinstance(types, list))
