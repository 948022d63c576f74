"""Whole decisions about ``Principal: *`` under conditions that look as if they named somebody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gate.engine.engine import Engine
from gate.model.decision import Decision
from gate.pipeline import check

_ARGUMENTS = {"role": ("aws_iam_role", "assume_role_policy"), "bucket": ("aws_s3_bucket_policy", "policy")}


def _decided(folder: Path, engine: Engine, kind: str, condition: dict[str, Any]) -> Decision:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Condition": condition}
    if kind == "bucket":
        statement |= {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}
    type_, argument = _ARGUMENTS[kind]
    values = {argument: json.dumps({"Version": "2012-10-17", "Statement": [statement]}), "tags": {"Owner": "a"}}
    values |= {"name": "r", "path": "/"} if kind == "role" else {"bucket": "reports"}
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
