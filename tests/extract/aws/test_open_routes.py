import pytest

ROLE = "arn:aws:iam::111122223333:role/r"
FUNCTION = {"function_name": "f", "role": ROLE, "invoke_arn": "arn:invoke:f", "arn": "arn:aws:lambda:f"}


def _routes(model, workload):
    return [(s.name, s.where, s.source.address) for s in model.workloads[workload].settings]


def _rest(method=(), api=(), more=()):
    place = {"rest_api_id": "a1", "resource_id": "r1", "http_method": "POST"}
    return {
        "aws_lambda_function.f": FUNCTION,
        "aws_api_gateway_rest_api.a": {"id": "a1", **dict(api)},
        "aws_api_gateway_method.m": place | {"authorization": "NONE"} | dict(method),
        "aws_api_gateway_integration.i": place | {"uri": "arn:invoke:f"},
        "aws_api_gateway_integration.queue": place | {"credentials": ROLE},
        "aws_api_gateway_integration.elsewhere": place | {"resource_id": "r2", "credentials": ROLE},
    } | dict(more)


def test_a_method_without_authorization_leads_to_its_function_and_its_role(written):
    model = written(_rest())
    route = ("open-route", "POST without authorization", "aws_api_gateway_method.m")
    assert _routes(model, "aws_lambda_function.f") == [route]
    assert _routes(model, "aws_api_gateway_integration.queue") == [route]
    assert _routes(model, "aws_api_gateway_integration.elsewhere") == []


def test_references_between_new_parts_of_an_api_are_followed(written):
    place = {"http_method": "GET"}
    unknown = {"rest_api_id": True, "resource_id": True}
    references = {"rest_api_id": ["aws_api_gateway_rest_api.a.id"], "resource_id": ["aws_api_gateway_resource.x.id"]}
    model = written(
        {
            "aws_lambda_function.f": {"function_name": "f", "role": ROLE},
            "aws_api_gateway_rest_api.a": {"name": "a"},
            "aws_api_gateway_resource.x": {"path_part": "x"},
            "aws_api_gateway_method.m": place | {"authorization": "NONE"},
            "aws_api_gateway_integration.i": place,
        },
        unknown={"aws_api_gateway_method.m": unknown, "aws_api_gateway_integration.i": unknown | {"uri": True}},
        expressions={
            "aws_api_gateway_method.m": references,
            "aws_api_gateway_integration.i": references | {"uri": ["aws_lambda_function.f.invoke_arn"]},
        },
    )
    assert [where for _, where, _ in _routes(model, "aws_lambda_function.f")] == ["GET without authorization"]


@pytest.mark.parametrize(
    "parts",
    [
        {"method": {"authorization": "AWS_IAM"}},
        {"method": {"api_key_required": True}},
        {"method": {"http_method": "OPTIONS"}},
        {"method": {"rest_api_id": "another"}},
        {"api": {"policy": "{}"}},
        {"api": {"endpoint_configuration": [{"types": ["PRIVATE"]}]}},
        {"more": {"aws_api_gateway_rest_api_policy.p": {"rest_api_id": "a1", "policy": "{}"}}},
    ],
    ids=str,
)
def test_a_method_that_asks_or_cannot_be_reached_is_not_open(written, parts):
    assert _routes(written(_rest(**parts)), "aws_lambda_function.f") == []


def _http(*routes, protocol="HTTP"):
    found = {
        "aws_lambda_function.f": FUNCTION,
        "aws_apigatewayv2_api.a": {"id": "a1", "protocol_type": protocol},
        "aws_apigatewayv2_integration.i": {"id": "i1", "api_id": "a1", "integration_uri": "arn:invoke:f"},
    }
    for index, route in enumerate(routes):
        found[f"aws_apigatewayv2_route.r{index}"] = {"api_id": "a1", "target": "integrations/i1", **route}
    return found


def test_a_route_of_an_http_api_asks_by_itself(written):
    model = written(
        _http(
            {"route_key": "GET /a", "authorization_type": "NONE"},
            {"route_key": "GET /b", "authorization_type": "JWT"},
            {"route_key": "GET /c"},
        )
    )
    assert [where for _, where, _ in _routes(model, "aws_lambda_function.f")] == [
        "GET /a without authorization",
        "GET /c without authorization",
    ]


@pytest.mark.parametrize(("asks", "found"), [("AWS_IAM", []), ("NONE", ["$connect", "say"])])
def test_a_web_socket_asks_when_it_is_opened(written, asks, found):
    routes = [{"route_key": "$connect", "authorization_type": asks}, {"route_key": "say", "authorization_type": "NONE"}]
    model = written(_http(*routes, protocol="WEBSOCKET"))
    assert [w.split(" ")[0] for _, w, _ in _routes(model, "aws_lambda_function.f")] == found


def test_the_short_form_of_an_http_api_and_a_function_url_are_open(written):
    model = written(
        {
            "aws_lambda_function.f": FUNCTION,
            "aws_apigatewayv2_api.a": {"id": "a1", "protocol_type": "HTTP", "target": "arn:aws:lambda:f"},
            "aws_lambda_function_url.u": {"function_name": "f", "authorization_type": "NONE"},
            "aws_lambda_function_url.signed": {"function_name": "f", "authorization_type": "AWS_IAM"},
        }
    )
    assert [(where, at) for _, where, at in _routes(model, "aws_lambda_function.f")] == [
        ("$default without authorization", "aws_apigatewayv2_api.a"),
        ("function URL without authorization", "aws_lambda_function_url.u"),
    ]


@pytest.mark.parametrize(
    "uri",
    [
        "arn:aws:lambda:eu-west-1:1:function:f:live",
        "arn:aws:lambda:eu-west-1:1:function:f:7/invocations",
        "arn:invoke:f:live",
    ],
)
def test_an_alias_or_a_version_is_the_function(written, uri):
    function = FUNCTION | {"arn": "arn:aws:lambda:eu-west-1:1:function:f"}
    alias = {"name": "live", "function_name": "f", "invoke_arn": "arn:invoke:f:live"}
    place = {"rest_api_id": "a1", "resource_id": "r1", "http_method": "POST"}
    more = {
        "aws_lambda_function.f": function,
        "aws_lambda_alias.live": alias,
        "aws_api_gateway_integration.i": place | {"uri": uri},
    }
    model = written(_rest(more=more))
    route = ("open-route", "POST without authorization", "aws_api_gateway_method.m")
    assert _routes(model, "aws_lambda_function.f") == [route]
