"""What an apply does by itself, beside the resources it leaves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gate.extract.change import access_models
from gate.inputs.documents import Documents, SourceFile
from gate.inputs.terraform.plan_json import parse_plan
from gate.model.access import Effect

FILE = SourceFile("plan.json", "terraform-plan", "0")
ROLE = "arn:aws:iam::111122223333:role/runs"


def effects(
    address: str, after: dict[str, Any] | None, before: dict[str, Any] | None = None, **block: Any
) -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    mode = "data" if address.startswith("data.") else "managed"
    type_, name = address.removeprefix("data.").split(".")
    actions = {(True, False): ["create"], (True, True): ["update"], (False, True): ["delete"]}
    known = {"address": address, "mode": mode, "type": type_, "name": name}
    change = {"actions": actions[after is not None, before is not None], "before": before, "after": after}
    configuration = {"root_module": {"resources": [{**known, "expressions": {}, **block}]}}
    changes = [{**known, "change": {**change, "after_unknown": {}}}]
    value = {"format_version": "1.2", "resource_changes": changes, "configuration": configuration}
    models = access_models(Documents(plans=[parse_plan(value, FILE)[0]]))
    assert models.before is None or models.before.effects == []
    found: list[Effect] = models.after.effects
    return [(one.kind, one.what, one.actions, one.runs_as) for one in found]


@pytest.mark.parametrize("type_", ["terraform_data", "null_resource", "aws_instance"])
@pytest.mark.parametrize("kind", ["local-exec", "remote-exec"])
def test_a_provisioner_runs_where_terraform_runs(type_: str, kind: str) -> None:
    written = [{"type": kind, "expressions": {"command": {"constant_value": "aws iam attach-user-policy"}}}]
    assert effects(f"{type_}.x", {}, provisioners=written) == [("provisioner", kind, (), ())]
    assert effects(f"{type_}.x", {}) == []
    assert effects(f"{type_}.x", None, {}, provisioners=written) == []


def test_a_program_of_a_data_source_that_waits_for_the_apply() -> None:
    assert effects("data.external.x", {"program": ["sh"]}) == [("external-program", "external", (), ())]
    assert effects("data.local_file.x", {"filename": "x"}) == []


@pytest.mark.parametrize(
    ("arn", "action"),
    [
        ("arn:aws:scheduler:::aws-sdk:iam:attachRolePolicy", "iam:AttachRolePolicy"),
        ("arn:aws:scheduler:::aws-sdk:sts:assumeRole", "sts:AssumeRole"),
        ("arn:aws:scheduler:::aws-sdk:ec2:describeInstances", None),
        ("arn:aws:lambda:us-east-1:111122223333:function:f", None),
    ],
)
def test_a_schedule_calls_any_action(arn: str, action: str | None) -> None:
    expected = [("api-call", action, (action,), (ROLE,))] if action else []
    assert effects("aws_scheduler_schedule.s", {"target": [{"arn": arn, "role_arn": ROLE}]}) == expected


def test_a_state_machine_calls_any_action_in_any_of_its_states() -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:iam:putRolePolicy.waitForTaskToken", "End": True}
    inner = {"StartAt": "T", "States": {"T": task}}
    mapped = {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}
    definition = json.dumps({"StartAt": "M", "States": mapped})
    found = effects("aws_sfn_state_machine.s", {"name": "s", "role_arn": ROLE, "definition": definition})
    assert found == [("api-call", "iam:PutRolePolicy", ("iam:PutRolePolicy",), (ROLE,))]
    assert effects("aws_sfn_state_machine.s", {"name": "s", "definition": "no JSON"}) == []


def test_functions_and_commands() -> None:
    assert effects("aws_lambda_invocation.i", {"function_name": "f", "input": "{}"}) == [("invocation", "f", (), ())]
    association = {"name": "AWS-RunShellScript", "targets": [{"key": "InstanceIds", "values": ["*"]}]}
    assert effects("aws_ssm_association.a", association) == [("command", "AWS-RunShellScript", (), ())]


def limit(*denied: str, type_: str = "SERVICE_CONTROL_POLICY", **more: Any) -> dict[str, Any]:
    statements = [{"Effect": "Deny", "Action": list(denied), "Resource": "*", **more}] if denied else []
    every = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return {"name": "l", "type": type_, "content": json.dumps({"Statement": [every, *statements]})}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (limit("iam:CreateUser", "iam:CreateRole"), limit("iam:CreateRole"), ("iam:CreateUser",)),
        (limit("iam:CreateUser"), limit(), ("iam:CreateUser",)),
        (limit("iam:CreateUser"), None, ("iam:CreateUser",)),
        (limit("s3:PutBucketPolicy", type_="RESOURCE_CONTROL_POLICY"), None, ("s3:PutBucketPolicy",)),
        (limit("iam:CreateRole"), limit("iam:CreateRole", "iam:CreateUser"), None),
        (limit("iam:CreateUser"), limit("iam:CreateU*"), None),
        (limit("iam:CreateUser", type_="TAG_POLICY"), None, None),
    ],
)
def test_a_limit_that_is_opened(
    before: dict[str, Any], after: dict[str, Any] | None, expected: tuple[str, ...] | None
) -> None:
    found = effects("aws_organizations_policy.l", after, before)
    assert found == ([("guardrail", "aws_organizations_policy.l", expected, ())] if expected else [])


def test_a_policy_of_the_organization_that_is_out_of_view_is_detached() -> None:
    attached = {"policy_id": "p-1234", "target_id": "ou-1"}
    assert effects("aws_organizations_policy_attachment.a", None, attached) == [("guardrail", "p-1234", (), ())]
    assert effects("aws_organizations_policy_attachment.a", attached, attached) == []
    assert effects("aws_organizations_policy_attachment.a", attached) == []
