from dataclasses import replace

from gate.report import github
from tests.report.report_samples import ADMIN, EVERYTHING, NOTHING, OWNER, decision, hostile


def test_each_reason_is_an_annotation_at_its_line():
    assert github.render(decision(ADMIN, OWNER)) == (
        "::error file=iam.tf,line=12,endLine=24,title=Effective administrator (critical)::"
        "aws_iam_role.app is an administrator: it can do every action on every resource.%0A"
        "Fix: Replace the statement by the actions and resources that the identity needs.%0A"
        "rule effective-admin, fingerprint 0123456789abcdef\n"
        "::warning title=Identity without owner (low)::aws_iam_role.app has no owner.%0A"
        "Fix: Add the tag owner.%0Arule missing-owner, fingerprint 3333333333333333\n"
    )


def test_findings_of_one_cause_are_one_annotation():
    also = replace(ADMIN, identity="aws_iam_role.b", message="aws_iam_role.b is one too.", fingerprint="f" * 16)
    small = replace(OWNER, rule="wildcard-actions", evidence=ADMIN.evidence, fingerprint="e" * 16)
    assert github.render(decision(ADMIN, also, small)) == (
        "::error file=iam.tf,line=12,endLine=24,title=Effective administrator (critical)::"
        "aws_iam_role.app is an administrator: it can do every action on every resource.%0A"
        "2 more findings of the same cause.%0A"
        "Fix: Replace the statement by the actions and resources that the identity needs.%0A"
        "Fix: Add the tag owner.%0A"
        "rule effective-admin, fingerprint 0123456789abcdef ffffffffffffffff%0A"
        "rule wildcard-actions, fingerprint eeeeeeeeeeeeeeee\n"
    )


def test_waived_and_preexisting_findings_are_no_annotations():
    assert len(github.render(EVERYTHING).splitlines()) == 3


def test_at_most_ten_of_a_level_and_the_last_sums_up():
    many = [
        replace(ADMIN, address=f"aws_iam_role_policy.p{n}", evidence=(), fingerprint=f"{n:016x}") for n in range(25)
    ]
    lines = github.render(decision(*many)).splitlines()
    assert len(lines) == 10
    assert lines[-1] == "::error title=gate::16 more findings in the log, the job's summary and the SARIF file."
    assert len(github.render(decision(*many[:10])).splitlines()) == 10


def test_nothing_to_judge_is_a_notice():
    assert github.render(NOTHING) == "::notice title=gate::ALLOW: nothing to judge: the inputs hold no resources\n"


def test_text_of_the_change_starts_no_command_of_its_own():
    lines = github.render(hostile()).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning"]
    for line in lines:
        properties = line.split(" ", 1)[1].split("::")[0]
        assert [p.split("=")[0] for p in properties.split(",")] == ["file", "line", "endLine", "title"]
        assert all(c.isprintable() for c in line)


def test_percent_signs_and_separators_are_escaped():
    made = decision(replace(ADMIN, title="50%, a:b", message="100%"))
    line = github.render(made)
    assert "title=50%25%2C a%3Ab (critical)::100%25%0A" in line


def test_the_summary_stays_below_the_limit():
    many = [
        replace(ADMIN, address=f"a{n}", identity=f"i{n}", message="x " * 500, fingerprint=f"{n:016x}")
        for n in range(2000)
    ]
    summary = github.step_summary(decision(*many))
    assert 900_000 < len(summary.encode()) < 1_048_576
    assert "more findings cut here" in summary
