"""Routes that ask nobody who they are: which functions and integrations stand behind them.

``authorization = "NONE"`` on a method of a REST API or a route of an HTTP or WebSocket API, and on a function URL
(https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html).
A private API, one with a policy of its own, a method that wants an API key, and ``OPTIONS`` are not open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gate.extract.aws.plan.plan_index import Item, PlanIndex
from gate.extract.aws.plan.referenced_resources import ReferencedResources
from gate.model.access import Setting

_FUNCTION = "aws_lambda_function"
_REST = "aws_api_gateway_rest_api"
_HTTP = "aws_apigatewayv2_api"
_INTEGRATION = "aws_apigatewayv2_integration"
_QUALIFIED = re.compile(r"(arn:[^:]*:lambda:[^:]*:[^:]*:function:[^:/]+):")


@dataclass(slots=True)
class OpenRoutes:
    """Follows the routes of a side once."""

    side: PlanIndex
    links: ReferencedResources
    _by_id: dict[str, dict[Setting, None]] | None = field(default=None)

    def of(self, item: Item) -> tuple[Setting, ...]:
        """The open routes that lead to a function or an integration."""
        if self._by_id is None:
            self._by_id = {}
            for route, where, targets in (*self._rest(), *self._http(), *self._urls()):
                for target in targets:
                    setting = Setting("open-route", where, "NONE", route.source())
                    self._by_id.setdefault(target.id, {})[setting] = None
        return tuple(self._by_id.get(item.id, ()))

    def _rest(self) -> Iterator[tuple[Item, str, list[Item]]]:
        behind: dict[tuple[frozenset[str], str | None], list[Item]] = {}
        for integration in self.side.of("aws_api_gateway_integration"):
            functions = self._functions(integration, "uri")
            behind.setdefault(self._place(integration), []).extend([integration, *functions])
        guarded = {
            api.id
            for policy in self.side.of("aws_api_gateway_rest_api_policy")
            for api in self.links.linked(policy, ("rest_api_id",), _REST)
        }
        for method in self.side.of("aws_api_gateway_method"):
            verb = method.text("http_method") or "ANY"
            if method.text("authorization") != "NONE" or method.values.get("api_key_required") or verb == "OPTIONS":
                continue
            apis = self.links.linked(method, ("rest_api_id",), _REST)
            if apis and not any(api.id in guarded or _guarded(api) for api in apis):
                yield method, f"{verb} without authorization", behind.get(self._place(method), [])

    def _place(self, item: Item) -> tuple[frozenset[str], str | None]:
        """What a method and its integration have in common: the resource of the API, and the verb."""
        resources = self.links.linked(item, ("resource_id",), "aws_api_gateway_resource", _REST)
        known = item.text("resource_id")
        return frozenset(r.id for r in resources) or frozenset([known or item.id]), item.text("http_method")

    def _http(self) -> Iterator[tuple[Item, str, list[Item]]]:
        routes = [(route, self._api(route)) for route in self.side.of("aws_apigatewayv2_route")]
        # A WebSocket asks once, when it is opened.
        asked = {api.id for route, api in routes if api and _opens(route) and not _open(route)}
        for route, api in routes:
            socket = api is not None and api.text("protocol_type") == "WEBSOCKET"
            if api is None or (api.id in asked if socket else not _open(route)):
                continue
            target = (route.text("target") or "").removeprefix("integrations/")
            integrations = (
                self.links.called(target, route, (_INTEGRATION,))
                if target
                else self.links.linked(route, ("target",), _INTEGRATION)
            )
            functions = [f for i in integrations for f in self._functions(i, "integration_uri")]
            yield route, f"{route.text('route_key') or 'route'} without authorization", [*integrations, *functions]
        for api in self.side.of(_HTTP):
            if api.text("target") or api.is_unknown("target"):  # the short form: one route for all
                yield api, "$default without authorization", self._functions(api, "target")

    def _api(self, route: Item) -> Item | None:
        found = self.links.linked(route, ("api_id",), _HTTP)
        return found[0] if len(found) == 1 else None

    def _functions(self, item: Item, attribute: str) -> list[Item]:
        """The functions that an attribute names: by themselves, by an alias or with a version."""
        found = self.links.linked(item, (attribute,), _FUNCTION)
        for alias in self.links.linked(item, (attribute,), "aws_lambda_alias"):
            found += self.links.linked(alias, ("function_name",), _FUNCTION)
        qualified = _QUALIFIED.search(item.text(attribute) or "")
        if qualified and not found:
            found = self.links.called(qualified[1], item, (_FUNCTION,))
        return found

    def _urls(self) -> Iterator[tuple[Item, str, list[Item]]]:
        for url in self.side.of("aws_lambda_function_url"):
            if url.text("authorization_type") == "NONE":
                yield url, "function URL without authorization", self.links.linked(url, ("function_name",), _FUNCTION)


def _guarded(api: Item) -> bool:
    lists = [block.get("types") for block in api.blocks("endpoint_configuration")]
    private = any("PRIVATE" in types for types in lists if isinstance(types, list))
    return private or api.text("policy") is not None or api.is_unknown("policy")


def _open(route: Item) -> bool:
    asks = route.text("authorization_type") or ("NONE" if not route.is_unknown("authorization_type") else "unknown")
    return asks == "NONE" and not route.values.get("api_key_required")


def _opens(route: Item) -> bool:
    return route.text("route_key") == "$connect"
