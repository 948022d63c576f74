import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft4Validator

from gate.engine.catalog import Rule
from gate.report import sarif
from tests.report.report_samples import ADMIN, EVERYTHING, NOTHING, WAIVED, decision, hostile

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text())
RULE = Rule(
    id="effective-admin",
    title="Effective administrator",
    description="The identity can perform every action.\nWhoever takes it over owns the account.",
    severity="critical",
    confidence="proven",
    frameworks=("OWASP-NHI:NHI5",),
    remediation="Name what it needs.",
    package="gate.rules.access.effective_admin",
    file="gate/rules/access/effective_admin/effective_admin.rego",
)


def run(made, catalogue=(), **options):
    log = json.loads(sarif.render(made, catalogue, **options))
    assert not [e.message for e in Draft4Validator(SCHEMA).iter_errors(log)]
    assert log["version"] == "2.1.0"
    return log["runs"][0]


@pytest.mark.parametrize("made", [EVERYTHING, NOTHING, hostile()], ids=["everything", "nothing", "hostile"])
def test_it_fits_the_schema_and_what_code_scanning_requires(made):
    """https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning"""
    text = sarif.render(made, [RULE])
    assert text.isascii()
    one = run(made, [RULE])
    rules = one["tool"]["driver"]["rules"]
    for rule in rules:
        assert rule["id"] and rule["shortDescription"]["text"] and rule["help"]["text"]
        assert 0 < len(rule["fullDescription"]["text"]) <= 1000
        assert 0 <= float(rule["properties"]["security-severity"]) <= 10
        assert len(rule["properties"]["tags"]) <= 20
    for result in one["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        assert uri and "://" not in uri and ":" not in uri and not uri.startswith(("/", ".."))
        assert place["region"]["startLine"] >= 1
        assert result["partialFingerprints"]["primaryLocationLineHash"]


def test_a_result_says_how_it_counts():
    told = [
        (r["level"], r["baselineState"], [s["justification"] for s in r.get("suppressions", [])])
        for r in run(EVERYTHING)["results"]
    ]
    assert told == [
        ("error", "new", []),
        ("error", "new", []),
        ("warning", "new", []),
        ("error", "new", ["break glass (until 2027-01-01)"]),
        ("error", "unchanged", []),
    ]


def test_a_rule_is_described_from_the_catalogue():
    assert run(decision(ADMIN), [RULE])["tool"]["driver"]["rules"] == [
        {
            "id": "effective-admin",
            "name": "EffectiveAdmin",
            "shortDescription": {"text": "Effective administrator"},
            "fullDescription": {
                "text": "The identity can perform every action. Whoever takes it over owns the account."
            },
            "help": {
                "text": "The identity can perform every action. Whoever takes it over owns the account.\n\n"
                "Fix: Name what it needs.",
                "markdown": "The identity can perform every action. Whoever takes it over owns the account.\n\n"
                "**Fix:** Name what it needs.",
            },
            "defaultConfiguration": {"level": "error"},
            "properties": {
                "security-severity": "9.5",
                "precision": "very-high",
                "tags": ["security", "OWASP-NHI:NHI5"],
            },
        }
    ]


def test_a_finding_without_a_place_stands_at_the_first_line_of_the_input():
    place = run(decision(replace(ADMIN, location=None)))["results"][0]["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "plan.json", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1, "endLine": 1},
    }


def test_paths_are_relative_to_the_repository_and_of_one_outside_the_name_is_left(tmp_path):
    def uri(file):
        made = decision(replace(ADMIN, location={"file": file, "line": 1, "end_line": 1}))
        result = run(made, root=tmp_path)["results"][0]
        return result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]

    assert [uri(f) for f in (str(tmp_path / "a/b c.tf"), "./x/../y.tf", "/etc/z.tf", "../../w.tf", "-")] == [
        "a/b%20c.tf",
        "y.tf",
        "z.tf",
        "w.tf",
        "stdin",
    ]


def test_no_more_results_than_github_takes_and_the_counting_ones_first(monkeypatch):
    assert sarif.RESULTS == 25_000, "what GitHub takes of one run"
    monkeypatch.setattr(sarif, "RESULTS", 50)  # the same cut, in a thousandth of the time
    many = [replace(WAIVED, fingerprint=f"{n:016x}") for n in range(50)]
    one = run_unchecked(decision(*many, ADMIN))
    assert len(one["results"]) == 50
    assert one["results"][0]["partialFingerprints"]["primaryLocationLineHash"] == ADMIN.fingerprint
    assert one["properties"]["resultsLeftOut"] == 1


def run_unchecked(made):
    return json.loads(sarif.render(made))["runs"][0]


def test_no_text_of_the_change_becomes_a_link():
    assert "](" not in run(hostile())["results"][0]["message"]["text"]
