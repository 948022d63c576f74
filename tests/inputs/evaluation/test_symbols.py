"""The short form of symbols tells what kind of value an attribute holds."""

from __future__ import annotations

import pytest

from gate.inputs.terraform.evaluation.symbols import TOKEN, formed


@pytest.mark.parametrize(
    ("address", "attribute", "text"),
    [
        ("aws_launch_template.node", "id", "lt-gateref1z"),
        ("module.eks.aws_launch_template.node[0]", "id", "lt-gateref1z"),
        ("aws_security_group.node", "id", "gateref1z"),
        ("aws_launch_template.node", "arn", "arn:aws:gate:::gateref1z"),
        ("aws_sqs_queue.jobs", "url", "https://gateref1z.invalid"),
        ("data.aws_iam_roles.all", "arns.2", "arn:aws:gate:::gateref1z"),
        (
            'module.eks["a"].aws_eks_cluster.this[0]',
            "identity.0.oidc.0.issuer",
            "https://oidc.eks.us-east-1.amazonaws.com/id/gateref1z",
        ),
    ],
)
def test_form(address: str, attribute: str, text: str) -> None:
    assert formed(address, attribute, "gateref1z") == text
    assert TOKEN.findall(text) == ["gateref1z"]
