"""Symbols have the form that providers ask of the attribute they stand for."""

from __future__ import annotations

import pytest

from gate.inputs.evaluation.symbols import TOKEN, formed


@pytest.mark.parametrize(
    ("address", "attribute", "text"),
    [
        ("aws_launch_template.node", "id", "lt-gateref1z"),
        ("module.eks.aws_launch_template.node[0]", "id", "lt-gateref1z"),
        ("aws_security_group.node", "id", "gateref1z"),
        ("aws_launch_template.node", "arn", "arn:aws:gate:::gateref1z"),
    ],
)
def test_form(address: str, attribute: str, text: str) -> None:
    assert formed(address, attribute, "gateref1z") == text
    assert TOKEN.findall(text) == ["gateref1z"]
