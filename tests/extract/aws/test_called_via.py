"""Conditions on the service that makes the call: which close what, and which do not."""

from __future__ import annotations

import pytest

from gate.extract.aws.language.called_via import only_by_a_service
from gate.model.access import Condition

BEDROCK, CLOUDFORMATION = "bedrock.amazonaws.com", "cloudformation.amazonaws.com"


@pytest.mark.parametrize(
    ("condition", "closed"),
    [
        (Condition("StringEquals", "aws:CalledViaLast", (BEDROCK,)), True),
        (Condition("StringEquals", "AWS:calledvialast", (BEDROCK,)), True),
        (Condition("StringEquals", "aws:CalledViaFirst", (BEDROCK,)), True),
        (Condition("ForAnyValue:StringEquals", "aws:CalledVia", (BEDROCK,)), True),
        # The caller writes CloudFormation's template.
        (Condition("StringEquals", "aws:CalledViaLast", (CLOUDFORMATION,)), False),
        (Condition("StringEquals", "aws:CalledViaLast", (BEDROCK, CLOUDFORMATION)), False),
        # Each of these holds for a call of the identity's own as well.
        (Condition("StringEqualsIfExists", "aws:CalledViaLast", (BEDROCK,)), False),
        (Condition("ForAllValues:StringEquals", "aws:CalledVia", (BEDROCK,)), False),
        (Condition("StringNotEquals", "aws:CalledViaLast", (BEDROCK,)), False),
        (Condition("StringLike", "aws:CalledViaLast", ("*",)), False),
        (Condition("StringEquals", "aws:PrincipalTag/via", (BEDROCK,)), False),
    ],
)
def test_a_call_that_only_a_service_makes_by_itself(condition: Condition, closed: bool) -> None:
    assert only_by_a_service([condition]) == closed
    assert only_by_a_service([Condition("Bool", "aws:SecureTransport", ("true",)), condition]) == closed
