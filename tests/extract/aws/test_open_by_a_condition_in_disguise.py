"""Whole decisions about ``Principal: *`` under conditions that look as if they named somebody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gate.engine.engine import Engine
from gate.model.decision import Decision
from gate.pipeline import check

_ARGUMENTS = {
    "role": ("aws_iam_role", "assume_role_policy"),
    "github": ("aws_iam_role", "assume_role_policy"),
    "bucket": ("aws_s3_bucket_policy", "policy"),
}


_GITHUB = "token.actions.githubusercontent.com"


def _decided(folder: Path, engine: Engine, kind: str, condition: dict[str, Any]) -> Decision:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Condition": condition}
    if kind == "bucket":
        statement |= {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}
    if kind == "github":
        provider = f"arn:aws:iam::123456789012:oidc-provider/{_GITHUB}"
        statement |= {"Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": provider}}
    type_, argument = _ARGUMENTS[kind]
    values = {argument: json.dumps({"Version": "2012-10-17", "Statement": [statement]}), "tags": {"Owner": "a"}}
    values |= {"name": "r", "path": "/"} if "role" in type_ else {"bucket": "reports"}
    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": {}}
    resource = {"address": f"{type_}.r", "mode": "managed", "type": type_, "name": "r", "change": change}
    plan = folder / "plan.json"
    plan.write_text(json.dumps({"format_version": "1.2", "resource_changes": [resource]}))
    return check([str(plan)], engine=engine)


@pytest.mark.parametrize("kind", ["role", "bucket"])
@pytest.mark.parametrize(
    "condition",
    [
        {"StringLike": {"aws:PrincipalArn": "arn*"}},
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam:*:role/deploy"}},
        {"StringLike": {"aws:PrincipalOrgID": "o*"}},
        {"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}},
        {"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalOrgID}"}},
        {"StringEquals": {"aws:SourceIdentity": "alice"}},  # whoever assumes a role of his own chooses it
    ],
    ids=json.dumps,
)
def test_what_strangers_fit_lets_everybody_in(kind, condition, tmp_path, engine):
    decision = _decided(tmp_path, engine, kind, condition)
    rule, severity = {"role": ("public-trust", "critical"), "bucket": ("resource-policy-public", "high")}[kind]
    assert decision.verdict == "deny"
    assert (rule, severity) in [(finding.rule, finding.severity) for finding in decision.findings]


@pytest.mark.parametrize("kind", ["role", "bucket"])
@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:ResourceAccount}:role/deploy"}},
    ],
    ids=json.dumps,
)
def test_what_only_the_owners_account_fits_is_no_finding(kind, condition, tmp_path, engine):
    decision = _decided(tmp_path, engine, kind, condition)
    assert decision.verdict == "allow"
    assert not {"public-trust", "resource-policy-public"} & {finding.rule for finding in decision.findings}


@pytest.mark.parametrize(
    ("claim", "value", "severity"),
    [
        ("sub", f"${{{_GITHUB}:sub}}", "high"),
        ("sub", f"repo:${{{_GITHUB}:repository}}:ref:refs/heads/main", "high"),
        ("repository_id", f"${{{_GITHUB}:repository_id}}", "high"),
        ("sub", "repo:acme@1/app@2:environment:prod", None),
    ],
)
def test_a_subject_that_the_token_fills_is_everybodys(claim, value, severity, tmp_path, engine):
    condition = {"StringEquals": {f"{_GITHUB}:aud": "sts.amazonaws.com", f"{_GITHUB}:{claim}": value}}
    decision = _decided(tmp_path, engine, "github", condition)
    found = [finding.severity for finding in decision.findings if finding.rule == "oidc-trust-too-wide"]
    assert found == ([severity] if severity else [])
    assert decision.verdict == ("deny" if severity else "allow")


def test_all_addresses_in_pieces_are_all(tmp_path, engine):
    pieces = {"IpAddress": {"aws:SourceIp": [f"{first}.0.0.0/8" for first in range(256)]}}
    assert _decided(tmp_path, engine, "bucket", pieces).verdict == "deny"
    office = {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "198.51.100.0/24"]}}
    assert _decided(tmp_path, engine, "bucket", office).verdict == "allow"
