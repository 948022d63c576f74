"""https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format"""

import json
from dataclasses import replace

import pytest

from gate.report import gitlab
from tests.report.report_samples import ADMIN, ESCALATION, EVERYTHING, NOTHING, OWNER, decision, hostile

SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


def entries(made):
    text = gitlab.render(made)
    assert text.isascii()
    return json.loads(text)


@pytest.mark.parametrize("made", [EVERYTHING, NOTHING, hostile()], ids=["everything", "nothing", "hostile"])
def test_each_entry_has_what_gitlab_requires(made):
    found = entries(made)
    for entry in found:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["description"].isprintable()
        assert entry["severity"] in SEVERITIES
        assert entry["location"]["lines"]["begin"] >= 1
        path = entry["location"]["path"]
        assert path and not path.startswith(("/", "./", "..")), path
    prints = [entry["fingerprint"] for entry in found]
    assert len(prints) == len(set(prints))


def test_one_cause_is_one_entry_at_its_line():
    (entry,) = entries(decision(ADMIN, replace(OWNER, remediation=ADMIN.remediation)))

    assert entry == {
        "description": f"{ADMIN.message} {OWNER.message} Fix: {ADMIN.remediation}",
        "check_name": "effective-admin",
        "fingerprint": ADMIN.fingerprint,
        "severity": "blocker",
        "location": {"path": "iam.tf", "lines": {"begin": 12, "end": 24}},
    }


def test_a_warning_is_never_a_blocker_and_what_does_not_count_is_not_there():
    said = {entry["check_name"]: entry["severity"] for entry in entries(EVERYTHING)}

    assert said["missing-owner"] == "info"
    assert said["privilege-escalation"] == "critical"
    counting = {f.fingerprint for f in EVERYTHING.findings if f.status == "active"}
    assert {entry["fingerprint"] for entry in entries(EVERYTHING)} <= counting
    assert ESCALATION.fingerprint in counting
