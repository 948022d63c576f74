"""Texts that people read hold no stand-ins."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gate.extract.change import access_models
from gate.extract.written_names import as_written, shown
from gate.inputs.documents import Documents, Reference
from gate.inputs.recognise import read_documents

SYMBOLS = {"gateref7z": Reference('module.m["a:b"].aws_sqs_queue.q[0]', "arn"), "gateref8z": Reference("x.y", "url")}
ROOT = Path(__file__).parents[2] / "fixtures"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arn:aws:gate:::gateref7z", '${module.m["a:b"].aws_sqs_queue.q[0].arn}'),
        ("arn:aws:gate:::gateref7z/*", '${module.m["a:b"].aws_sqs_queue.q[0].arn}/*'),
        ("https://gateref8z.invalid/id", "${x.y.url}/id"),
        ("arn:aws:s3:::gateref8z", "arn:aws:s3:::${x.y.url}"),
        ("gateref9z", "gateref9z"),
        ('arn:aws:gate:::module.m["a/b"].aws_s3_bucket.b/*', '${module.m["a/b"].aws_s3_bucket.b.arn}/*'),
        ("arn:aws:iam::000000000000:role/a", "arn:aws:iam::{account}:role/a"),
        ("arn:aws:sqs:{region?}:{account?}:q", "arn:aws:sqs:{region}:{account}:q"),
        ("1000000000000", "1000000000000"),
        ("arn:aws:s3:::gates-and-accounts/*", "arn:aws:s3:::gates-and-accounts/*"),
    ],
)
def test_shown(text: str, expected: str) -> None:
    assert shown(text, SYMBOLS) == expected


def test_no_text_of_a_model_holds_a_stand_in() -> None:
    documents = read_documents([str(ROOT / "evaluate" / "09-irsa-new-cluster" / "plan.json")])
    access = as_written(access_models(documents).after.to_json(), documents)
    parts = json.dumps([access["grants"], access["trust"], access["resource_grants"]])
    assert "${aws_" in parts
    assert "arn:aws:gate" not in parts


def test_without_plans_nothing_changes() -> None:
    model = access_models(Documents()).after
    assert as_written(model.to_json(), Documents()) == replace(model).to_json()
