import re

from gate.report.text import render
from tests.report.report_samples import ADMIN, EVERYTHING, NOTHING, OWNER, decision, hostile


def test_a_denied_change_reads_at_80_columns():
    assert render(EVERYTHING) == (
        """\
DENY: 2 reasons to deny, 1 warning

CRITICAL Effective administrator
  at       iam.tf:12
  identity aws_iam_role.app
           aws_iam_role.app is an administrator: it can do every action on every
           resource.
  through  aws_iam_role_policy.app, statement 0: * on *
  change   aws_iam_role_policy.app
  Fix:     Replace the statement by the actions and resources that the identity
           needs.
  rule     effective-admin  0123456789abcdef

HIGH Privilege escalation
  at       iam.tf:12
  identity aws_iam_user.ci
           aws_iam_user.ci can become aws_iam_role.admin.
           confidence: possible (it depends on something outside the input)
  through  aws_iam_role_policy.app, statement 0: * on *
  chain    aws_iam_user.ci -> aws_iam_role.admin via lambda-create-function
           (iam:PassRole, lambda:CreateFunction)
  change   aws_iam_user_policy.ci
  Fix:     Name the roles that may be passed.
  rule     privilege-escalation  2222222222222222

warning (low) Identity without owner
           aws_iam_role.app has no owner.
  Fix:     Add the tag owner.
  rule     missing-owner  3333333333333333

1 finding waived in gate.yaml (--format json lists them).
1 finding already there before this change (--format json lists them, --scope
all judges them).
plan.json: 3 identities in 40 resources. OPA 1.22.2, policy abcdef012345
DENY: 2 reasons to deny, 1 warning
"""
    )


def test_an_allow_with_a_warning_says_both():
    assert render(decision(OWNER)).splitlines()[0] == "ALLOW: no reason to deny, 1 warning"


def test_nothing_to_judge_is_an_allow_that_says_so():
    assert render(NOTHING) == (
        "ALLOW: nothing to judge: the inputs hold no resources\n\n"
        "0 identities in 0 resources. OPA 1.22.2, policy abcdef012345\n"
        "ALLOW: nothing to judge: the inputs hold no resources\n"
    )


def test_findings_that_one_fix_settles_stand_together():
    from dataclasses import replace

    other = replace(ADMIN, identity="aws_iam_role.batch", message="aws_iam_role.batch too.", fingerprint="7" * 16)
    text = render(decision(ADMIN, other))
    assert text.count("Effective administrator") == 1
    assert text.count("Fix:") == 1
    assert "effective-admin  0123456789abcdef 7777777777777777" in text


def test_quiet_is_the_verdict_alone():
    assert render(EVERYTHING, quiet=True) == "DENY: 2 reasons to deny, 1 warning\n"


def test_colour_changes_no_word():
    coloured = render(EVERYTHING, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(EVERYTHING)


def test_no_line_is_wider_than_asked():
    for width in (40, 80, 120):
        assert max(len(line) for line in render(EVERYTHING, width=width).splitlines()) <= width


def test_text_of_the_change_moves_no_cursor_and_commands_no_runner():
    for width in (40, 57, 80):
        text = render(hostile(), width=width)
        assert all(c.isprintable() or c == "\n" for c in text)
        assert not re.search(r"(?m)^\s*::", text)
        assert "##[" not in text
        assert "[red]" in render(hostile(), width=400)  # shown as written, not obeyed


def test_providers_that_nobody_looked_into_are_one_line():
    found = render(decision(not_looked_into={"cloudflare": 1, "datadog": 2, "\x1b[31mred": 1}))
    line = "Not looked into: 4 resources of cloudflare, datadog, \\x1b[31mred, which the gate does not read."
    assert line in " ".join(found.split())
    assert "Not looked into" not in render(decision())
