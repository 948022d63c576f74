"""Ways by which a change could execute something, read something or call somebody while the gate evaluates it.

Each plants a canary: a program that would write a file, a server that would note a connection, a file whose content
would show up. docs/threat-model.md lists the same ways. Each is tried with and without the confinement below.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gate.errors import GateError
from gate.inputs.terraform.evaluation import planning
from gate.inputs.terraform.source_directory import TerraformInputs, evaluate

pytestmark = pytest.mark.usefixtures("terraform_offline")
SECRET = "canary-content-4711"


@dataclass
class Canary:
    """``root``: the change. ``program``: a command that writes ``sign``. ``called``: connections to ``port``."""

    root: Path
    sign: Path
    port: int
    secret: Path
    called: list[str] = field(default_factory=list)

    @property
    def program(self) -> str:
        return f"touch {self.sign}"

    def script(self, path: str) -> Path:
        """The program as an executable file of the change."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{self.program}\n")
        file.chmod(0o755)
        return file

    def write(self, text: str, name: str = "main.tf") -> None:
        (self.root / name).write_text(text.replace("PROGRAM", self.program).replace("PORT", str(self.port)))


WAYS: list[Callable[[Canary], None]] = []


def way(plant: Callable[[Canary], None]) -> Callable[[Canary], None]:
    """A way to execute, read or call; docs/threat-model.md lists it under the function's name."""
    WAYS.append(plant)
    return plant


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Canary]:
    server = socket.create_server(("127.0.0.1", 0))
    root, secret = tmp_path / "change", tmp_path / "secret"
    root.mkdir()
    secret.write_text(SECRET)
    found = Canary(root, tmp_path / "executed", server.getsockname()[1], secret)

    def listen() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                found.called.append("called")
                connection.close()

    threading.Thread(target=listen, daemon=True).start()
    yield found
    server.close()


@way
def _external(c: Canary) -> None:
    c.write('data "external" "x" {\n  program = ["sh", "-c", "PROGRAM; echo {}"]\n}\n')


@way
def _external_in_json(c: Canary) -> None:
    c.write('output "x" {\n  value = 1\n}\n')
    program = ["sh", "-c", f"{c.program}; echo {{}}"]
    c.write(json.dumps({"data": {"external": {"x": {"program": program}}}}), "extra.tf.json")


@way
def _external_in_tofu(c: Canary) -> None:
    c.write('output "x" {\n  value = 1\n}\n')
    c.write('data "external" "x" {\n  program = ["sh", "-c", "PROGRAM"]\n}\n', "extra.tofu")


@way
def _external_in_override(c: Canary) -> None:
    c.write('data "external" "x" {\n  program = ["true"]\n}\n')
    c.write('data "external" "x" {\n  program = ["sh", "-c", "PROGRAM"]\n}\n', "x_override.tf")


@way
def _external_in_module(c: Canary) -> None:
    (c.root / "m").mkdir()
    c.write('module "m" {\n  source = "./m"\n}\n')
    c.write('data "external" "x" {\n  program = ["sh", "-c", "PROGRAM"]\n}\n', "m/main.tf")


@way
def _external_by_another_name(c: Canary) -> None:
    c.write(
        'terraform {\n  required_providers {\n    aws = { source = "hashicorp/external" }\n  }\n}\n'
        'data "external" "x" {\n  provider = aws\n  program  = ["sh", "-c", "PROGRAM"]\n}\n'
    )


@way
def _external_in_check(c: Canary) -> None:
    c.write(
        'check "c" {\n  data "external" "x" {\n    program = ["sh", "-c", "PROGRAM"]\n  }\n'
        '  assert {\n    condition     = true\n    error_message = "x"\n  }\n}\n'
    )


@way
def _local_exec(c: Canary) -> None:
    c.write('resource "terraform_data" "x" {\n  provisioner "local-exec" {\n    command = "PROGRAM"\n  }\n}\n')


@way
def _local_exec_on_destroy(c: Canary) -> None:
    c.write(
        'removed {\n  from = null_resource.x\n  provisioner "local-exec" {\n'
        '    when    = destroy\n    command = "PROGRAM"\n  }\n}\n'
    )


@way
def _provisioner_beside_the_root(c: Canary) -> None:
    c.script("terraform-provisioner-evil")
    c.write('resource "terraform_data" "x" {\n  provisioner "evil" {}\n}\n')


@way
def _provisioner_in_vendor_folder(c: Canary) -> None:
    c.script("terraform.d/plugins/linux_amd64/terraform-provisioner-evil")
    c.write('resource "terraform_data" "x" {\n  provisioner "evil" {}\n}\n')


@way
def _provider_beside_the_root(c: Canary) -> None:
    c.script("terraform-provider-evil")
    c.write('resource "evil_x" "x" {}\n')


@way
def _provider_in_vendor_folder(c: Canary) -> None:
    c.script(
        "terraform.d/plugins/registry.terraform.io/hashicorp/evil/1.0.0/linux_amd64/terraform-provider-evil_v1.0.0"
    )
    c.write('resource "evil_x" "x" {}\n')


@way
def _provider_in_data_folder(c: Canary) -> None:
    c.script(".terraform/providers/registry.terraform.io/evil/evil/1.0.0/linux_amd64/terraform-provider-evil_v1.0.0")
    c.write('provider "registry.terraform.io/evil/evil" {\n  version = "1.0.0"\n}\n', ".terraform.lock.hcl")
    c.write(
        'terraform {\n  required_providers {\n    evil = { source = "evil/evil" }\n  }\n}\nresource "evil_x" "x" {}\n'
    )


@way
def _lock_file_with_two_spaces(c: Canary) -> None:
    _provider_in_data_folder(c)
    c.write('provider  "registry.terraform.io/evil/evil"  {\n  version = "1.0.0"\n}\n', ".terraform.lock.hcl")


@way
def _settings_of_the_change(c: Canary) -> None:
    evil = c.script("bin/terraform-provider-evil")
    settings = f'provider_installation {{\n  dev_overrides {{\n    "hashicorp/evil" = "{evil.parent}"\n  }}\n}}\n'
    for name in (".terraformrc", "terraform.rc", ".tofurc"):
        c.write(settings, name)
    c.write('resource "evil_x" "x" {}\n')


@way
def _credentials_helper(c: Canary) -> None:
    c.script("terraform.d/plugins/terraform-credentials-evil")
    c.write('credentials_helper "evil" {}\n', ".terraformrc")
    c.write('module "m" {\n  source = "localhost:PORT/a/b/c"\n}\n')


@way
def _gate_yaml_of_the_change(c: Canary) -> None:
    c.write("providers: [evil/evil]\n", "gate.yaml")
    _provider_in_data_folder(c)


@way
def _hooks_of_git(c: Canary) -> None:
    subprocess.run(["git", "init", "-q", str(c.root)], check=True)
    for hook in ("post-checkout", "pre-commit", "fsmonitor-watchman"):
        c.script(f".git/hooks/{hook}")
    (c.root / ".git" / "config").write_text(
        f'[core]\n\tfsmonitor = "{c.program}"\n\tpager = "{c.program}"\n[diff]\n\texternal = "{c.program}"\n'
    )
    c.write('resource "terraform_data" "x" {}\n')


@way
def _module_from_git(c: Canary) -> None:
    c.write(f'module "m" {{\n  source = "git::ext::sh -c {c.program.replace(" ", "%20")}"\n}}\n')


@way
def _module_from_a_server(c: Canary) -> None:
    c.write('module "m" {\n  source = "http://127.0.0.1:PORT/m.zip"\n}\n')


@way
def _backend_over_http(c: Canary) -> None:
    c.write('terraform {\n  backend "http" {\n    address = "http://127.0.0.1:PORT/state"\n  }\n}\n')


@way
def _cloud_block(c: Canary) -> None:
    c.write(
        'terraform {\n  cloud {\n    hostname     = "localhost:PORT"\n'
        '    organization = "x"\n    workspaces {\n      name = "x"\n    }\n  }\n}\n'
    )


@way
def _remote_state_over_http(c: Canary) -> None:
    c.write(
        'data "terraform_remote_state" "x" {\n  backend = "http"\n'
        '  config  = { address = "http://127.0.0.1:PORT/state" }\n}\n'
        'resource "terraform_data" "x" {\n  input = data.terraform_remote_state.x.outputs.secret\n}\n'
    )


@way
def _remote_state_of_a_file(c: Canary) -> None:
    state = {
        "version": 4,
        "terraform_version": "1.1.0",
        "serial": 1,
        "lineage": "x",
        "outputs": {"secret": {"value": SECRET, "type": "string"}},
        "resources": [],
    }
    c.secret.write_text(json.dumps(state))
    c.write(
        f'data "terraform_remote_state" "x" {{\n  backend = "local"\n  config  = {{ path = "{c.secret}" }}\n}}\n'
        'resource "terraform_data" "x" {\n  input = data.terraform_remote_state.x.outputs.secret\n}\n'
    )


_BUILT_IN = """data "terraform_remote_state" "x" {
  provider = mine
  backend  = "http"
  config   = { address = "http://127.0.0.1:PORT/" }
}
"""


def _required(name: str, source: str) -> str:
    return f'terraform {{\n  required_providers {{\n    {name} = {{ source = "{source}" }}\n  }}\n}}\n'


@way
def _built_in_provider_by_another_name(c: Canary) -> None:
    c.write(_required("mine", "terraform.io/builtin/terraform") + _BUILT_IN)


@way
def _built_in_provider_by_another_spelling(c: Canary) -> None:
    # A wide T: host names are compared as IDNA has them.
    c.write(_required("mine", '\uff34erraform.io/${"builtin"}/TERRAFORM') + _BUILT_IN)


@way
def _built_in_provider_in_nested_json(c: Canary) -> None:
    required = {"mine": {"source": "terraform.io/builtin/terraform"}}
    c.write(json.dumps({"terraform": [[{"required_providers": [[required]]}]]}), "required.tf.json")
    c.write(_BUILT_IN)


@way
def _built_in_provider_handed_to_a_module(c: Canary) -> None:
    (c.root / "m").mkdir()
    c.write('module "m" {\n  source    = "./m"\n  providers = { mine = terraform }\n}\n')
    c.write(_required("mine", "terraform.io/builtin/terraform") + _BUILT_IN, "m/main.tf")


def _injected(folder: Path) -> str:
    """A name that would end the entry of Terraform's settings in which it stands, and begin another."""
    return f'a/b\\" = \\"x\\"\\n\\"hashicorp/evil\\" = \\"{folder}\\"\\n\\"c/d'


@way
def _settings_in_the_name_of_a_provider(c: Canary) -> None:
    evil = c.script("evil/terraform-provider-evil")
    c.write(_required("b", _injected(evil.parent)) + 'resource "evil_x" "x" {}\n')


@way
def _settings_in_the_name_of_a_type(c: Canary) -> None:
    evil = c.script("evil/terraform-provider-evil")
    c.write(f'resource "{_injected(evil.parent)}_x" "x" {{}}\nresource "evil_x" "x" {{}}\n')


@way
def _http_data_source(c: Canary) -> None:
    c.write('data "http" "x" {\n  url = "http://127.0.0.1:PORT/"\n}\n')


@way
def _endpoint_of_a_provider(c: Canary) -> None:
    c.write(
        'provider "aws" {\n  region = "eu-west-1"\n  endpoints {\n    sts = "http://127.0.0.1:PORT"\n  }\n}\n'
        'data "aws_caller_identity" "x" {}\n'
    )


@way
def _credential_process(c: Canary) -> None:
    c.write(f"[default]\ncredential_process = {c.program}\n", "config")
    c.write(
        'provider "aws" {\n  shared_config_files = ["config"]\n}\ndata "aws_caller_identity" "x" {}\n'
        'provider "kubernetes" {\n  exec {\n    api_version = "v1"\n'
        '    command     = "sh"\n    args        = ["-c", "PROGRAM"]\n  }\n}\n'
        'data "kubernetes_secret" "x" {\n  metadata {\n    name = "x"\n  }\n}\n'
    )


@way
def _ephemeral_resource(c: Canary) -> None:
    c.write('ephemeral "aws_secretsmanager_secret_version" "x" {\n  secret_id = "x"\n}\n')


@way
def _import_block(c: Canary) -> None:
    c.write(
        'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\nimport {\n  to = aws_s3_bucket.b\n  id = "b"\n}\n'
        'provider "aws" {\n  endpoints {\n    s3 = "http://127.0.0.1:PORT"\n  }\n}\n'
    )


@way
def _tests_of_the_change(c: Canary) -> None:
    c.write('resource "terraform_data" "x" {}\n')
    c.write('run "x" {\n  command = apply\n}\nprovider "external" {}\n', "main.tftest.hcl")


@way
def _function_of_a_provider(c: Canary) -> None:
    c.script("terraform-provider-evil")
    c.write(
        'terraform {\n  required_providers {\n    evil = { source = "evil/evil" }\n  }\n}\n'
        'resource "terraform_data" "x" {\n  input = provider::evil::run("PROGRAM")\n}\n'
    )


@way
def _state_of_the_change(c: Canary) -> None:
    evil = {"mode": "managed", "type": "evil_x", "name": "x", "instances": []}
    evil["provider"] = 'provider["registry.terraform.io/evil/evil"]'
    state = {"version": 4, "terraform_version": "1.1.0", "serial": 1, "lineage": "x", "resources": [evil]}
    c.write(json.dumps(state), "terraform.tfstate")
    c.script("terraform-provider-evil")
    c.write('resource "terraform_data" "x" {}\n')


@way
def _workspace_that_names_a_backend(c: Canary) -> None:
    c.write(
        '{"version": 3, "backend": {"type": "http", "config": {"address": "http://127.0.0.1:PORT"}, "hash": 1}}',
        "terraform.tfstate",
    )
    (c.root / ".terraform").mkdir()
    (c.root / "terraform.tfstate").rename(c.root / ".terraform" / "terraform.tfstate")
    c.write('resource "terraform_data" "x" {}\n')


@way
def _file_of_the_machine(c: Canary) -> None:
    c.write(f'resource "terraform_data" "x" {{\n  input = file("{c.secret}")\n}}\n')


@way
def _file_by_a_link(c: Canary) -> None:
    (c.root / "link").symlink_to(c.secret)
    c.write('resource "terraform_data" "x" {\n  input = file("${path.module}/link")\n}\n')


@way
def _template_of_the_machine(c: Canary) -> None:
    c.write(f'resource "terraform_data" "x" {{\n  input = templatefile("{c.secret}", {{}})\n}}\n')


@way
def _local_file_of_the_machine(c: Canary) -> None:
    c.write(
        f'data "local_file" "x" {{\n  filename = "{c.secret}"\n}}\n'
        'resource "terraform_data" "x" {\n  input = data.local_file.x.content\n}\n'
    )


@way
def _module_above_by_a_link(c: Canary) -> None:
    outside = c.root.parent / "outside"
    outside.mkdir()
    (outside / "main.tf").write_text(f'output "x" {{\n  value = "{SECRET}"\n}}\n')
    (c.root / "m").symlink_to(outside)
    subprocess.run(["git", "init", "-q", str(c.root)], check=True)
    c.write('module "m" {\n  source = "./m"\n}\nresource "terraform_data" "x" {\n  input = module.m.x\n}\n')


# Without the confinement, functions read what the user who runs the gate may read.
_READING = {_file_of_the_machine, _template_of_the_machine, _local_file_of_the_machine}
TRIED = [(way, True) for way in WAYS] + [(way, False) for way in WAYS if way not in _READING]


@pytest.mark.parametrize(
    ("way", "confined"),
    TRIED,
    ids=[f"{way.__name__.strip('_')}-{'confined' if confined else 'not-confined'}" for way, confined in TRIED],
)
def test_it_stays_untouched(
    way: Callable[[Canary], None], confined: bool, canary: Canary, monkeypatch: pytest.MonkeyPatch
):
    if not confined:
        monkeypatch.setattr(planning, "confined", lambda terraform, one: [terraform.path])
    way(canary)
    before = _content(canary.root)
    shown = ""
    with suppress(GateError):
        plan = evaluate(canary.root, inputs=TerraformInputs(timeout=60))
        shown = repr({address: resource.after for address, resource in plan.resources.items()})
    assert not canary.sign.exists()
    assert canary.called == []
    assert SECRET not in shown
    assert _content(canary.root) == before


def test_the_threat_model_lists_each_way():
    page = (Path(__file__).parents[3] / "docs" / "threat-model.md").read_text()
    listed = re.findall(r"^\| `([\w ]+)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted(way.__name__.strip("_").replace("_", " ") for way in WAYS)
    assert len(listed) >= 30


def _content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest() + oct(path.stat().st_mode)
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }
