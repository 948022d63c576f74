"""Terraform evaluates a source directory: nothing stays unknown, nothing executes, nothing is written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from gate.errors import EvaluationError
from gate.inputs.terraform.source_directory import TerraformInputs, evaluate

pytestmark = pytest.mark.usefixtures("terraform_offline")

AWS = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'


def _root(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path = path.with_name(path.name + ".tf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def _content(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()
    }


def _policy(plan, address: str, attribute: str = "policy"):
    return json.loads(plan.resources[address].after[attribute])


def test_each_instance_of_a_repeated_resource_has_a_symbol_of_its_own(tmp_path):
    root = _root(
        tmp_path,
        main=AWS
        + """
resource "aws_s3_bucket" "b" {
  for_each = toset(["x", "y"])
}
resource "aws_iam_policy" "p" {
  for_each = aws_s3_bucket.b
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "${each.value.arn}/*" }]
  })
}
""",
    )
    plan = evaluate(root)
    named = {
        key: plan.symbols[_policy(plan, f'aws_iam_policy.p["{key}"]')["Statement"][0]["Resource"].split(":::")[1][:-2]]
        for key in ("x", "y")
    }
    assert {key: (r.address, r.attribute) for key, r in named.items()} == {
        "x": ('aws_s3_bucket.b["x"]', "arn"),
        "y": ('aws_s3_bucket.b["y"]', "arn"),
    }


def test_a_document_that_terraform_would_put_off_is_read(tmp_path):
    root = _root(
        tmp_path,
        main=AWS
        + """
resource "aws_sqs_queue" "q" {}
resource "aws_iam_role" "r" {
  assume_role_policy = "{}"
}
data "aws_iam_policy_document" "p" {
  depends_on = [aws_iam_role.r]
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.q.arn]
  }
}
module "m" {
  source     = "./inner"
  policy     = data.aws_iam_policy_document.p.json
  depends_on = [aws_sqs_queue.q]
}
""",
        inner__main='variable "policy" {}\nresource "aws_iam_policy" "p" {\n  policy = var.policy\n}\n',
    )
    plan = evaluate(root)
    statement = _policy(plan, "module.m.aws_iam_policy.p")["Statement"]
    arn = plan.resources["aws_sqs_queue.q"].after["arn"]
    assert statement == [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}]


def test_nothing_of_the_change_executes_and_nothing_is_written(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    root = _root(
        tmp_path / "root",
        main=AWS
        + f"""
data "aws_caller_identity" "me" {{}}
data "aws_ssm_parameter" "p" {{
  name = "/prod/password"
}}
resource "terraform_data" "run" {{
  provisioner "local-exec" {{
    command = "touch {outside}/pwned"
  }}
}}
resource "aws_iam_role" "r" {{
  assume_role_policy = "{{}}"
  description        = "${{data.aws_caller_identity.me.account_id}} ${{data.aws_ssm_parameter.p.value}}"
  provisioner "local-exec" {{
    when    = create
    command = "touch {outside}/pwned"
  }}
}}
check "c" {{
  data "aws_ssm_parameter" "q" {{
    name = "/x"
  }}
  assert {{
    condition     = data.aws_ssm_parameter.q.value != ""
    error_message = "x"
  }}
}}
""",
    )
    before = _content(root)
    plan = evaluate(root)
    managed = {address for address, resource in plan.resources.items() if resource.mode == "managed"}
    assert managed == {"terraform_data.run", "aws_iam_role.r"}
    assert list(outside.iterdir()) == []
    assert _content(root) == before


def test_a_required_variable_without_a_value_is_no_error(tmp_path):
    root = _root(
        tmp_path,
        main=AWS
        + """
variable "env" {
  type = string
}
variable "names" {
  type = list(string)
}
resource "aws_iam_role" "r" {
  name               = "app-${var.env}"
  assume_role_policy = "{}"
}
""",
    )
    assert evaluate(root).resources["aws_iam_role.r"].after["name"] == "app-var-env"
    assert (
        evaluate(root, inputs=TerraformInputs({"env": "prod"})).resources["aws_iam_role.r"].after["name"] == "app-prod"
    )
    given = tmp_path / "given.tfvars"
    given.write_text('env = "file"\nnames = []\n')
    assert (
        evaluate(root, inputs=TerraformInputs(files=(given,))).resources["aws_iam_role.r"].after["name"] == "app-file"
    )
    (root / "x.auto.tfvars").write_text('env = "auto"\n')
    assert evaluate(root).resources["aws_iam_role.r"].after["name"] == "app-auto"


def test_provider_aliases_given_to_modules_and_modules_above_the_root_work(tmp_path):
    root = _root(
        tmp_path / "live" / "prod",
        main=AWS
        + """
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "us"
  region = "us-west-2"
}
module "m" {
  source    = "../../modules/queue"
  providers = { aws = aws.us }
}
""",
    )
    _root(
        tmp_path / "modules" / "queue",
        main=AWS
        + """
data "aws_region" "here" {}
resource "aws_sqs_queue" "q" {}
resource "aws_sqs_queue_policy" "q" {
  queue_url = aws_sqs_queue.q.url
  policy = templatefile("${path.module}/policy.json", {
    arn    = aws_sqs_queue.q.arn
    region = data.aws_region.here.name
  })
}
""",
    )
    (tmp_path / "modules" / "queue" / "policy.json").write_text(
        '{"Version": "2012-10-17", '
        '"Statement": [{"Sid": "${region}", "Effect": "Allow", "Action": "*", "Resource": "${arn}"}]}'
    )
    plan = evaluate(root)
    arn = plan.resources["module.m.aws_sqs_queue.q"].after["arn"]
    assert _policy(plan, "module.m.aws_sqs_queue_policy.q")["Statement"] == [
        {"Sid": "us-west-2", "Effect": "Allow", "Action": "*", "Resource": arn}
    ]


def test_an_expression_terraform_cannot_evaluate_is_unknown_and_the_rest_is_read(tmp_path):
    root = _root(
        tmp_path,
        main=AWS
        + """
resource "aws_iam_role" "r" {
  assume_role_policy = nonsense("x")
  description        = "read"
}
""",
    )
    plan = evaluate(root)
    role = plan.resources["aws_iam_role.r"]
    assert (role.after["description"], role.after.get("assume_role_policy")) == ("read", None)
    assert role.unknown["assume_role_policy"] is True
    assert plan.not_evaluated == "main.tf:8: Call to unknown function"


def test_a_configuration_that_cannot_be_read_says_where(tmp_path):
    root = _root(tmp_path, main=AWS + 'resource "aws_iam_role" "r" {\n  assume_role_policy = (\n}\n')
    with pytest.raises(EvaluationError, match=r"main\.tf:8: "):
        evaluate(root)


def test_default_tags_of_the_provider_are_the_identities_tags(tmp_path):
    root = _root(
        tmp_path,
        main=AWS
        + """
provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = {
      Owner = "payments"
      Stage = terraform.workspace
    }
  }
}
resource "aws_iam_role" "named" {
  assume_role_policy = "{}"
}
resource "aws_iam_role" "other" {
  assume_role_policy = "{}"
  description        = aws_iam_role.named.arn
}
""",
    )
    plan = evaluate(root)
    tags = {address: resource.after["tags_all"] for address, resource in plan.resources.items()}
    assert tags == dict.fromkeys(plan.resources, {"Owner": "payments", "Stage": "default"})


def test_a_provider_nobody_knows_is_read_and_not_started(tmp_path):
    lock = 'provider "registry.terraform.io/evil/evil"  {\n  version = "1.0.0"\n}\n'
    program = "terraform-provider-evil_v1.0.0"
    planted = (
        tmp_path / ".terraform" / "providers" / "registry.terraform.io" / "evil" / "evil" / "1.0.0" / "linux_amd64"
    )
    planted.mkdir(parents=True)
    for place in (planted / program, tmp_path / "terraform-provider-evil"):
        place.write_text(f"#!/bin/sh\ntouch {tmp_path}/pwned\n")
        place.chmod(0o755)
    (tmp_path / ".terraform.lock.hcl").write_text(lock)
    source = 'terraform {\n  required_providers {\n    evil = { source = "evil/evil" }\n  }\n}\n'
    root = _root(tmp_path, main=source + 'resource "evil_thing" "x" {\n  y = "z"\n}\n')
    assert evaluate(root).resources["evil_thing.x"].after["y"] == "z"
    assert not (tmp_path / "pwned").exists()


def test_a_hung_run_ends_with_a_sentence(tmp_path):
    root = _root(tmp_path, main=AWS + 'resource "aws_sqs_queue" "q" {}\n')
    with pytest.raises(EvaluationError, match="did not finish within 0.01 seconds"):
        evaluate(root, inputs=TerraformInputs(timeout=0.01))


@pytest.mark.parametrize(
    "text",
    [
        'variable "x\\u0000" {}\n',
        'variable "a=b" {}\n',
        'resource "aws_sqs_queue" "a\\u0000b" {}\n',
        'resource "a/../../b_c" "x" {}\n',
        'module "../m" {\n  source = "./m"\n}\n',
        'data "a\\nb" "x" {}\n',
    ],
)
def test_a_name_that_terraform_refuses_ends_in_its_words(tmp_path, text):
    (tmp_path / "main.tf").write_text(text + 'resource "aws_sqs_queue" "q" {}\n')
    with pytest.raises(EvaluationError, match=r"main\.tf:\d+: |no such|not be read|Terraform cannot evaluate"):
        evaluate(tmp_path)
