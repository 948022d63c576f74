"""Plans that were changed after Terraform wrote them: no decision, not an allow."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gate.errors import InputError
from gate.inputs.documents import SourceFile
from gate.inputs.terraform.plan_json import parse_plan

DATA = Path(__file__).parent / "data"
FILE = SourceFile("plan.json", "terraform-plan", "0")
REAL = {name: json.loads((DATA / f"{name}.json").read_text()) for name in ("create", "change")}
Plan = dict[str, Any]


def _change(plan: Plan, address: str) -> Plan:
    found: Plan = next(entry for entry in plan["resource_changes"] if entry["address"] == address)
    return found


def _twice(plan: Plan) -> None:
    plan["resource_changes"].append(copy.deepcopy(_change(plan, "aws_iam_policy.read")))


def _capital_mode(plan: Plan) -> None:
    _change(plan, "aws_iam_policy.read")["mode"] = "Managed"


def _ephemeral(plan: Plan) -> None:
    _change(plan, "aws_iam_policy.read")["mode"] = "ephemeral"


def _deposed_and_created(plan: Plan) -> None:
    _change(plan, "aws_iam_policy.read")["deposed"] = "0a1b2c3d"


def _harmless_type(plan: Plan) -> None:
    _change(plan, "aws_iam_role_policy_attachment.outside")["type"] = "aws_sqs_queue"


def _forgotten_though_created(plan: Plan) -> None:
    _change(plan, "aws_iam_policy.read")["change"]["actions"] = ["forget"]


def _deleted_though_created(plan: Plan) -> None:
    _change(plan, "aws_iam_policy.read")["change"]["actions"] = ["delete"]


def _deleted_though_never_there(plan: Plan) -> None:
    _change(plan, "aws_iam_policy.read")["change"].update(actions=["delete"], after=None)


def _left_out(plan: Plan) -> None:
    plan["resource_changes"].remove(_change(plan, "aws_iam_role_policy_attachment.outside"))


def _nothing_changes(plan: Plan) -> None:
    plan["resource_changes"] = []


def _other_values(plan: Plan) -> None:
    _change(plan, "aws_iam_role_policy_attachment.outside")["change"]["after"]["policy_arn"] = (
        "arn:aws:iam::aws:policy/X"
    )


def _not_planned(plan: Plan) -> None:
    plan["planned_values"]["root_module"]["resources"].pop()


def _not_configured(plan: Plan) -> None:
    blocks = plan["configuration"]["root_module"]["resources"]
    plan["configuration"]["root_module"]["resources"] = [b for b in blocks if b["address"] != "aws_iam_policy.read"]


def _expressions_no_object(plan: Plan) -> None:
    plan["configuration"]["provider_config"]["aws"]["expressions"] = 0


def _references_no_texts(plan: Plan) -> None:
    plan["configuration"]["root_module"]["resources"][0]["expressions"]["x"] = {"references": ["a", {"": True}]}


@pytest.mark.parametrize(
    ("doctor", "said"),
    [
        (_twice, "holds aws_iam_policy.read twice"),
        (_capital_mode, "mode is not managed or data"),
        (_ephemeral, "mode is not managed or data"),
        (_deposed_and_created, "is not a deposed object that goes away"),
        (_harmless_type, "has an address that is not of its type and name"),
        (_forgotten_though_created, "is not a resource that was there and is not afterwards"),
        (_deleted_though_created, "is not a resource that was there and is not afterwards"),
        (_deleted_though_never_there, "is not a resource that was there and is not afterwards"),
        (_left_out, "planned_values and resource_changes differ about aws_iam_role_policy_attachment.outside"),
        (_nothing_changes, "planned_values and resource_changes differ about"),
        (_other_values, "planned_values and resource_changes differ about aws_iam_role_policy_attachment.outside"),
        (_not_planned, "planned_values leaves out"),
        (_not_configured, "the configuration lacks aws_iam_policy.read"),
        (_expressions_no_object, "configuration is not a tree with objects as expressions"),
        (_references_no_texts, "configuration is not a tree with strings as references"),
    ],
)
def test_a_doctored_plan_is_no_plan(doctor: Callable[[Plan], None], said: str) -> None:
    plan = copy.deepcopy(REAL["create"])
    parse_plan(plan, FILE)
    doctor(plan)
    with pytest.raises(InputError, match=said):
        parse_plan(plan, FILE)


def test_what_existed_is_what_the_state_says() -> None:
    plan = copy.deepcopy(REAL["change"])
    _change(plan, "aws_iam_policy.read")["change"]["before"]["policy"] = '{"Statement": []}'
    with pytest.raises(InputError, match="prior_state and resource_changes differ about aws_iam_policy.read"):
        parse_plan(plan, FILE)


def test_a_plan_with_its_changes_alone_is_read() -> None:
    for plan in REAL.values():
        changes = {key: plan[key] for key in ("format_version", "resource_changes")}
        assert parse_plan(changes, FILE)[0].resources


STAR = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"}]}
ARN = "arn:aws:iam::aws:policy/AdministratorAccess"


def _created(attribute: str, constant: object, planned: object) -> Plan:
    """A plan that creates one resource, all its parts in agreement but for what the configuration writes out."""
    values = {attribute: planned}
    resource = {"address": "aws_iam_x.x", "mode": "managed", "type": "aws_iam_x", "name": "x"}
    return {
        "format_version": "1.2",
        "resource_changes": [resource | {"change": {"actions": ["create"], "before": None, "after": values}}],
        "planned_values": {"root_module": {"resources": [resource | {"values": values}]}},
        "configuration": {
            "root_module": {"resources": [resource | {"expressions": {attribute: {"constant_value": constant}}}]}
        },
    }


@pytest.mark.parametrize(
    ("attribute", "constant", "planned"),
    [
        ("policy", json.dumps(STAR), json.dumps({**STAR, "Statement": []})),
        ("policy", json.dumps(STAR), json.dumps(STAR).replace("s3:Get*", "s3:GetObject")),
        ("assume_role_policy", json.dumps(STAR), "harmless"),
        ("policy_arn", ARN, "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("permissions_boundary", ARN, ""),
    ],
)
def test_what_the_configuration_writes_out_is_what_is_created(attribute: str, constant: str, planned: str) -> None:
    parse_plan(_created(attribute, constant, constant), FILE)
    with pytest.raises(InputError, match=r"configuration and resource_changes differ about aws_iam_x\.x"):
        parse_plan(_created(attribute, constant, planned), FILE)


@pytest.mark.parametrize(
    ("attribute", "constant", "planned"),
    [
        ("policy", json.dumps(STAR, indent=2), json.dumps(STAR, separators=(",", ":"), sort_keys=True)),
        ("policy", json.dumps(STAR), json.dumps({**STAR, "Statement": STAR["Statement"][0]})),
        ("policy", json.dumps(STAR), json.dumps(STAR).replace('["s3:Get*", "s3:List*"]', '["s3:List*", "s3:Get*"]')),
        ("name", "Upper", "upper"),
        ("user_data", "#!/bin/sh", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("policy_arn", ARN, ARN),
        ("policy", json.dumps(STAR), None),
    ],
)
def test_another_form_of_the_same_is_no_contradiction(attribute: str, constant: str, planned: str | None) -> None:
    parse_plan(_created(attribute, constant, planned), FILE)
