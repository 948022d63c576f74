"""``gate model``: what a rule reads, of the author's own input; as its users run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gate.engine.shape import compile_schema
from gate.inputs.config import Config

ROOT = Path(__file__).parents[1]
GATE = Path(sys.executable).parent / "gate"
CANARY = "CANARY7f3kQ9zXw2"
TOKEN = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3kLm"


def gate(*arguments: object, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GITHUB_")}
    command = [GATE, "model", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, input=stdin, capture_output=True, text=True, check=False)


def model(*arguments: object, stdin: str | None = None) -> dict:
    done = gate(*arguments, stdin=stdin)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "given", [["fixtures/demo/denied/plan.json", "fixtures/demo/denied/k8s"], ["fixtures/demo/allowed/plan.json"]]
)
def test_it_is_what_a_rule_reads(given):
    envelope = {"access": model(*given), "before": None, "config": Config().to_json(), "now": "2026-01-01"}
    assert compile_schema(ROOT / "rego" / "schema" / "envelope.json")(envelope) is None
    assert envelope["access"]["identities"] != {}


def test_a_manifest_on_standard_input_is_told_whole():
    text = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot, namespace: shop, labels: {team: shop}}\n"
    found = model("-", stdin=text)
    assert found.pop("identities") == {
        "k8s:ServiceAccount/shop/robot": {
            "kind": "service_account",
            "platform": "kubernetes",
            "name": "robot",
            "grants": {},
            "external": False,
            "namespace": "shop",
            "environment": None,
            "account": None,
            "change": "create",
            "lifecycle": {"owner": "shop", "purpose": None, "expires": None},
            "all_access": "none",
            "actions": 0,
            "services": 0,
            "service_names": [],
            "boundary": None,
            "members": [],
            "inherited": [],
            "source": {
                "address": "k8s:ServiceAccount/shop/robot",
                "statement": None,
                "location": {"file": "standard input", "line": 1, "end_line": 3},
            },
            "family": None,
            "by_tags": False,
            "own_services": [],
            "attached": {},
        }
    }
    assert (found["schema"], found["reads"], found["unknown"]) == ("gate.access/v1", 1, [])


def test_both_sides_of_a_plan_are_told():
    case = "fixtures/cases/trust-widened/plan.json"
    before, after = (
        {role: [(e["principal"]["value"], e["conditions"]) for e in edges] for role, edges in found["trust"].items()}
        for found in (model(case, "--side", "before"), model(case))
    )
    assert before.keys() == after.keys()
    assert before != after


def test_no_side_before_is_no_empty_model():
    done = gate("fixtures/demo/denied/k8s", "--side", "before")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("gate: error: what was there before this change is not known")


def test_an_input_that_cannot_be_read_is_no_model():
    done = gate("fixtures/nowhere.json")
    assert (done.returncode, done.stdout) == (2, "")


def _plan() -> dict:
    policy = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    closer = policy | {"Condition": {"StringEquals": {"aws:UserAgent": TOKEN, "aws:Referer": f"x-{CANARY}"}}}
    role = {
        "name": "r",
        "assume_role_policy": json.dumps({"Version": "2012-10-17", "Statement": [closer]}),
        "tags": {"owner": f"{CANARY}-team", "purpose": f"https://shop:{TOKEN}@example.com"},
    }
    function = {
        "function_name": "f",
        "role": "arn:aws:iam::123456789012:role/r",
        "environment": [{"variables": {"DB_PASSWORD": CANARY, "OTHER": TOKEN}}],
    }
    entries = [
        ("aws_iam_role", role, {"tags": {"owner": True}}),
        ("aws_lambda_function", function, {"environment": True}),
    ]
    changes = [
        {
            "address": f"{kind}.x",
            "mode": "managed",
            "type": kind,
            "name": "x",
            "change": {"actions": ["update"], "before": values, "after": values, "before_sensitive": mark}
            | {"after_sensitive": mark},
        }
        for kind, values, mark in entries
    ]
    return {"format_version": "1.2", "resource_changes": changes}


@pytest.mark.parametrize("side", ["after", "before"])
def test_no_secret_is_printed_wherever_it_stands(tmp_path, side):
    (tmp_path / "plan.json").write_text(json.dumps(_plan()))
    done = gate(tmp_path / "plan.json", "--side", side)
    assert done.returncode == 0, done.stderr
    assert CANARY not in done.stdout
    assert TOKEN not in done.stdout
    found = json.loads(done.stdout)
    assert found["identities"]["aws_iam_role.x"]["lifecycle"]["owner"] == "(not shown)"
    (edge,) = found["trust"]["aws_iam_role.x"]
    assert {c["key"]: c["values"] for c in edge["conditions"]} == {
        "aws:UserAgent": ["(not shown)"],
        "aws:Referer": ["x-(not shown)"],
    }


def test_no_secret_of_a_manifest_is_printed(tmp_path):
    (tmp_path / "k8s.yaml").write_text(
        f"""\
apiVersion: v1
kind: Secret
metadata: {{name: db, namespace: shop, annotations: {{note: {CANARY}}}}}
stringData: {{password: {CANARY}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: db, namespace: shop}}
data: {{password: {CANARY}, token: {TOKEN}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: web, namespace: shop}}
spec:
  containers:
    - name: web
      args: [--password={CANARY}]
      env: [{{name: DB_PASSWORD, value: {CANARY}}}, {{name: T, value: {TOKEN}}}]
"""
    )
    done = gate(tmp_path / "k8s.yaml")
    assert done.returncode == 0, done.stderr
    assert CANARY not in done.stdout
    assert TOKEN not in done.stdout
    assert [s["attribute"] for s in json.loads(done.stdout)["secrets"]] != []
