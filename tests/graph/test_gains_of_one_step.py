"""What an identity gains by one step: it takes away what holds it back, or joins a group."""

from __future__ import annotations

import json

from gate.extract.change import access_models
from gate.graph.build import add_graph
from gate.inputs.documents import Documents, SourceFile
from gate.inputs.terraform.plan_json import parse_plan
from gate.model.access import AccessModel
from tests.graph.small_worlds import ACCOUNT, ANY, Account, address, arn, model_of, plan


def _gained(model: AccessModel, holder: str) -> set[tuple[str, str | None, str, str]]:
    assert model.graph is not None
    keys = model.graph.gains.get(holder, ())
    return {(g.technique, g.target, g.confidence, g.gains) for key in keys for g in model.graph.gain_sets[key]}


def test_an_administrator_that_removes_its_own_boundary_gains_anything() -> None:
    lifts = ("iam:DeleteRolePermissionsBoundary", "r0")
    found = model_of(Account({"r0": frozenset([ANY])}, {}, {"r0": frozenset([lifts])}, {}, frozenset()))
    assert _gained(found, address("r0")) == {("iam-delete-role-boundary", address("r0"), "proven", "anything")}


def test_a_user_that_joins_a_group_gains_what_the_group_holds() -> None:
    group = f"arn:aws:iam::{ACCOUNT}:group/staff"

    def policy(action: str, resource: str) -> str:
        return json.dumps({"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]})

    def gained(held: str) -> set[str]:
        after = {
            address("u0"): {"name": "u0", "arn": arn("u0")},
            "aws_iam_user_policy.u0": {"user": "u0", "name": "join", "policy": policy("iam:AddUserToGroup", group)},
            "aws_iam_group.staff": {"name": "staff", "arn": group},
            "aws_iam_group_policy.staff": {"group": "staff", "name": "held", "policy": policy(held, "*")},
        }
        parsed, unread = parse_plan(plan(after), SourceFile("plan.json", "terraform-plan", ""))
        assert not unread
        model = access_models(Documents(plans=[parsed])).after
        add_graph(model)
        return {gains for _, _, _, gains in _gained(model, address("u0"))}

    assert gained("*") == {"administrator"}
    assert gained("secretsmanager:GetSecretValue") == {"secrets"}
    assert gained("ec2:DescribeRegions") == set()
