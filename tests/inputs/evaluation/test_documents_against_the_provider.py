"""``aws_iam_policy_document`` comes out as the real AWS provider makes it: generated documents, compared as data.

Lists are compared as they stand: their order is the provider's. Only where several blocks make one list, the order is
that of a hash, and not compared. The real provider is taken from a file system mirror.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gate.inputs.terraform.evaluation.terraform import find_terraform
from gate.inputs.terraform.source_directory import evaluate

MANY = 120
SETTINGS = """terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
"""
_ACTIONS = ["s3:GetObject", "s3:*", "iam:PassRole", "sts:AssumeRole", "*", "s3:GetObject"]
_RESOURCES = ["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b", "arn:aws:s3:::&{aws:username}/*", "arn:aws:iam::1:role/<a&b>"]
_PRINCIPALS = ["*", "arn:aws:iam::111122223333:root", "lambda.amazonaws.com", "ec2.amazonaws.com"]
_TESTS = ["StringEquals", "StringLike", "ArnLike"]
_VARIABLES = ["aws:PrincipalTag/team", "aws:SourceArn", "sts:ExternalId"]


def _texts(chosen: random.Random, among: list[str], least: int = 1) -> str:
    return json.dumps(chosen.choices(among, k=chosen.randint(least, 4)))


def _statement(chosen: random.Random, number: int) -> str:
    lines = []
    if chosen.random() < 0.6:
        lines.append(
            f'    sid = "{chosen.choice(["", "A", "B", f"S{number}"])}"' if number == 0 else f'    sid = "S{number}"'
        )
    if chosen.random() < 0.4:
        lines.append(f'    effect = "{chosen.choice(["Allow", "Deny"])}"')
    lines.append(f"    {chosen.choice(['actions', 'not_actions'])} = {_texts(chosen, _ACTIONS)}")
    if chosen.random() < 0.8:
        lines.append(f"    {chosen.choice(['resources', 'not_resources'])} = {_texts(chosen, _RESOURCES, 0)}")
    for _ in range(chosen.choice([0, 0, 1, 2, 3])):
        kind = chosen.choice(["AWS", "Service", "*", "Federated"])
        block = chosen.choice(["principals", "principals", "not_principals"])
        lines.append(
            f'    {block} {{\n      type = "{kind}"\n      identifiers = {_texts(chosen, _PRINCIPALS)}\n    }}'
        )
    # The provider crashes where one of two equal conditions has one value and the other several.
    several = chosen.random() < 0.5
    for _ in range(chosen.choice([0, 0, 1, 2, 4])):
        values = ["a", "b", "&{aws:username}"] if several else [chosen.choice("ab")]
        lines.append(
            f'    condition {{\n      test = "{chosen.choice(_TESTS)}"\n'
            f'      variable = "{chosen.choice(_VARIABLES)}"\n'
            f"      values = {json.dumps(values)}\n    }}"
        )
    return "  statement {\n" + "\n".join(lines) + "\n  }\n"


def _root(chosen: random.Random) -> str:
    blocks = []
    for number in range(MANY):
        body = "".join(_statement(chosen, s) for s in range(chosen.choice([0, 1, 1, 2, 3])))
        if chosen.random() < 0.2:
            body += f'  version = "{chosen.choice(["2012-10-17"])}"\n  policy_id = "id{number}"\n'
        if number > 3 and chosen.random() < 0.5:
            for argument in ("source_policy_documents", "override_policy_documents"):
                before = [
                    f"data.aws_iam_policy_document.d{chosen.randrange(number)}.json"
                    for _ in range(chosen.randint(0, 2))
                ]
                before += [json.dumps(json.dumps(_written(chosen)))] if chosen.random() < 0.4 else []
                # A Sid may stand in one source only.
                before = before[:1] if argument == "source_policy_documents" else before
                body += f"  {argument} = [{', '.join(before)}]\n"
        blocks.append(f'data "aws_iam_policy_document" "d{number}" {{\n{body}}}\n')
    return SETTINGS + "".join(blocks)


def _written(chosen: random.Random) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Sid": chosen.choice(["A", "B", "W"]),
        "Effect": "Allow",
        "Action": ["b:B", "a:A", "c:C"],
    }
    statement["Resource"] = chosen.choice(["*", ["x", "z", "y"]])
    statement["Principal"] = chosen.choice(["*", {"AWS": ["2", "1"]}, {"Service": "x"}])
    statement["Condition"] = chosen.choice([{}, {"StringEquals": {"a": "b"}}, {"Bool": {"a": ["true", "false"]}}])
    return {
        "Version": chosen.choice(["2012-10-17", "2008-10-17"]),
        "Statement": [statement],
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_generated_documents_are_the_same(seed: int, tmp_path: Path, terraform_offline: None):
    mirror = os.environ.get("GATE_PROVIDER_MIRROR")
    if not mirror:
        pytest.skip("needs GATE_PROVIDER_MIRROR=<folder of a provider file system mirror with the AWS provider>")
    (tmp_path / "main.tf").write_text(_root(random.Random(seed)))
    ours = _documents_of_the_gate(tmp_path)
    theirs = _documents_of_the_provider(tmp_path, mirror)
    assert len(theirs) == MANY
    assert {name: (ours[name], text) for name, text in theirs.items() if ours[name] != text} == {}


def _unordered(document: dict[str, Any]) -> dict[str, Any]:
    for statement in document.get("Statement", ()):
        for part in ("Condition", "Principal", "NotPrincipal"):
            if isinstance(statement.get(part), dict):
                statement[part] = _sorted(statement[part])
    return document


def _sorted(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: _sorted(item) for name, item in tree.items()}
    return sorted(tree) if isinstance(tree, list) else tree


def _documents_of_the_gate(root: Path) -> dict[str, Any]:
    plan = evaluate(root)
    return {
        a.removeprefix("data.aws_iam_policy_document."): _unordered(json.loads(r.after["json"]))
        for a, r in plan.resources.items()
    }


def _documents_of_the_provider(root: Path, mirror: str) -> dict[str, Any]:
    terraform = find_terraform()
    assert terraform is not None
    settings = root / "terraform.rc"
    settings.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    environment = os.environ | {"TF_CLI_CONFIG_FILE": str(settings), "AWS_EC2_METADATA_DISABLED": "true"}

    def run(*arguments: str) -> bytes:
        done = subprocess.run([terraform.path, *arguments], cwd=root, env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    run("init", "-input=false")
    run("plan", "-input=false", "-out=p")
    shown = json.loads(run("show", "-json", "p"))
    return {
        one["name"]: _unordered(json.loads(one["values"]["json"]))
        for one in shown["prior_state"]["values"]["root_module"]["resources"]
    }
