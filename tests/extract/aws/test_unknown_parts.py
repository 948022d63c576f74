"""An unknown part of a statement is told where it could change the verdict, and nowhere else."""

import pytest

from gate.extract.aws.documents.unknown_policy_elements import may_widen
from gate.extract.aws.language.statements import parse_document
from gate.inputs.documents import UNKNOWN


def _told(**elements: object) -> list[str]:
    statement = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "arn:aws:logs:*:*:*"} | elements
    parsed = parse_document({"Version": "2012-10-17", "Statement": [statement]}).statements[0]
    assert parsed.unknown
    return [part.where for part in parsed.unknown if may_widen(parsed, part)]


@pytest.mark.parametrize(
    "elements",
    [
        {"Resource": UNKNOWN},
        {"Action": "*", "Resource": [UNKNOWN, "*"]},
        {"Action": ["*", UNKNOWN], "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:PassRole", "Resource": UNKNOWN},
        {"Condition": {"StringEquals": {"aws:SourceAccount": UNKNOWN}}},
    ],
    ids=["harmless action", "every resource already", "every action already", "deny", "condition of a harmless action"],
)
def test_what_could_not_widen_anything_is_silent(elements):
    assert _told(**elements) == []


@pytest.mark.parametrize(
    ("elements", "where"),
    [
        ({"Action": "iam:PassRole", "Resource": UNKNOWN}, ["Resource"]),
        ({"Action": UNKNOWN}, ["Action"]),
        ({"Action": ["logs:PutLogEvents", UNKNOWN], "Resource": UNKNOWN}, ["Action[1]", "Resource"]),
    ],
    ids=["sensitive action", "action", "action and resource"],
)
def test_what_could_widen_something_is_told(elements, where):
    assert _told(**elements) == where


def test_not_action_with_an_unknown_resource_is_told():
    parsed = parse_document({"Statement": [{"Effect": "Allow", "NotAction": "s3:*", "Resource": UNKNOWN}]}).statements[
        0
    ]
    assert [part.where for part in parsed.unknown if may_widen(parsed, part)] == ["Resource"]
