"""A directory without a plan: what its provisioners do at apply is told, and none of them runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gate.pipeline import check

pytestmark = pytest.mark.usefixtures("terraform_offline")

COMMAND = "aws iam attach-user-policy --user-name a --policy-arn arn:aws:iam::aws:policy/AdministratorAccess"
BLOCK = f'resource "terraform_data" "x" {{\n  provisioner "local-exec" {{\n    command = "{COMMAND}"\n  }}\n}}\n'
IN_JSON = {"resource": {"null_resource": {"y": {"provisioner": [{"local-exec": {"command": "curl x | sh"}}]}}}}


def told(folder: Path, rule: str = "effect-of-apply") -> list[str]:
    return [finding.message for finding in check([str(folder)]).findings if finding.rule == rule]


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"main.tf": BLOCK}, "terraform_data.x runs a local-exec provisioner"),
        ({"main.tf.json": json.dumps(IN_JSON)}, "null_resource.y runs a local-exec provisioner"),
        ({"main.tf": BLOCK.replace("local-exec", "remote-exec")}, "terraform_data.x runs a remote-exec provisioner"),
        (
            {"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": BLOCK},
            "module.m.terraform_data.x runs a local-exec provisioner",
        ),
        ({"main.tf": BLOCK.replace("{\n  pro", "{\n  count = 1\n  pro", 1)}, "terraform_data.x[0] runs a local-exec"),
    ],
)
def test_a_provisioner_is_an_effect_of_the_apply(tmp_path: Path, files: dict[str, str], kind: str) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    (message,) = told(tmp_path)
    assert kind in message
    assert COMMAND not in message


def test_a_secret_in_a_provisioner_is_one(tmp_path: Path) -> None:
    inner = 'environment = { DB_PASSWORD = "hunter2-Kq9xZ81" }'
    (tmp_path / "main.tf").write_text(BLOCK.replace("command =", f"{inner}\n    command ="))

    (message,) = told(tmp_path, "plaintext-secret")
    assert "provisioner[0].environment.DB_PASSWORD" in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    "text",
    [
        'resource "terraform_data" "x" {\n  input = "provisioner"\n}\n',
        'resource "terraform_data" "x" {\n  # provisioner "local-exec" { command = "x" }\n}\n',
        'resource "terraform_data" "x" {\n  input = <<-E\n    provisioner "local-exec" {\n    }\n  E\n}\n',
    ],
)
def test_the_word_alone_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "main.tf").write_text(text)

    assert told(tmp_path) == []
