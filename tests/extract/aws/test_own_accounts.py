"""Which account is ours: what the credentials of a resource's own provider prove."""

from __future__ import annotations

from typing import Any

import pytest

from gate.extract.aws.plan.provider_accounts import accounts_by_provider
from gate.inputs.documents import SourceFile
from gate.inputs.terraform.plan_json import parse_plan

OURS, THEIRS = "111122223333", "999988887777"
FILE = SourceFile("plan.json", "terraform-plan", "0")


def accounts(
    providers: dict[str, Any], resources: list[tuple[str, str, dict[str, Any]]], **expressions: Any
) -> dict[str, set[str]]:
    """Of resources that exist: ``(address, provider key, values)``; ``expressions``: those of each of them."""
    changes, blocks = [], []
    for address, provider, values in resources:
        mode = "data" if address.startswith("data.") else "managed"
        type_, name = address.removeprefix("data.").split(".")
        block = {"address": address, "mode": mode, "type": type_, "name": name}
        change = {"actions": ["no-op"], "before": values, "after": values, "after_unknown": {}}
        changes.append({**block, "change": change})
        blocks.append({**block, "provider_config_key": provider, "expressions": expressions})
    configured = {key: {"name": "aws", "expressions": value} for key, value in providers.items()}
    configuration = {"provider_config": configured, "root_module": {"resources": blocks}}
    value = {"format_version": "1.2", "resource_changes": changes, "configuration": configuration}
    return {key: set(found) for key, found in accounts_by_provider(parse_plan(value, FILE)[0]).items()}


QUEUE = ("aws_sqs_queue.q", "aws", {"name": "q"})
ROLE = ("aws_iam_role.r", "aws", {"name": "r", "arn": f"arn:aws:iam::{OURS}:role/r"})
LAYER = ("aws_lambda_layer_version.l", "aws", {"arn": f"arn:aws:lambda:us-east-1:{THEIRS}:layer:x:1"})


def allowed(*ids: str, **more: Any) -> dict[str, Any]:
    return {"allowed_account_ids": {"constant_value": list(ids)}, **more}


# https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs#allowed_account_ids-1
@pytest.mark.parametrize(
    ("providers", "resources", "expected"),
    [
        ({"aws": allowed(OURS)}, [QUEUE], {"aws": {OURS}}),
        ({"aws": allowed(OURS), "aws.partner": allowed(THEIRS)}, [QUEUE], {"aws": {OURS}}),  # the alias is unused
        ({"aws": {}, "aws.partner": allowed(THEIRS)}, [QUEUE], {}),
        ({"aws": allowed(OURS, THEIRS)}, [QUEUE], {}),  # it may be either
        ({"aws": allowed(THEIRS, skip_requesting_account_id={"constant_value": True})}, [QUEUE], {}),
        ({"aws": allowed(THEIRS, endpoints=[{"sts": {"constant_value": "http://here"}}])}, [QUEUE], {}),
        ({"aws": {}}, [ROLE], {"aws": {OURS}}),
        ({"aws": {}}, [ROLE, LAYER], {"aws": {OURS}}),  # a layer can be another account's
        ({"aws": allowed(OURS)}, [QUEUE, LAYER], {"aws": {OURS}}),
        ({"aws": {}}, [LAYER], {"aws": {THEIRS}}),
        (
            {"aws": {}, "aws.b": {}},
            [QUEUE, ("data.aws_caller_identity.me", "aws", {"account_id": OURS}),
             ("data.aws_caller_identity.other", "aws.b", {"account_id": THEIRS})],
            {"aws": {OURS}},
        ),
        (
            {"aws": {"endpoints": [{"sts": {"constant_value": "http://here"}}]}},
            [QUEUE, ("data.aws_caller_identity.me", "aws", {"account_id": THEIRS})],
            {},
        ),
        (
            {"aws": {"assume_role": [{"role_arn": {"constant_value": f"arn:aws:iam::{OURS}:role/ci"}}]}},
            [QUEUE],
            {"aws": {OURS}},
        ),
        (
            {"aws": allowed(OURS), "aws.b": allowed(THEIRS)},
            [QUEUE, ("aws_sqs_queue.far", "aws.b", {"name": "far"})],
            {"aws": {OURS}, "aws.b": {THEIRS}},
        ),
    ],
)  # fmt: skip
def test_what_credentials_prove(
    providers: dict[str, Any], resources: list[tuple[str, str, dict[str, Any]]], expected: dict[str, set[str]]
) -> None:
    assert accounts(providers, resources) == expected


def test_an_arn_that_the_configuration_writes_proves_nothing() -> None:
    assert accounts({"aws": {}}, [LAYER], arn={"constant_value": LAYER[2]["arn"]}) == {}
