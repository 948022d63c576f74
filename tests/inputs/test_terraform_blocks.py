"""Addresses of a real plan to file and line of the source it was made from."""

import json
import shutil
from pathlib import Path

from gate.inputs.recognise import read_documents
from gate.inputs.text.hcl.blocks import top_level_blocks
from gate.model.access import Location

DATA = Path(__file__).parent / "data"
EXPECTED = {
    "data.aws_iam_policy_document.read": ("store/main.tf", 35, 41),
    "aws_iam_role.app": ("store/main.tf", 43, 47),
    "aws_iam_user.ci[0]": ("store/main.tf", 59, 62),
    "aws_iam_user.ci[1]": ("store/main.tf", 59, 62),
    'aws_s3_bucket.store["logs"]': ("store/main.tf", 20, 23),
    'module.reader["blue"].aws_iam_role.this': ("store/modules/reader/main.tf", 11, 21),
    'module.reader["green"].aws_iam_role_policy.write': ("store/modules/reader/main.tf", 28, 35),
    "data.aws_caller_identity.current": ("store/main.tf", 18, 18),
}


def test_from_a_source_directory(monkeypatch):
    monkeypatch.chdir(DATA)
    plan = read_documents(["create.json"], source=Path("store")).plans[0]
    assert all(r.location for r in plan.resources.values())
    assert {a: plan.resources[a].location for a in EXPECTED} == {a: Location(*e) for a, e in EXPECTED.items()}


def test_from_the_files_beside_the_plan(tmp_path):
    shutil.copytree(DATA / "store", tmp_path / "store")
    shutil.copy(DATA / "create.json", tmp_path / "store")
    plan = read_documents([str(tmp_path / "store" / "create.json")]).plans[0]
    found = {a: plan.resources[a].location for a in EXPECTED}
    assert found == {a: Location(str(tmp_path / file), start, end) for a, (file, start, end) in EXPECTED.items()}


def test_without_source_there_is_no_location():
    plan = read_documents([str(DATA / "create.json")]).plans[0]
    assert {r.location for r in plan.resources.values()} == {None}


def test_installed_modules_are_found_where_terraform_noted_them(tmp_path):
    shutil.copytree(DATA / "store", tmp_path / "store")
    main = tmp_path / "store" / "main.tf"
    main.write_text(main.read_text().replace("./modules/reader", "registry.example/reader/aws"))
    shutil.move(tmp_path / "store" / "modules" / "reader", tmp_path / "store" / ".terraform" / "modules" / "reader")
    listed = {
        "Modules": [{"Key": "", "Dir": "."}, {"Key": "reader", "Source": "x", "Dir": ".terraform/modules/reader"}]
    }
    (tmp_path / "store" / ".terraform" / "modules" / "modules.json").write_text(json.dumps(listed))
    plan = read_documents([str(DATA / "create.json")], source=tmp_path / "store").plans[0]
    location = plan.resources['module.reader["blue"].aws_iam_role.this'].location
    assert location == Location(str(tmp_path / "store/.terraform/modules/reader/main.tf"), 11, 21)


def test_strings_templates_heredocs_and_comments_hide_braces():
    text = """# resource "a" "comment" {
/* resource "a" "b" { */
resource "a" "one" { // }
  x = "}${ { a = "}" }["a"] }$${%%{"
  y = <<-EOT
    } EOT
  EOT
  # }
  z = {
    a = "\\"}"
  }
}
locals { a = { b = 1 } }
  data "a" "two" {}
data a three {
}
module "m" {
  source = "./m"
}
resource "a" "unfinished" {
"""
    assert [(b.kind, b.labels, b.line, b.end_line) for b in top_level_blocks(text)] == [
        ("resource", ("a", "one"), 3, 12),
        ("locals", (), 13, 13),
        ("data", ("a", "two"), 14, 14),
        ("data", ("a", "three"), 15, 16),
        ("module", ("m",), 17, 19),
    ]
