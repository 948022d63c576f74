"""What the numbers of an identity's reach are made of: the largest contributors first, and the way to the first."""

from __future__ import annotations

import json
from typing import Any

from gate.extract.change import access_models
from gate.graph.build import add_graph
from gate.inputs.documents import Documents, SourceFile
from gate.inputs.terraform.plan_json import parse_plan
from gate.model.graph import Contribution, Contributor
from tests.graph.small_worlds import ACCOUNT, address, arn, plan


def _secret(name: str) -> str:
    return f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:{name}-AbCdEf"


def _policy(*allowed: tuple[str, list[str]]) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Action": a, "Resource": r} for a, r in allowed]})


def _contributions(policies: dict[str, str]) -> dict[str, dict[str, Contribution]]:
    """Identity → limit → contribution, where the user ``u0`` may assume ``r0`` and ``r1``."""
    trust = json.dumps({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": arn("u0")}}})
    after: dict[str, dict[str, Any]] = {
        f"aws_secretsmanager_secret.{name}": {"name": name, "arn": _secret(name)} for name in ("a", "b", "c")
    }
    for name in ("u0", "r0", "r1"):
        role = {"assume_role_policy": trust} if name != "u0" else {}
        kind = "user" if name == "u0" else "role"
        after[address(name)] = {"name": name, "arn": arn(name)} | role
        if name in policies:
            after[f"aws_iam_{kind}_policy.{name}"] = {kind: name, "name": "inline", "policy": policies[name]}
    parsed, unread = parse_plan(plan(after), SourceFile("plan.json", "terraform-plan", ""))
    assert not unread
    model = access_models(Documents(plans=[parsed])).after
    add_graph(model, limits=True)
    assert model.graph is not None
    return model.graph.contributions


def test_who_holds_most_services_comes_first() -> None:
    found = _contributions({
        "r0": _policy(("s3:GetObject", ["*"])),
        "r1": _policy(("s3:GetObject", ["*"]), ("sqs:SendMessage", ["*"]), ("sns:Publish", ["*"])),
        "u0": _policy(("sqs:SendMessage", ["*"]), ("sns:Publish", ["*"])),
    })  # fmt: skip
    services = found[address("u0")]["max_services"]
    assert services.contributors == (
        Contributor(address("r1"), 3), Contributor(address("u0"), 2), Contributor(address("r0"), 1),
    )  # fmt: skip
    assert (services.reached, services.count) == (("s3", "sns", "sqs"), 3)
    assert [(step.from_, step.to) for step in services.way] == [(address("u0"), address("r1"))]


def test_the_grant_that_reaches_most_secrets_comes_first() -> None:
    found = _contributions({
        "r0": _policy(("secretsmanager:GetSecretValue", [_secret("a")])),
        "r1": _policy(("secretsmanager:GetSecretValue", [_secret("b"), _secret("c")])),
    })  # fmt: skip
    secrets = found[address("u0")]["max_secrets"]
    assert [(one.holder, one.size, one.action) for one in secrets.contributors] == [
        (address("r1"), 2, "secretsmanager:GetSecretValue"),
        (address("r0"), 1, "secretsmanager:GetSecretValue"),
    ]
    assert secrets.count == 3
    assert [(step.from_, step.to) for step in secrets.way] == [(address("u0"), address("r1"))]


def test_who_brings_identities_and_administrators() -> None:
    found = _contributions({"r1": _policy(("*", ["*"]))})
    of_the_user = found[address("u0")]
    assert of_the_user["admin"].contributors[0] == Contributor(address("r1"), 1)
    assert {one.holder for one in of_the_user["max_identities"].contributors} >= {address("r0"), address("r1")}
    assert found[address("r0")]["max_identities"].contributors == ()
    assert found[address("r0")]["cross_account"] == Contribution((), (ACCOUNT,), 1, ())
