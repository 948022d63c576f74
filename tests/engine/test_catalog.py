from pathlib import Path

import pytest

from gate.engine.bundle import build_bundle, rego_root
from gate.engine.catalog import Rule, rules
from gate.errors import PolicyError

ACME = Path(__file__).parent / "policies" / "acme.rego"


def test_every_rule_that_must_run_is_in_the_catalog():
    assert {rule.package for rule in rules()} == build_bundle().rules


def test_every_rule_says_where_it_stands():
    assert [rule for rule in rules() if not (rego_root() / rule.file).is_file()] == []


def test_an_organisations_rules_follow_ours():
    assert rules([ACME])[-1] == Rule(
        id="acme-nobody",
        title="Ours",
        description="Every identity is refused.",
        severity="high",
        confidence="proven",
        frameworks=(),
        remediation="Remove it.",
        package="organisation.acme",
        file=str(ACME),
    )


def test_a_rule_without_a_field_is_an_error(policy):
    text = ACME.read_text(encoding="utf-8").replace("#   remediation: Remove it.\n", "")
    with pytest.raises(PolicyError, match=r"acme\.rego: .* organisation\.acme have no remediation"):
        rules([policy(text)])


def test_a_rule_id_used_twice_is_an_error(policy):
    text = ACME.read_text(encoding="utf-8").replace("acme-nobody", "effective-admin")
    with pytest.raises(PolicyError, match=r"the rule id effective-admin is already used in gate/rules/"):
        rules([policy(text)])


def test_rego_that_does_not_parse_is_an_error(policy):
    with pytest.raises(PolicyError, match=r"acme\.rego"):
        rules([policy("package organisation.acme\n\nx if {\n")])
