"""What is a secret, or may be one, gets into no model."""

from __future__ import annotations

import json

from gate.model.access import Condition

CANARY = "CANARY7f3kQ9zXw2"


def test_no_secret_of_an_entrance_or_a_provider_is_in_the_model(written):
    model = written(
        {
            "aws_iam_saml_provider.s": {
                "name": "s",
                "saml_metadata_document": f'<E entityID="{CANARY}"><X509Certificate>{CANARY}</X509Certificate></E>',
            },
            "aws_iam_openid_connect_provider.o": {
                "url": "https://id.example.com",
                "client_id_list": ["a"],
                "thumbprint_list": [CANARY],
            },
            "aws_cognito_user_pool_client.c": {"id": "c", "generate_secret": True, "client_secret": CANARY},
            "aws_cognito_identity_provider.g": {"provider_details": {"client_secret": CANARY}},
            "aws_api_gateway_api_key.k": {"name": "k", "value": CANARY},
            "aws_lambda_permission.p": {
                "function_name": "f",
                "principal": "*",
                "action": "lambda:InvokeFunction",
                "event_source_token": CANARY,
            },
        }
    )
    assert CANARY not in json.dumps(model.to_json())
    assert [grant.conditions for grant in model.resource_grants] == [
        (Condition("StringEquals", "lambda:EventSourceToken", ("(not shown)",)),)
    ]
