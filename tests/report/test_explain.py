from dataclasses import replace

import pytest

from gate.errors import InputError, UsageError
from gate.report.excerpt import excerpt
from gate.report.explain import render
from gate.report.saved import load, select
from tests.report.report_samples import ADMIN, ESCALATION, EVERYTHING, WAIVED, hostile

SOURCE = """\
resource "aws_iam_role_policy" "app" {
  role   = aws_iam_role.app.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["iam:PassRole", "lambda:*"]
      Resource = "*"
    }]
  })
  password  = "hunter2hunter2"
  user_data = <<-EOT
    export TOKEN=ghp_0123456789
  EOT
}
"""


def test_the_chain_and_the_lines_about_access_are_shown(tmp_path):
    (tmp_path / "iam.tf").write_text(SOURCE)
    place = {"file": "iam.tf", "line": 1, "end_line": 15}
    finding = replace(ESCALATION, location=place, evidence=({**ESCALATION.evidence[0], "location": place},))
    assert render([finding], root=tmp_path) == (
        """\
HIGH Privilege escalation
  what        aws_iam_user.ci can become aws_iam_role.admin.
  identity    aws_iam_user.ci
  change      aws_iam_user_policy.ci (iam.tf:1)
  standing    deny, active, introduced, confidence possible
  step 1      aws_iam_user.ci -> aws_iam_role.admin via lambda-create-function
              (iam:PassRole, lambda:CreateFunction)
        1 | resource "aws_iam_role_policy" "app" {
        2 |   role   = aws_iam_role.app.id
        3 |   policy = jsonencode({
        4 |     Version = "2012-10-17"
        5 |     Statement = [{
        6 |       Effect   = "Allow"
        7 |       Action   = ["iam:PassRole", "lambda:*"]
        8 |       Resource = "*"
        9 |     }]
       10 |   })
       11 |   …
       12 |   …
          | … up to line 15
  evidence    aws_iam_role_policy.app, statement 0: * on * (iam.tf:1)
  Fix:        Name the roles that may be passed.
  frameworks  OWASP-NHI:NHI5, NIST-800-53:AC-6
  rule        privilege-escalation  2222222222222222
"""
    )


def test_no_line_that_could_hold_a_secret_is_shown(tmp_path):
    (tmp_path / "iam.tf").write_text(SOURCE)
    shown = "\n".join(excerpt({"file": "iam.tf", "line": 10, "end_line": 15}, tmp_path))
    assert shown == "   10 |   })\n   11 |   …\n   12 |   …\n   13 |     …\n   14 |   …\n   15 | }"


@pytest.mark.parametrize("line", ["  root:SuperSecret", "- admin:SuperSecret", "  - admin:SuperSecret,"])
@pytest.mark.parametrize("file", ["iam.tf", "pod.yaml"])
def test_a_user_and_a_password_are_no_action(tmp_path, file, line):
    (tmp_path / file).write_text(f'{line}\n  "s3:GetObject",\n  - "*"\n')
    shown = "\n".join(excerpt({"file": file, "line": 1, "end_line": 3}, tmp_path))
    assert ("SuperSecret" in shown, '"s3:GetObject",' in shown, '- "*"' in shown) == (False, True, True)


def test_without_the_source_the_rest_is_told():
    assert "up to line" not in render([ADMIN])


def test_a_waiver_is_told():
    text = render([WAIVED], width=120)
    assert "  waiver      owner platform, approver ciso, expires 2027-01-01, reason break glass\n" in text


def test_text_of_the_change_does_no_harm():
    text = render(hostile().findings)
    assert all(c.isprintable() or c == "\n" for c in text)
    assert "##[" not in text


def test_a_finding_is_chosen_by_fingerprint_rule_or_identity():
    for wanted in (["222222"], ["aws_iam_user.ci", "privilege-escalation"]):
        assert [finding.fingerprint for finding in select(EVERYTHING, wanted)] == [ESCALATION.fingerprint]


def test_an_unknown_finding_names_the_nearest():
    with pytest.raises(UsageError) as caught:
        select(EVERYTHING, ["privilege-escalaton"])
    assert (caught.value.message, caught.value.hint) == (
        "the decision has no finding 'privilege-escalaton'",
        "Did you mean 'privilege-escalation'?",
    )


@pytest.mark.parametrize("content", ["", "[]", '{"schema": "gate.decision/v1"}', "\x00", "[" * 100_000])
def test_what_is_no_decision_is_refused(tmp_path, content):
    file = tmp_path / "d.json"
    file.write_text(content)
    with pytest.raises(InputError, match="not a decision"):
        load(file)
