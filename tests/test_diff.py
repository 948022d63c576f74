"""``gate diff`` on real plans with something before: the whole output, in every format."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[1]
GATE = Path(sys.executable).parent / "gate"


def gate(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GITHUB_")}
    return subprocess.run([GATE, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def plan(case: str) -> str:
    return f"fixtures/cases/{case}/plan.json"


TEXTS = {
    "a deny that is removed": (
        "deny-removed",
        """\
1 identity gains access or trust.

aws_iam_role.app (score 0 -> 12)
  + secretsmanager:GetSecretValue on everything, through aws_iam_role_policy.secrets
  ~ secrets it reads: 0 -> 1
  ~ without limit: none -> secrets
  ~ services: 0 -> 1
  ~ sensitive actions: 0 -> 1
""",
    ),
    "a boundary that is removed": (
        "boundary-removed",
        """\
1 identity gains access or trust.

aws_iam_role.app (score 5 -> 100)
  + administrator, itself or through a chain
  + every action on everything, through arn:aws:iam::aws:policy/AdministratorAccess
  ~ services: 1 -> 445
""",
    ),
    "a trust that is widened": (
        "trust-widened",
        """\
1 identity gains access or trust.

aws_iam_role.exports (score unchanged)
  + trust: account arn:aws:iam::444455556666:root by sts:AssumeRole, through aws_iam_role.exports
""",
    ),
    "a user who joins a group": (
        "group-joined",
        """\
1 identity gains access or trust.

aws_iam_user.bob (score 0 -> 12)
  + secretsmanager:GetSecretValue on everything, through aws_iam_group_policy.operators
  ~ secrets it reads: 0 -> 1
  ~ without limit: none -> secrets
  ~ services: 0 -> 1
  ~ sensitive actions: 0 -> 1
""",
    ),
    "an attachment that goes": (
        "attachment-removed",
        """\
1 identity loses some.

aws_iam_role.app (score 100 -> 5)
  - administrator, itself or through a chain
  - every action on everything, through arn:aws:iam::aws:policy/AdministratorAccess
  ~ services: 445 -> 1
""",
    ),
    "nothing that matters": ("dangerous-unchanged", "No identity gains or loses anything.\n"),
}


@pytest.mark.parametrize(("case", "expected"), TEXTS.values(), ids=TEXTS)
def test_text(case: str, expected: str) -> None:
    done = gate("diff", plan(case))
    assert (done.stdout, done.stderr, done.returncode) == (expected, "", 0)


def test_markdown_puts_names_into_code_spans() -> None:
    done = gate("diff", plan("group-joined"), "--format", "markdown")
    assert done.returncode == 0
    assert (
        done.stdout
        == """\
<!-- gate.diff/v1 -->
## What each identity gains and loses

1 identity gains access or trust.

### `aws_iam_user.bob` (score 0 -> 12)

- **gains** `secretsmanager:GetSecretValue` on everything, through `aws_iam_group_policy.operators`
- reach secrets it reads: 0 -> 1
- reach without limit: none -> `secrets`
- reach services: 0 -> 1
- reach sensitive actions: 0 -> 1
"""
    )


def test_json_is_what_the_schema_says() -> None:
    done = gate("diff", plan("trust-widened"), "--format", "json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    Draft202012Validator(json.loads(gate("schema", "diff").stdout)).validate(found)
    assert found == {
        "schema": "gate.diff/v1",
        "inputs": ["fixtures/cases/trust-widened/plan.json"],
        "has_before": True,
        "identities": [
            {
                "id": "aws_iam_role.exports",
                "kind": "role",
                "platform": "aws",
                "change": "changed",
                "gained": {
                    "access": [],
                    "trust": [
                        {
                            "principal": "arn:aws:iam::444455556666:root",
                            "kind": "account",
                            "negated": False,
                            "actions": ["sts:AssumeRole"],
                            "conditions": [],
                            "through": ["aws_iam_role.exports"],
                        }
                    ],
                    "becomes": [],
                },
                "lost": {"access": [], "trust": [], "becomes": []},
                "reach": {},
            }
        ],
        "unknown": [],
    }


def test_every_case_with_a_before_is_told_in_every_format() -> None:
    schema = Draft202012Validator(json.loads((ROOT / "gate" / "report" / "diff.schema.json").read_text()))
    cases = sorted(folder.parent.name for folder in (ROOT / "fixtures" / "cases").glob("*/before"))
    assert len(cases) > 10
    for case in cases:
        done = gate("diff", plan(case), "--format", "json")
        assert (done.returncode, done.stderr) == (0, ""), case
        found = json.loads(done.stdout)
        schema.validate(found)
        assert found["has_before"], case


def test_without_a_before_all_is_gained_and_manifests_count() -> None:
    done = gate("diff", "fixtures/demo/denied/k8s")
    assert done.returncode == 0
    assert done.stdout == (
        "1 identity gains access or trust.\n"
        "The inputs do not show what was there before: everything counts as gained.\n"
        "\n"
        "k8s:ServiceAccount/orders/orders-api (created, score 100)\n"
        "  + administrator, itself or through a chain\n"
        "  + every action on everything, through k8s:ClusterRoleBinding//orders-api\n"
    )


def test_no_difference_is_shown_when_an_input_cannot_be_read() -> None:
    done = gate("diff", "fixtures/nowhere.json")
    assert (done.stdout, done.returncode) == ("", 2)
    assert "no decision was made" in done.stderr
