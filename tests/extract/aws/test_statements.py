"""Policy documents as typed statements."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gate.extract.aws.language.statements import PolicyDocument, Statement, UnknownPart, parse_document
from gate.inputs.documents import UNKNOWN
from gate.model.access import Condition

SECRET = "hunter2-wJalrXUtnFEMI"


def test_every_element_is_read() -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Pass",
                "Effect": "Allow",
                "Action": ["iam:PassRole", "s3:*"],
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": True}, "NumericLessThan": {"s3:max-keys": [10, "20"]}},
            },
            {"Effect": "Deny", "NotAction": "iam:*", "NotResource": ["a", "b"], "NotPrincipal": {"AWS": ["1", "2"]}},
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "lambda.amazonaws.com", "AWS": "*"},
            },
            {"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*", "Resource": []},
        ],
    }
    conditions = (
        Condition("Bool", "aws:SecureTransport", ("true",)),
        Condition("NumericLessThan", "s3:max-keys", ("10", "20")),
    )
    expected = PolicyDocument(
        (
            Statement("Allow", 0, "Pass", ("iam:PassRole", "s3:*"), resources=("*",), conditions=conditions),
            Statement(
                "Deny", 1, not_actions=("iam:*",), not_resources=("a", "b"), not_principals=(("AWS", "1"), ("AWS", "2"))
            ),
            Statement(
                "Allow", 2, None, ("sts:AssumeRole",), principals=(("Service", "lambda.amazonaws.com"), ("AWS", "*"))
            ),
            Statement("Allow", 3, None, ("s3:GetObject",), principals=(("*", "*"),)),
        )
    )
    assert parse_document(document) == expected
    assert parse_document(json.dumps(document)) == expected
    assert [s.label for s in expected.statements] == ["Pass", "1", "2", "3"]


def test_a_single_statement_needs_no_list() -> None:
    assert parse_document('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}') == PolicyDocument(
        (Statement("Allow", 0, None, ("*",), resources=("*",)),)
    )


def test_unknown_leaves_are_named_by_their_place() -> None:
    document = {
        "Statement": {
            "Sid": UNKNOWN,
            "Effect": "Allow",
            "Action": UNKNOWN,
            "Resource": ["a", UNKNOWN + "aws_s3_bucket.b.arn"],
            "Principal": {"AWS": [UNKNOWN]},
            "Condition": {"StringEquals": {"aws:SourceArn": ["x", UNKNOWN], "aws:SourceAccount": "1"}},
        }
    }
    unknown = (
        UnknownPart("Action"),
        UnknownPart("Resource[1]", "aws_s3_bucket.b.arn"),
        UnknownPart("Principal.AWS[0]"),
        UnknownPart("Condition.StringEquals.aws:SourceArn[1]"),
    )
    known = (Condition("StringEquals", "aws:SourceAccount", ("1",)),)
    assert parse_document(document) == PolicyDocument(
        (Statement("Allow", 0, resources=("a",), conditions=known, unknown=unknown),)
    )


def test_whole_blocks_may_be_unknown() -> None:
    block = {"Effect": "Deny", "Action": "*", "Principal": UNKNOWN, "Condition": UNKNOWN}
    assert parse_document({"Statement": [block]}).statements[0].unknown == (
        UnknownPart("Principal"),
        UnknownPart("Condition"),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "The policy document is not JSON (line 1, column 1)."),
        (SECRET, "The policy document is not JSON (line 1, column 1)."),
        (f'"{SECRET}"', "The policy document is text, expected a JSON object."),
        ("[]", "The policy document is a list, expected a JSON object."),
        ("[" * 100_000, "The policy document is nested too deeply."),
        ("{}", "The policy document has no Statement."),
        (f'{{"Statement": "{SECRET}"}}', "Statement is text, expected an object or a list of them."),
        ('{"Statement": [], "Statement": []}', "The policy document contains an object with the same key twice."),
    ],
)
def test_a_document_of_the_wrong_shape_is_one_sentence(text: str, problem: str) -> None:
    assert parse_document(text) == PolicyDocument((), (problem,))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Effect": SECRET}, "has an Effect that is neither Allow nor Deny"),
        ({"Effect": UNKNOWN}, "has an Effect that is neither Allow nor Deny"),
        ({"Effect": ["Allow"]}, "has an Effect that is neither Allow nor Deny"),
        ({SECRET: 1}, "has an element that is not part of the policy language"),
        ({"NotAction": "x"}, "has both Action and NotAction"),
        ({"NotResource": "x"}, "has both Resource and NotResource"),
        ({"Action": [1]}, "has a number in Action, expected text"),
        ({"Action": [[SECRET]]}, "has a list in Action, expected text"),
        ({"Resource": {"a": SECRET}}, "has an object in Resource, expected text"),
        ({"Resource": None}, "has null in Resource, expected text"),
        ({"Principal": SECRET}, "has a Principal that is neither an object nor a star"),
        ({"Principal": None}, "has a Principal that is neither an object nor a star"),
        ({"Condition": [SECRET]}, "has a Condition that is a list, expected an object"),
        ({"Condition": {"Bool": SECRET}}, "has text under a condition operator, expected an object"),
        ({"Condition": {"Bool": {"k": {}}}}, "has an object in Condition, expected text"),
        ({"Sid": 3}, "has a Sid that is a number, expected text"),
    ],
)
def test_a_statement_of_the_wrong_shape_is_left_out_and_said(change: dict[str, Any], problem: str) -> None:
    right = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    assert parse_document({"Statement": [{**right, **change}, right]}) == PolicyDocument(
        (Statement("Allow", 1, None, ("s3:*",), resources=("*",)),), (f"Statement[0] {problem}.",)
    )


def test_a_statement_without_actions_and_one_that_is_no_object() -> None:
    assert parse_document({"Statement": [{"Effect": "Allow", "Resource": "*"}, SECRET]}).problems == (
        "Statement[0] has neither Action nor NotAction.",
        "Statement[1] is text, expected an object.",
    )


# https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html, Empty array action
@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": [], "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "Resource": []},
        {"Effect": "Deny", "Action": "*", "Resource": []},
    ],
)
def test_without_actions_or_resources_a_statement_says_nothing(statement: dict[str, Any]) -> None:
    assert parse_document({"Statement": [statement]}) == PolicyDocument(())


@pytest.mark.parametrize("element", ["NotAction", "NotResource"])
def test_an_allow_of_all_but_nothing_is_not_guessed(element: str) -> None:
    whole = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    statement = {name: value for name, value in whole.items() if name != element.removeprefix("Not")} | {element: []}
    problem = f"Statement[0] has an empty {element}, which may allow everything or nothing."
    assert parse_document({"Statement": [statement]}) == PolicyDocument((), (problem,))
    denied = parse_document({"Statement": [statement | {"Effect": "Deny"}]})
    assert (len(denied.statements), denied.problems) == (1, ())  # and takes nothing away


@pytest.mark.parametrize("count", [1001, 50_000])
def test_a_document_that_aws_takes_from_nobody_is_not_worked_out(count: int) -> None:
    statements = [{"Effect": "Allow", "Action": f"s3:Get{at}", "Resource": "*"} for at in range(count)]
    problem = f"The policy document holds {count} statements, more than AWS accepts."
    assert parse_document({"Statement": statements}) == PolicyDocument((), (problem,))
    assert len(parse_document({"Statement": statements[:1000]}).statements) == 1000
