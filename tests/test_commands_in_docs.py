"""Every command that the documentation shows is executed, or is listed here with the reason why not.

A command is what follows ``$`` in a fenced block; what the block shows below it is what it prints. Of commands inside
of a sentence, the subcommand and the options have to exist.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from gate.cli import app

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]

EXECUTED = {
    "deploy/client-certificate/certificate.sh api-server": 0,
    "deploy/given-secret/certificate.sh tls": 0,
    "gate check fixtures/rules/unreviewable-access/denied/plan.json": 1,
    "gate check fixtures/rules/unreviewable-access/denied/plan.json"
    " --source fixtures/rules/unreviewable-access/denied/root": 0,
    "gate check infra/": 0,
    "gate check plan.json k8s/": 0,
    "gate diff fixtures/cases/group-joined/plan.json": 0,
    "gate model fixtures/cases/group-joined/plan.json --side before": 0,
    "gate model plan.json | jq '.identities | map_values({kind, environment, boundary})'": 0,
    "sed -i 's|image: nhi-gate:0.1.0|image: registry.example.com/nhi-gate:0.1.0|' deploy/base/deployment.yaml": 0,
}
"""Command → exit status."""

_CLUSTER, _NETWORK = "needs a cluster: ", "needs a network: "
NOT_EXECUTED = {
    "cat overlay/kustomization.yaml": "shows what the reader writes",
    "docker build -f Containerfile -t registry.example.com/nhi-gate:0.1.0 ."
    " && docker push registry.example.com/nhi-gate:0.1.0": _NETWORK + "tests/test_deployment.py reads the file",
    "export GATE_RUN_TASK_KEY=…": "sets a secret of the reader: tests/surfaces/test_run_task.py sets one",
    "gate serve runtask --tls-cert tls.crt --tls-key tls.key --config gate.yaml": _NETWORK
    + "tests/surfaces/test_run_task.py",
    "gate scan cluster": _CLUSTER + "tests/cluster/test_scan_cluster.py",
    "gate scan cluster --context production --namespace shop --format text --format sarif=gate.sarif": _CLUSTER
    + "tests/cluster/test_scan_cluster.py",
    "git clone … && cd nhi-gate": _NETWORK + "it names no address",
    "git clone … nhi-gate && cd nhi-gate": _NETWORK + "it names no address",
    "kubectl apply --server-side -f deploy/base/namespace.yaml": _CLUSTER + "tests/cluster/test_deployment_applied.py",
    "kubectl apply --server-side -k deploy/cert-manager": _CLUSTER + "tests/cluster/test_deployment_applied.py",
    "kubectl apply --server-side -k deploy/cert-manager -l app.kubernetes.io/component!=webhooks": _CLUSTER
    + "tests/cluster/test_deployment_applied.py",
    "kubectl create clusterrolebinding ops --clusterrole=cluster-admin --serviceaccount=default:builder": _CLUSTER
    + "tests/cluster/test_admission_by_kubectl.py",
    "kubectl create secret tls gate-admission-tls -n gate-system --cert=tls/tls.crt --key=tls/tls.key": _CLUSTER
    + "tests/cluster/test_deployment_applied.py",
    "kubectl delete validatingwebhookconfiguration gate": _CLUSTER + "tests/cluster/test_deployment_asks.py",
    "kubectl label namespace calico-system gate.nhi/exempt=true": _CLUSTER + "tests/cluster/test_deployment_asks.py",
    "kubectl rollout status -n gate-system deployment/gate-admission": _CLUSTER + "nothing in the tests pulls images",
    "make demo": "the test of the demonstration runs both halves: tests/test_cases.py",
    "make lint": "runs in CI beside the tests: .ci/run",
    "make rule NAME=stale-token CATEGORY=credentials": "changes the tree: tests/test_new_rule.py runs it in a copy",
    "make test": "is what runs this test",
    "make test-fast": "is what runs this test",
    "pip install nhi-gate": _NETWORK + "tests/install/test_wheel.py installs the wheel",
    "terraform plan -out plan.out && terraform show -json plan.out > plan.json": _NETWORK + "fixtures/README.md",
}


def _shown() -> Iterator[tuple[str, str, str]]:
    """Page, command and the output that the page shows, of every fenced block."""
    for page in PAGES:
        for language, block in re.findall(
            r"^ *```(\w*)\n(.*?)^ *```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
        ):
            if language not in {"", "console"}:
                continue
            joined = re.sub(r"[ \t]*\\\n\s*", " ", block)
            for part in re.split(r"^ *\$ ", joined, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                yield page.name, re.sub(r"\s+# .*", "", command).strip(), output.rstrip()


SHOWN = list(_shown())


def test_each_command_is_executed_or_has_a_reason() -> None:
    assert {command for _, command, _ in SHOWN} == EXECUTED.keys() | NOT_EXECUTED.keys()
    assert EXECUTED.keys() & NOT_EXECUTED.keys() == set()


def test_what_tests_it_instead_exists() -> None:
    named = [path for reason in NOT_EXECUTED.values() for path in re.findall(r"\S+/\S+", reason)]
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, terraform_offline: None) -> Path:
    """A project as the pages speak of it: a plan, its manifests, the Terraform source and the gate's own files."""
    made = tmp_path_factory.mktemp("pages")
    demo = ROOT / "fixtures" / "demo" / "allowed"
    shutil.copy(demo / "plan.json", made)
    shutil.copytree(demo / "k8s", made / "k8s")
    shutil.copytree(demo, made / "infra", ignore=shutil.ignore_patterns("plan.json", "k8s"))
    shutil.copytree(ROOT / "deploy", made / "deploy")
    (made / "fixtures").symlink_to(ROOT / "fixtures")
    return made


@pytest.mark.parametrize("command", EXECUTED)
def test_it_does_what_the_page_says(command: str, folder: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=folder, env={**kept, "PATH": path, "NO_COLOR": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == EXECUTED[command], done.stdout + done.stderr
    for output in {output for _, shown, output in SHOWN if shown == command and output}:
        assert done.stdout.rstrip() == output


def _in_sentences() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for command in re.findall(r"`gate (?!yaml)([^`]+)`", page.read_text("utf-8")):
            yield page.name, command.replace("\\|", "|").replace("\n", " ")


def _unknown(command: str) -> str | None:
    """The first word of ``command`` that the command line does not know."""
    group: Any = typer.main.get_command(app)
    words = re.sub(r"[\[\]]|=\S+", " ", command).split()
    while hasattr(group, "commands"):
        if not words or words[0].startswith("-"):
            break
        if words[0] not in group.commands:
            return words[0] if group.name != "rules" else None
        group = group.commands[words.pop(0)]
    options = {name for parameter in group.params for name in parameter.opts} | {"-h", "--help"}
    return next((word for word in words if word.startswith("-") and word != "-" and word not in options), None)


def test_commands_in_sentences_exist() -> None:
    found = list(_in_sentences())
    assert len(found) > 40
    assert [(page, command) for page, command in found if _unknown(command)] == []


def test_targets_of_make_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        (page.name, word)
        for page in PAGES
        for words in re.findall(r"`make ([a-z -]+)", page.read_text("utf-8"))
        for word in words.split()
    }
    assert len(named) > 10
    assert {(page, word) for page, word in named if word not in targets} == set()
