"""The knowledge is written from its sources, once for the rules and once for what ``gate/extract`` looks up."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from gate.engine.bundle import rego_root
from tools.generate import aws_knowledge, graph_knowledge


def test_what_the_rules_read_is_written_from_the_sources() -> None:
    assert aws_knowledge.OUT.read_text() == aws_knowledge.text(), "run make knowledge"


@pytest.mark.parametrize(
    ("written", "found"),
    [(graph_knowledge.AWS, graph_knowledge.aws), (graph_knowledge.KUBERNETES, graph_knowledge.kubernetes)],
)
def test_what_extract_looks_up_is_written_from_the_sources(written: Any, found: Any) -> None:
    assert written.read_text() == graph_knowledge.text(found()), "run make knowledge"


def test_the_rules_read_all_that_is_given_them_of_aws() -> None:
    """What no rule reads is loaded at every start for nothing."""
    rules = "".join(p.read_text() for p in (rego_root() / "gate").rglob("*.rego") if not p.name.endswith("_test.rego"))
    known = yaml.safe_load(aws_knowledge.OUT.read_text())
    fields = {field for path in known["escalation"]["paths"].values() for field in path}
    inner = {field for part in (known["conditions"], known["oidc"], known["confused_deputy"]) for field in part}
    assert {name for name in {*known, *known["escalation"], *fields, *inner} if not _is_read(name, rules)} == set()


def _is_read(name: str, rules: str) -> bool:
    """Whether a reference ends or goes on with the name: ``.name``, or ``"name"`` as a key that is looked up."""
    return f'"{name}"' in rules or any(f".{name}{end}" in rules for end in " .[,;)\n")
