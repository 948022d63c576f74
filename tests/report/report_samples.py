"""Decisions for the reports' tests: one as it is in life, one written by an attacker."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gate.model.decision import Decision, Finding, InputFile, Policy
from gate.model.grouping import with_causes

LOCATION = {"file": "iam.tf", "line": 12, "end_line": 24}
HOSTILE = (
    "a\x1b[31mb\u202ec\u200bd\n::error::e\r##[add-mask]f[red]g[/red]<img src=x>"
    "@org/team [h](https://i.example) `j` #1 |k|\x00\ud800"
)

ADMIN = Finding(
    rule="effective-admin",
    title="Effective administrator",
    effect="deny",
    severity="critical",
    confidence="proven",
    identity="aws_iam_role.app",
    address="aws_iam_role_policy.app",
    message="aws_iam_role.app is an administrator: it can do every action on every resource.",
    remediation="Replace the statement by the actions and resources that the identity needs.",
    location=LOCATION,
    evidence=(
        {"address": "aws_iam_role_policy.app", "statement": "0", "action": "*", "resource": "*", "location": LOCATION},
    ),
    path=(),
    change="introduced",
    status="active",
    frameworks=("OWASP-NHI:NHI5", "NIST-800-53:AC-6"),
    fingerprint="0123456789abcdef",
    waiver=None,
)
ESCALATION = replace(
    ADMIN,
    rule="privilege-escalation",
    title="Privilege escalation",
    severity="high",
    confidence="possible",
    identity="aws_iam_user.ci",
    address="aws_iam_user_policy.ci",
    message="aws_iam_user.ci can become aws_iam_role.admin.",
    remediation="Name the roles that may be passed.",
    path=(
        {
            "from": "aws_iam_user.ci",
            "via": "lambda-create-function",
            "actions": ["iam:PassRole", "lambda:CreateFunction"],
            "to": "aws_iam_role.admin",
        },
    ),
    fingerprint="2222222222222222",
)
OWNER = replace(
    ADMIN,
    rule="missing-owner",
    title="Identity without owner",
    effect="warn",
    severity="low",
    message="aws_iam_role.app has no owner.",
    remediation="Add the tag owner.",
    location=None,
    evidence=({"address": "aws_iam_role.app", "statement": None},),
    fingerprint="3333333333333333",
)
WAIVED = replace(
    ADMIN,
    status="waived",
    fingerprint="4444444444444444",
    waiver={
        "fingerprint": "4444444444444444",
        "owner": "platform",
        "reason": "break glass",
        "approver": "ciso",
        "expires": "2027-01-01",
    },
)
OLD = replace(ADMIN, status="preexisting", change="preexisting", fingerprint="5555555555555555")


def decision(*findings: Finding, **changes: Any) -> Decision:
    """A decision with these findings, its verdict and summary as the engine would count them."""

    def count(status: str, effect: str | None = None) -> int:
        return sum(f.status == status and effect in (None, f.effect) for f in findings)

    made = Decision(
        decision_id="5a1c0f7e-0000-4000-8000-000000000000",
        verdict="deny" if count("active", "deny") else "allow",
        summary={
            "deny": count("active", "deny"),
            "warn": count("active", "warn"),
            "waived": count("waived"),
            "preexisting": count("preexisting"),
            "identities": 3,
            "resources": 40,
        },
        inputs=(InputFile("plan.json", "terraform-plan", "0" * 64),),
        policy=Policy("abcdef0123456789", "1.22.2"),
        findings=with_causes(findings),
        identities=(),
    )
    return replace(made, **changes)


EVERYTHING = decision(ADMIN, ESCALATION, OWNER, WAIVED, OLD)
NOTHING = decision(
    inputs=(),
    summary={"deny": 0, "warn": 0, "waived": 0, "preexisting": 0, "identities": 0, "resources": 0},
)


def hostile() -> Decision:
    """Every text a change can influence is an attack."""
    attacked = replace(
        ADMIN,
        title=HOSTILE,
        identity=HOSTILE,
        address=HOSTILE,
        message=HOSTILE,
        remediation=HOSTILE,
        location={"file": HOSTILE, "line": 1, "end_line": 1},
        evidence=(
            {
                "address": HOSTILE,
                "statement": HOSTILE,
                "action": HOSTILE,
                "resource": HOSTILE,
                "location": {"file": HOSTILE, "line": 1, "end_line": 1},
            },
        ),
        path=({"from": HOSTILE, "via": HOSTILE, "actions": [HOSTILE], "to": HOSTILE},),
    )
    elsewhere = {**attacked.evidence[0], "statement": f"{HOSTILE}2"}
    return decision(
        attacked,
        replace(attacked, effect="warn", address=f"{HOSTILE}2", evidence=(elsewhere,), fingerprint="6" * 16),
        inputs=(InputFile(HOSTILE, "kubernetes", "0" * 64),),
    )
