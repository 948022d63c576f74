"""What Terraform marks sensitive stands in no decision; what decides is no text that an author can take out."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from gate.engine.engine import Engine
from gate.model.decision import Decision
from gate.pipeline import check, diff

NAME, SID, ARN, ID = "MARKERname", "MARKERsid", "arn:aws:s3:::MARKER-bucket/*", "MARKERexternal"


@pytest.fixture(scope="module")
def engine() -> Any:
    with Engine() as running:
        yield running


def decided(tmp_path: Path, engine: Engine, resources: dict[str, tuple[dict[str, Any], dict[str, Any]]]) -> Decision:
    """The decision on resources to create: address → values and what is marked sensitive."""
    return check([str(plan(tmp_path, resources))], engine=engine)


def plan(tmp_path: Path, resources: dict[str, tuple[dict[str, Any], dict[str, Any]]]) -> Path:
    changes = [
        {
            "address": address, "mode": "managed", "type": address.split(".")[0], "name": address.split(".")[1],
            "change": {"actions": ["create"], "before": None, "after": after, "after_unknown": {},
                       "after_sensitive": marks},
        }
        for address, (after, marks) in resources.items()
    ]  # fmt: skip
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"format_version": "1.2", "resource_changes": changes}))
    return path


def policy(**more: Any) -> str:
    return json.dumps({"Statement": [{"Sid": SID, "Effect": "Allow", "Action": "*", "Resource": "*", **more}]})


TRUST = json.dumps(
    {
        "Statement": {
            "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*",
            "Condition": {"StringEquals": {"sts:ExternalId": ID}},
        }
    }
)  # fmt: skip


RESOURCES = [
        {"aws_iam_role_policy.p": ({"role": "r", "name": "p", "policy": policy()}, {"policy": True})},
        {"aws_iam_role_policy.p": ({"role": "r", "policy": policy(Action="s3:*", Resource=ARN)}, {"policy": True})},
        {"aws_iam_role_policy_attachment.a": (
            {"role": NAME, "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}, {"role": True})},
        {"aws_iam_role.r": ({"name": NAME, "assume_role_policy": TRUST}, {"name": True, "assume_role_policy": True})},
    ]  # fmt: skip


@pytest.mark.parametrize("resources", RESOURCES)
def test_nothing_sensitive_is_told(tmp_path: Path, engine: Engine, resources: dict[str, Any]) -> None:
    open_ones = {address: (after, {}) for address, (after, _) in resources.items()}
    assert "MARKER" in json.dumps(asdict(decided(tmp_path, engine, open_ones)), default=str)
    decision = decided(tmp_path, engine, resources)
    assert "MARKER" not in json.dumps(asdict(decision), default=str)
    assert [finding.rule for finding in decision.findings]


def test_a_difference_tells_nothing_sensitive_either(tmp_path: Path, engine: Engine) -> None:
    names = {
        "aws_iam_role.r": ({"name": NAME, "assume_role_policy": TRUST}, {"name": True, "assume_role_policy": True})
    }
    held = policy(Action="s3:GetObject", Resource=ARN, Condition={"StringEquals": {"aws:RequestTag/a": ID}})
    grant = {"aws_iam_role_policy.p": ({"role": NAME, "name": "p", "policy": held}, {"role": True, "policy": True})}
    other = {
        "aws_iam_role_policy.q": ({"role": NAME, "policy": "{not JSON " + SID}, {"role": True, "policy": True}),
        **names,
    }
    for resources in (names, grant, {**names, **grant}, other):
        open_ones = {address: (after, {}) for address, (after, _) in resources.items()}
        told = [
            json.dumps(diff([str(plan(tmp_path, each))], engine=engine).to_json()) for each in (open_ones, resources)
        ]
        assert ["MARKER" in each for each in told] == [True, False]
    (only,) = diff([str(plan(tmp_path, {**names, **grant}))], engine=engine).identities
    assert [(p.actions, p.resource) for p in only.gained.access] == [(("s3:GetObject",), "(sensitive)")]
    assert [(a.principal, a.kind, a.actions) for a in only.gained.trust] == [("*", "anyone", ("sts:AssumeRole",))]


def test_what_decides_is_not_taken_out(tmp_path: Path, engine: Engine) -> None:
    words = {"tags": {str(at): word for at, word in enumerate(["deny", "critical", "effective-admin", "proven"])}}
    role = {"name": "app1", "assume_role_policy": TRUST, **words}
    attachment = {"role": "app1", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    resources = {
        "aws_iam_role.r": (role, {"tags": True}),
        "aws_iam_role_policy_attachment.a": (attachment, {}),
    }
    decision = decided(tmp_path, engine, resources)
    assert decision.verdict == "deny"
    assert ("effective-admin", "critical", "proven") in {(f.rule, f.severity, f.confidence) for f in decision.findings}


def test_words_of_addresses_stay(tmp_path: Path, engine: Engine) -> None:
    values = {"role": "payments", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    resources = {"aws_iam_role_policy_attachment.payments": (values, {"role": True})}
    (finding,) = [f for f in decided(tmp_path, engine, resources).findings if f.rule == "effective-admin"]
    assert finding.identity == "arn:aws:iam::{account?}:role/payments"


def test_the_account_of_a_sensitive_arn_is_not_told(tmp_path: Path, engine: Engine) -> None:
    """The sentence names the account alone, which is no text of the document."""
    principal = {"AWS": "arn:aws:iam::999988887777:role/MARKER-partner"}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    trust = {"name": "r", "assume_role_policy": json.dumps({"Statement": statement})}
    open_one = decided(tmp_path, engine, {"aws_iam_role.r": (trust, {})})
    veiled = decided(tmp_path, engine, {"aws_iam_role.r": (trust, {"assume_role_policy": True})})

    assert "999988887777" in json.dumps(asdict(open_one), default=str)
    told = json.dumps(asdict(veiled), default=str)
    assert "999988887777" not in told
    assert "MARKER" not in told
    assert [finding.rule for finding in veiled.findings] == [finding.rule for finding in open_one.findings]
