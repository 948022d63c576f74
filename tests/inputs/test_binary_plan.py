"""Binary plans: shown with nothing started that lies beside them, and as Terraform shows them with their providers."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from gate.errors import InputError
from gate.inputs.recognise import read_documents
from gate.inputs.terraform import binary_plan
from gate.inputs.terraform.binary_plan import show
from gate.inputs.terraform.evaluation.planning import planned
from gate.inputs.terraform.evaluation.terraform import find_terraform
from gate.inputs.terraform.evaluation.workspace import equip, prepare

pytestmark = pytest.mark.usefixtures("terraform_offline")
DATA = Path(__file__).parent / "data"

_TRUST = 'assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*" }] })'
ROLE = f'resource "aws_iam_role" "r" {{\n  for_each = toset(["a", "b"])\n  name = each.key\n  {_TRUST}\n}}\n'
QUEUE = f"""{ROLE}
variable "secret" {{
  default   = "hunter2"
  sensitive = true
}}
resource "aws_sqs_queue" "q" {{
  name   = "q"
  tags   = {{ Owner = "payments", Secret = var.secret }}
  policy = aws_sns_topic.t.arn
}}
resource "aws_sns_topic" "t" {{
  name = "t"
}}
resource "aws_sns_topic" "d" {{
  count = 2
  name  = "d${{count.index}}"
}}
"""
BLOCKS = """
resource "aws_security_group" "s" {
  ingress {
    from_port   = 443
    cidr_blocks = ["10.0.0.0/8"]
  }
  timeouts {
    create = "1m"
  }
}
resource "aws_instance" "i" {
  dynamic "ebs_block_device" {
    for_each = [1, 2]
    content {
      device_name = "d${ebs_block_device.value}"
    }
  }
}
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}
"""
MODULE = """
module "m" {
  source = "./m"
  count  = 2
  name   = "n${count.index}"
}
output "names" {
  value = module.m[*].name
}
"""
INSIDE = """
variable "name" {}
resource "aws_sqs_queue" "q" {
  name = var.name
}
resource "kubernetes_manifest" "t" {
  manifest = { kind = "Role", metadata = { name = var.name }, any = [1, "x", null] }
}
output "name" {
  value = aws_sqs_queue.q.name
}
"""
STRANGE = """
terraform {
  required_providers {
    strange = { source = "acme/strange" }
  }
}
resource "strange_thing" "t" {
  text   = "x"
  number = 7
  either = true
  tree   = { a = [1, 2], b = { c = "d" } }
  part {
    name = "p"
    deep {
      list = ["x"]
    }
  }
}
"""


def _made(folder: Path, **files: str) -> tuple[bytes, dict[str, Any]]:
    """A plan file that Terraform writes with the inert provider, and what it shows of it with that provider."""
    terraform = find_terraform()
    assert terraform is not None
    root, private = folder / "root", folder / "private"
    private.mkdir()
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".tf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    workspace = prepare(root, (private, private), None, terraform.product)
    equip(workspace, {}, None)
    copy = workspace.copies[0]
    shown = planned(terraform, copy, root, {}, [], 60).document
    return (copy.folder / "plan.out").read_bytes(), shown


@pytest.mark.parametrize(
    "files",
    [{"main": QUEUE}, {"main": BLOCKS}, {"main": MODULE, "m__main": INSIDE}],
    ids=["values", "blocks", "modules"],
)
def test_it_is_shown_as_with_the_providers_that_made_it(tmp_path: Path, files: dict[str, str]):
    data, theirs = _made(tmp_path, **files)
    ours = json.loads(show(data, "plan"))
    assert ours == theirs
    assert len(ours["resource_changes"]) > 1


def test_types_that_no_schema_is_shipped_of_are_shown_and_nothing_of_them_counts_as_public(tmp_path: Path):
    data, theirs = _made(tmp_path, main=STRANGE)
    ours = json.loads(show(data, "plan"))
    change, made = (shown["resource_changes"][0]["change"] for shown in (ours, theirs))
    assert (change["actions"], change["after"]) == (made["actions"], made["after"])
    assert change["after_sensitive"]["text"] is True
    expressions = (shown["configuration"]["root_module"]["resources"][0]["expressions"] for shown in (ours, theirs))
    assert next(expressions) == next(expressions)


@pytest.mark.parametrize("confined", [True, False])
@pytest.mark.parametrize("name", ["hashicorp/aws/5.100.0", "acme/strange/1.0.0"])
def test_nothing_that_lies_beside_it_is_started(tmp_path, monkeypatch, name, confined):
    data, _ = _made(tmp_path, main=QUEUE + STRANGE)
    change, sign = tmp_path / "change", tmp_path / "executed"
    kind = name.split("/")[1]
    for place in (
        f".terraform/providers/registry.terraform.io/{name}/linux_amd64",
        f".terraform/providers/registry.opentofu.org/{name}/linux_amd64",
        f"terraform.d/plugins/registry.terraform.io/{name}/linux_amd64",
        ".",
    ):
        for program in (f"terraform-provider-{kind}", f"terraform-provider-{kind}_v{name.rsplit('/', 1)[1]}"):
            script = change / place / program
            script.parent.mkdir(parents=True, exist_ok=True)
            script.write_text(f"#!/bin/sh\ntouch {sign}\n")
            script.chmod(0o755)
    overrides = f'provider_installation {{\n  dev_overrides {{\n    "{name.rsplit("/", 1)[0]}" = "{change}"\n  }}\n}}\n'
    (change / ".terraformrc").write_text(overrides)
    (change / "plan.out").write_bytes(data)
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(change / ".terraformrc"))
    monkeypatch.chdir(change)
    if not confined:
        monkeypatch.setattr(binary_plan, "confinement", lambda terraform, folder: [terraform.path])
    documents = read_documents(["plan.out"])
    assert "strange_thing.t" in documents.plans[0].resources
    assert not sign.exists()


@pytest.mark.parametrize(
    ("written", "hidden"),
    [
        ('resource "aws_db_instance" "x" {\n  password = "p"\n  username = "u"\n}\n', {"password"}),
        ('resource "kubernetes_secret" "x" {\n  data = { a = "b" }\n  type = "Opaque"\n}\n', {"data"}),
        ('resource "kubernetes_config_map" "x" {\n  data = { a = "b" }\n}\n', set()),
        ('resource "github_actions_secret" "x" {\n  secret_name = "s"\n  value = "v"\n}\n', {"secret_name", "value"}),
    ],
)
def test_what_providers_keep_secret_stays_marked(tmp_path: Path, written: str, hidden: set[str]):
    data, _ = _made(tmp_path, main=written)
    change = json.loads(show(data, "plan"))["resource_changes"][0]["change"]
    there = {name for name, value in change["after"].items() if value}
    assert there & {name for name, said in change["after_sensitive"].items() if said is True} == hidden


def _packed(**entries: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (_packed(tfplan=b"\xff\xff\xff\xff"), "not a plan that Terraform wrote, or it is encrypted"),
        (_packed(tfplan=b"\x1a\x08J\x06\x12\x04\n\x02\xdc\xff"), "not a plan that Terraform wrote, or it is encrypted"),
        (_packed(tfplan=b""), "could not read this binary plan"),
        (_packed(tfplan=b"", tfstate=b"[", **{"tfconfig/modules.json": b"7"}), "could not read this binary plan"),
        (_packed(other=b""), "is a zip archive, not a plan"),
        (b"PK\x03\x04 and no more", "is a zip archive, not a plan"),
    ],
)  # fmt: skip
def test_what_is_no_plan_is_refused_with_the_reason(data: bytes, said: str):
    with pytest.raises(InputError, match=said):
        show(data, "plan")


@pytest.mark.parametrize("name", ["tfconfig/m-/../../../escaped.tf", "tfconfig/m-../escaped.tf", "/tmp/escaped.tf"])
def test_no_file_of_the_archive_lands_outside(tmp_path, monkeypatch, name):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    modules = json.dumps([{"Key": "", "Dir": "."}, {"Key": "..", "Dir": ".."}]).encode()
    with pytest.raises(InputError):
        show(_packed(tfplan=b"", **{"tfconfig/modules.json": modules, name: b"# text"}), "plan")
    assert not Path("/tmp/escaped.tf").exists()
    assert list(tmp_path.rglob("escaped.tf")) == []


def test_a_plan_of_the_real_provider_is_shown_in_the_same_way():
    """The data beside: made and shown by Terraform 1.11.4 with the AWS provider 5.100."""
    terraform = find_terraform()
    if terraform is None or (terraform.product, terraform.version) != ("terraform", (1, 11, 4)):
        pytest.skip("needs Terraform 1.11.4, which wrote the plan; others do not read it")
    assert json.loads(show((DATA / "create.bin").read_bytes(), "plan")) == json.loads(
        (DATA / "create.json").read_text()
    )


def test_the_program_prints_no_value_of_a_plan(tmp_path: Path):
    from gate.inputs.terraform.evaluation.inert_program import find_program

    data, _ = _made(tmp_path, main=QUEUE)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        ran = subprocess.run([find_program(), "planned"], input=archive.read("tfplan"), capture_output=True, check=True)
    assert b"aws_sqs_queue.q" in ran.stdout
    assert b"hunter2" not in ran.stdout and b"payments" not in ran.stdout
