import json

import pytest
from jsonschema import Draft202012Validator

from gate.report import published_schemas
from gate.report.json import render
from gate.report.saved import load
from tests.report.report_samples import EVERYTHING, NOTHING, hostile

SCHEMA = json.loads(published_schemas.text("decision"))


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("decision", [EVERYTHING, NOTHING, hostile()], ids=["everything", "nothing", "hostile"])
def test_it_is_exactly_the_decision_and_fits_its_schema(decision):
    text = render(decision)
    assert json.loads(text) == json.loads(json.dumps(decision.to_json()))
    assert text.isascii()
    assert "##[" not in text
    assert all(c.isprintable() or c == "\n" for c in text)
    Draft202012Validator(SCHEMA).validate(json.loads(text))


def test_the_schema_refuses_what_is_not_a_decision():
    validator = Draft202012Validator(SCHEMA)
    for key in EVERYTHING.to_json():
        document = json.loads(render(EVERYTHING))
        del document[key]
        assert not validator.is_valid(document), key
    for place, key, value in [
        ([], "verdict", "maybe"),
        ([], "unknown", 1),
        (["findings", 0], "severity", "huge"),
        (["findings", 0], "fingerprint", "x"),
        (["summary"], "deny", -1),
    ]:
        document = json.loads(render(EVERYTHING))
        target = document
        for step in place:
            target = target[step]
        target[key] = value
        assert not validator.is_valid(document), (place, key)


def test_a_printed_decision_reads_back_as_it_was(tmp_path):
    file = tmp_path / "decision.json"
    file.write_text(render(EVERYTHING))
    assert load(file) == EVERYTHING
