"""What evaluating a root costs: the demo's beside ``terraform plan`` with the real provider, and large ones alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "fixtures" / "demo" / "allowed"
RUNS = 3

_TRUST = """assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })"""


def table() -> None:
    """Print the tables, or why there is none."""
    if not shutil.which("terraform"):
        print("\nEvaluation by Terraform was not measured: terraform is missing.")
        return
    print("\n| root alone, `gate check DIR` | resources | time |")
    print("|---|---:|---:|")
    for shown, many, text in (("aws", 265, _aws()), ("google", 200, _google()), ("azurerm", 200, _azure())):
        with tempfile.TemporaryDirectory() as temporary:
            (Path(temporary) / "main.tf").write_text(text)
            print(f"| {shown} | {many} | {_evaluated(Path(temporary)):.2f} s |", flush=True)
    missing = [] if shutil.which("moto_server") else ["moto_server"]
    missing += [] if os.environ.get("GATE_PROVIDER_MIRROR") else ["GATE_PROVIDER_MIRROR"]
    if missing:
        print(f"\nBeside the real provider it was not measured: {' and '.join(missing)} missing.")
        return
    _beside_the_real_provider()


def _evaluated(root: Path) -> float:
    """Median wall time of the evaluation, without judging."""
    from gate.inputs.terraform.source_directory import evaluate

    found = []
    for _ in range(RUNS):
        began = time.perf_counter()
        evaluate(root)
        found.append(time.perf_counter() - began)
    return sorted(found)[RUNS // 2]


def _aws() -> str:
    """89 roles, 88 policies and 88 queues, with 176 documents."""
    blocks = [f'resource "aws_iam_role" "last" {{\n  {_TRUST}\n}}\n']
    for n in range(88):
        blocks.append(
            f'resource "aws_sqs_queue" "q{n}" {{\n  name = "q{n}"\n}}\n'
            f'resource "aws_iam_role" "r{n}" {{\n  {_TRUST}\n}}\n'
            f'data "aws_iam_policy_document" "d{n}" {{\n  statement {{\n    actions   = ["sqs:SendMessage"]\n'
            f"    resources = [aws_sqs_queue.q{n}.arn]\n  }}\n}}\n"
            f'resource "aws_iam_policy" "p{n}" {{\n  policy = data.aws_iam_policy_document.d{n}.json\n}}\n'
        )
    return "".join(blocks)


def _google() -> str:
    return "".join(
        f'resource "google_service_account" "s{n}" {{\n  account_id = "robot-{n}"\n}}\n'
        f'resource "google_project_iam_member" "m{n}" {{\n  project = "p"\n  role = "roles/viewer"\n'
        f"  member = google_service_account.s{n}.member\n}}\n"
        for n in range(100)
    )


def _azure() -> str:
    return "".join(
        f'resource "azurerm_user_assigned_identity" "i{n}" {{\n  name = "i{n}"\n}}\n'
        f'resource "azurerm_role_assignment" "a{n}" {{\n  scope = "/subscriptions/x"\n'
        f'  role_definition_name = "Reader"\n  principal_id = azurerm_user_assigned_identity.i{n}.principal_id\n}}\n'
        for n in range(100)
    )


def _beside_the_real_provider() -> None:
    from tools.generate.plans import environment, moto, terraform

    with tempfile.TemporaryDirectory() as temporary, moto() as url:
        work = Path(temporary) / "root"
        shutil.copytree(SOURCE, work, ignore=shutil.ignore_patterns("*.json", "k8s", ".terraform*"))
        env = environment(url, Path(temporary)) | {"NO_COLOR": "1"}
        terraform(work, env, "init", "-no-color", "-input=false")
        plan = ["terraform", "plan", "-no-color", "-input=false", "-out", "gate.tfplan"]
        planned = _seconds(plan, work, env)
        (work / "plan.json").write_text(terraform(work, env, "show", "-json", "gate.tfplan"))
        gate = [str(Path(sys.executable).parent / "gate"), "check", "--quiet"]
        print("\n| one root of the demo | time | / terraform plan |")
        print("|---|---:|---:|")
        print(f"| `terraform plan` with the real provider, against moto | {planned:.2f} s | |")
        evaluated = _evaluated(work)
        print(
            f"| evaluation of the directory, without judging | {evaluated:.2f} s | {evaluated / planned:.1f}× |",
            flush=True,
        )
        for shown, arguments in (
            ("gate check plan.json", ["plan.json"]),
            ("gate check plan.json --source DIR", ["plan.json", "--source", "."]),
            ("gate check DIR", ["."]),
        ):
            if shown == "gate check DIR":
                (work / "plan.json").unlink()
                (work / "gate.tfplan").unlink()
            seconds = _seconds([*gate, *arguments], work, env)
            print(f"| `{shown}` | {seconds:.2f} s | {seconds / planned:.1f}× |", flush=True)


def _seconds(command: list[str], folder: Path, env: dict[str, str]) -> float:
    """Median wall time; ends the program when the command neither allows nor denies."""
    found = []
    for _ in range(RUNS):
        began = time.perf_counter()
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
        found.append(time.perf_counter() - began)
        if done.returncode not in (0, 1):
            sys.exit(f"{' '.join(command)}: {done.stderr}")
    return sorted(found)[RUNS // 2]
