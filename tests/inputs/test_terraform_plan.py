"""Plans made by Terraform 1.11 against moto (data/store), and what no small plan shows, put into them."""

import json
from pathlib import Path

import jsonschema
import pytest

from gate.inputs.documents import SourceFile, TerraformResource
from gate.inputs.terraform.plan_json import parse_plan

DATA = Path(__file__).parent / "data"
FILE = SourceFile("plan.json", "terraform-plan", "0")
SCHEMA = Path("gate/inputs/schemas/terraform-plan.schema.json")


def load(name, **parts):
    """A real plan, or one with other changes: then without the parts that tell of its own."""
    value = json.loads((DATA / name).read_text())
    if "resource_changes" in parts:
        value = {key: part for key, part in value.items() if key not in ("planned_values", "prior_state")}
        value["configuration"] = {"provider_config": value["configuration"]["provider_config"]}
    return parse_plan({**value, **parts}, FILE)[0]


def change(address="aws_iam_user.u", **parts):
    kind, name = address.split(".")[-2:]
    entry = {"address": address, "mode": "managed", "type": kind, "name": name, "provider_name": "p"}
    inner = {"actions": ["no-op"], "before": {"name": "u"}, "after": {"name": "u"}, "after_unknown": {}}
    return {**entry, **{k: v for k, v in parts.items() if k not in inner}, "change": {**inner, **parts}}


@pytest.mark.parametrize("name", ["create.json", "change.json"])
def test_real_plans_fit_the_schema(name):
    schema = json.loads((Path(__file__).parents[2] / SCHEMA).read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads((DATA / name).read_text()))


def test_every_resource_of_a_first_plan():
    plan = load("create.json")
    assert {a: (r.change, r.mode) for a, r in plan.resources.items()} == {
        "data.aws_iam_policy_document.read": ("create", "data"),
        "data.aws_iam_policy_document.trust": ("none", "data"),
        "data.aws_caller_identity.current": ("none", "data"),
        "aws_iam_policy.read": ("create", "managed"),
        "aws_iam_role.app": ("create", "managed"),
        "aws_iam_role_policy_attachment.app": ("create", "managed"),
        "aws_iam_role_policy_attachment.outside": ("create", "managed"),
        "aws_iam_user.ci[0]": ("create", "managed"),
        "aws_iam_user.ci[1]": ("create", "managed"),
        "aws_iam_user_policy_attachment.ci[0]": ("create", "managed"),
        "aws_iam_user_policy_attachment.ci[1]": ("create", "managed"),
        'aws_s3_bucket.store["logs"]': ("create", "managed"),
        'aws_s3_bucket.store["reports"]': ("create", "managed"),
        'module.reader["blue"].aws_iam_role.this': ("create", "managed"),
        'module.reader["blue"].aws_iam_role_policy.write': ("create", "managed"),
        'module.reader["blue"].aws_iam_role_policy_attachment.this': ("create", "managed"),
        'module.reader["green"].aws_iam_role.this': ("create", "managed"),
        'module.reader["green"].aws_iam_role_policy.write': ("create", "managed"),
        'module.reader["green"].aws_iam_role_policy_attachment.this': ("create", "managed"),
    }
    assert (plan.format_version, plan.terraform_version, plan.has_before) == ("1.2", "1.11.4", False)
    assert plan.account_hints == ("123456789012",)
    assert plan.variables == {"buckets": ["logs", "reports"]}
    assert list(plan.providers) == ["aws"]


def test_one_resource_whole():
    resource = load("create.json").resources['module.reader["blue"].aws_iam_role_policy_attachment.this']
    assert resource == TerraformResource(
        address='module.reader["blue"].aws_iam_role_policy_attachment.this',
        mode="managed",
        type="aws_iam_role_policy_attachment",
        name="this",
        module='module.reader["blue"]',
        index=None,
        provider="registry.terraform.io/hashicorp/aws",
        change="create",
        before=None,
        after={"role": "reader-blue"},
        unknown={"id": True, "policy_arn": True},
        sensitive={},
        before_sensitive=False,
        expressions={
            "policy_arn": {"references": ["var.policy_arn"]},
            "role": {"references": ["aws_iam_role.this.name", "aws_iam_role.this"]},
        },
    )


def test_a_change_has_both_sides():
    plan = load("change.json")
    policy = plan.resources["aws_iam_policy.read"]
    assert (policy.change, "s3:GetObject" in policy.before["policy"], "s3:*" in policy.after["policy"]) == (
        "update",
    ) + (True,) * 2
    gone = plan.resources["aws_iam_user.ci[1]"]
    assert (gone.change, gone.before["name"], gone.after, gone.index) == ("delete", "ci-1", None, 1)
    assert plan.resources['module.reader["green"].aws_iam_role.this'].change == "none"
    assert plan.has_before


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (["no-op"], "none"),
        (["update"], "update"),
        (["delete", "create"], "update"),
        (["create", "delete"], "update"),
        (["create", "forget"], "update"),
        (["delete"], "delete"),
    ],
)
def test_actions(actions, expected):
    gone = {"after": None} if actions == ["delete"] else {}
    plan = load("create.json", resource_changes=[change(actions=actions, **gone)])
    assert plan.resources["aws_iam_user.u"].change == expected


def test_a_forgotten_resource_goes_on_existing():
    plan = load("create.json", resource_changes=[change(actions=["forget"], after=None, before_sensitive={"x": True})])
    found = plan.resources["aws_iam_user.u"]
    assert (found.change, found.after, found.unknown, found.sensitive) == ("none", {"name": "u"}, False, {"x": True})


def test_an_imported_resource_existed_before():
    plan = load("create.json", resource_changes=[change(actions=["no-op"], importing={"id": "u"})])
    assert plan.has_before


def test_deposed_objects_are_left_aside():
    plan = load("create.json", prior_state={}, resource_changes=[change(actions=["delete"], after=None, deposed="00")])
    assert plan.resources == {}


def test_a_moved_resource_stands_once():
    old = {
        "address": "aws_iam_user.old",
        "mode": "managed",
        "type": "aws_iam_user",
        "name": "old",
        "values": {"name": "u"},
    }
    state = {"values": {"root_module": {"resources": [old]}}}
    plan = load("create.json", prior_state=state, resource_changes=[change(previous_address="aws_iam_user.old")])
    assert list(plan.resources) == ["aws_iam_user.u"]


def test_what_a_targeted_plan_leaves_out_stays_as_it_is():
    inner = {"address": 'module.m["a.b"].module.n[0].aws_iam_user.u["x.y"]', "mode": "managed", "type": "aws_iam_user"}
    state = {"child_modules": [{"resources": [{**inner, "name": "u", "index": "x.y", "values": {"name": "u"}}]}]}
    plan = load("create.json", prior_state={"values": {"root_module": state}}, resource_changes=[])
    found = plan.resources[inner["address"]]
    assert (found.module, found.change, found.before, found.after) == (
        'module.m["a.b"].module.n[0]',
        "none",
        {"name": "u"},
        {"name": "u"},
    )


def test_own_accounts_from_a_variable_and_a_constant():
    given = {"aws": {"expressions": {"allowed_account_ids": {"references": ["var.account"]}}}}
    given["aws.b"] = {"expressions": {"allowed_account_ids": {"constant_value": ["111122223333", "no account"]}}}
    plan = load(
        "create.json",
        prior_state={},
        resource_changes=[],
        configuration={"provider_config": given},
        variables={"account": {"value": "444455556666"}},
    )
    assert plan.account_hints == ("111122223333", "444455556666")
