"""Identity pools, routes, providers and access entries whose attributes have any shape are read without a crash."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gate.extract.aws.adapter import extract
from gate.inputs.documents import SourceFile
from gate.inputs.terraform.plan_json import parse_plan
from gate.model.access import AccessModel

ROLE = "arn:aws:iam::111122223333:role/r"
# type → the attributes that are read of it, nested ones included
READ = {
    "aws_cognito_identity_pool": "id allow_unauthenticated_identities allow_classic_flow cognito_identity_providers "
    "provider_name client_id",
    "aws_cognito_identity_pool_roles_attachment": "identity_pool_id roles authenticated unauthenticated role_mapping "
    "type ambiguous_role_resolution mapping_rule claim role_arn",
    "aws_cognito_identity_pool_provider_principal_tag": "identity_pool_id principal_tags claim",
    "aws_cognito_user_pool": "id admin_create_user_config allow_admin_create_user_only",
    "aws_cognito_user_pool_client": "id write_attributes",
    "aws_eks_access_entry": "cluster_name principal_arn kubernetes_groups",
    "aws_eks_access_policy_association": "cluster_name principal_arn policy_arn access_scope type namespaces",
    "aws_eks_cluster": "name role_arn access_config authentication_mode identity oidc issuer",
    "aws_iam_openid_connect_provider": "arn url client_id_list",
    "aws_iam_saml_provider": "name arn saml_metadata_document",
    "aws_api_gateway_rest_api": "id policy endpoint_configuration types",
    "aws_api_gateway_method": "rest_api_id resource_id http_method authorization api_key_required",
    "aws_api_gateway_integration": "rest_api_id resource_id http_method uri credentials",
    "aws_apigatewayv2_api": "id protocol_type target",
    "aws_apigatewayv2_route": "api_id route_key target authorization_type api_key_required",
    "aws_apigatewayv2_integration": "id integration_uri credentials_arn",
    "aws_cloudfront_origin_access_identity": "s3_canonical_user_id iam_arn",
    "aws_s3_bucket_acl": "bucket access_control_policy owner id grant grantee uri permission",
}
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(["r", "NONE", "Token", "https://r.s3.amazonaws.com", ROLE, "$connect", "WEBSOCKET", "API", "*"]),
)


def _values(names: list[str]) -> st.SearchStrategy[object]:
    keys = st.sampled_from(names)
    return st.recursive(
        LEAVES, lambda v: st.one_of(st.lists(v, max_size=2), st.dictionaries(keys, v, max_size=3)), max_leaves=6
    )


def _resources() -> st.SearchStrategy[dict[str, object]]:
    of = {type_: text.split() for type_, text in READ.items()}
    return st.fixed_dictionaries(
        {},
        optional={
            f"{type_}.{name}": st.dictionaries(st.sampled_from(names), _values(names), max_size=len(names))
            for type_, names in of.items()
            for name in ("kept", "gone")
        },
    )


def _change(address: str, values: object, unknown: bool) -> dict[str, Any]:
    type_, name = address.split(".")
    after = None if name == "gone" else values
    change = {"before": values, "after": after, "after_unknown": values if unknown else {}}
    actions = ["delete"] if after is None else ["update"]
    return {"address": address, "mode": "managed", "type": type_, "name": name, "change": change | {"actions": actions}}


@settings(max_examples=100, deadline=None)
@given(resources=_resources(), unknown=st.booleans())
def test_any_shape_becomes_a_model(resources, unknown):
    changes = [_change(address, values, unknown) for address, values in resources.items()]
    value = {"format_version": "1.2", "resource_changes": changes}
    plan, _ = parse_plan(value, SourceFile("plan.json", "terraform-plan", ""))
    for side in ("before", "after"):
        model = AccessModel()
        extract([plan], side, model)
        model.to_json()
