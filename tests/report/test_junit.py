"""What Jenkins' xUnit plugin and GitLab read of a report, https://docs.gitlab.com/ci/testing/unit_test_reports/."""

from xml.etree import ElementTree

import pytest

from gate.engine.catalog import rules
from gate.report import junit
from tests.report.report_samples import ADMIN, ESCALATION, EVERYTHING, HOSTILE, NOTHING, OWNER, decision, hostile


def suite(made, catalogue=()):
    root = ElementTree.fromstring(junit.render(made, catalogue))
    assert (root.tag, len(root)) == ("testsuites", 1)
    (found,) = root
    cases = found.findall("testcase")
    assert int(found.get("tests")) == int(root.get("tests")) == len(cases)
    assert int(found.get("failures")) == len(found.findall("testcase/failure"))
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)
    return found


@pytest.mark.parametrize("made", [EVERYTHING, NOTHING, hostile()], ids=["everything", "nothing", "hostile"])
def test_failures_are_the_reasons_to_deny(made):
    found = suite(made, rules())

    assert bool(found.findall("testcase/failure")) == (made.verdict == "deny")


def test_a_failure_says_what_to_read_and_to_do():
    (case,) = suite(decision(ESCALATION)).findall("testcase")

    assert (case.get("classname"), case.get("name")) == (
        "gate.privilege-escalation",
        "aws_iam_user.ci [2222222222222222]",
    )
    assert (case.get("file"), case.get("line")) == ("iam.tf", "12")
    failure = case.find("failure")
    assert failure.get("message") == ESCALATION.message
    assert "chain: aws_iam_user.ci -> aws_iam_role.admin via lambda-create-function" in failure.text
    assert f"fix: {ESCALATION.remediation}" in failure.text
    assert "at: iam.tf:12" in failure.text


def test_a_warning_passes_and_is_printed():
    (case,) = suite(decision(OWNER)).findall("testcase")

    assert case.find("failure") is None
    assert OWNER.message in case.find("system-out").text


def test_a_rule_that_found_nothing_is_a_test_that_passed():
    catalogue = rules()
    found = suite(decision(ADMIN), catalogue)
    passed = {case.get("classname") for case in found.findall("testcase") if len(case) == 0}

    assert passed == {f"gate.{rule.id}" for rule in catalogue} - {"gate.effective-admin"}


def test_names_of_the_change_stay_text():
    text = junit.render(hostile())

    assert text.isprintable() or set(text) - set("\n") <= {c for c in text if c.isprintable()}
    assert "<img" not in text
    assert HOSTILE not in text
