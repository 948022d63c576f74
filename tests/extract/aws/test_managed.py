"""The AWS-managed policies by content."""

from __future__ import annotations

import gzip
import json

import pytest

from gate.extract.aws.documents.aws_managed_policies import managed_policy
from gate.extract.aws.language.statements import PolicyDocument, Statement

ADMINISTRATOR = PolicyDocument((Statement("Allow", 0, None, ("*",), resources=("*",)),))


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "arn:aws-cn:iam::aws:policy/AdministratorAccess",
        "arn:aws-us-gov:iam::aws:policy/AdministratorAccess",
    ],
)
def test_a_policy_is_found_in_every_partition(arn: str) -> None:
    assert managed_policy(arn) == ADMINISTRATOR


def test_a_path_is_no_part_of_the_name() -> None:
    found = managed_policy("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    actions = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
    assert found == PolicyDocument((Statement("Allow", 0, None, actions, resources=("*",)),))


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/NoSuchPolicy",
        "arn:aws:iam::123456789012:policy/AdministratorAccess",
        "arn:aws:iam::aws:role/AdministratorAccess",
        "AdministratorAccess",
        "arn:aws:iam::aws:policy/",
        "arn:aws:iam::aws:policy/Access",
        "",
    ],
)
def test_anything_else_is_not_known(arn: str) -> None:
    assert managed_policy(arn) is None


def test_every_policy_can_be_read_and_is_what_the_source_says() -> None:
    generator = pytest.importorskip("tools.generate.aws_data", reason="policy-sentry is not installed")
    packed = (generator.DOCUMENTS / "managed_policies.txt.gz").read_bytes()
    assert gzip.decompress(packed).decode() == "".join(generator.managed_policies_lines())
    source = json.loads(gzip.decompress((generator.SOURCES / "aws_managed_policies.json.gz").read_bytes()))
    assert len(source) == 1523
    unread = [
        name
        for name in source
        if (found := managed_policy(f"arn:aws:iam::aws:policy/{name}")) is None or found.problems
    ]
    assert unread == []
