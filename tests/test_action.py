"""The steps of action.yml, run as a runner runs them: each in a bash of its own, in an otherwise empty environment."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from gate.engine.binary import cache_directory, find_opa
from tests.surfaces.github_stand_in import GitHub, github_stand_in

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
# What a machine needs to reach its package index; a runner has it in its own settings.
_NETWORK = (
    "PIP_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT",
    "REQUESTS_CA",
)


@dataclass(frozen=True)
class Run:
    """What a run of the action left behind."""

    status: int
    log: str
    outputs: dict[str, str]
    summary: str


@dataclass(frozen=True)
class Runner:
    """A runner's folders: one environment is made for all the tests."""

    home: Path
    temp: Path
    more: dict[str, str] = field(default_factory=dict)

    def run(self, workspace: Path, inputs: dict[str, str], event: dict[str, Any] | None = None) -> Run:
        """Every step in order until one fails."""
        given = {name: spec.get("default", "") for name, spec in ACTION["inputs"].items()}
        context: dict[str, Any] = {
            "inputs": given | {"python": sys.executable} | inputs,
            "github": {"action_path": str(ROOT), "event": event or {}},
            "steps": {},
        }
        summary = self.temp / "summary.md"
        summary.write_text("")
        log, status = "", 0
        for number, step in enumerate(ACTION["runs"]["steps"]):
            assert set(step) <= {"name", "id", "if", "shell", "env", "run"}
            assert step["shell"] == "bash"
            assert "${{" not in step["run"], "an expression in a script is executed as part of it"
            if not _runs(step.get("if"), status, context["inputs"]):
                continue
            script, output = self.temp / f"step{number}.sh", self.temp / f"output{number}"
            script.write_text(step["run"])
            output.write_text("")
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
                cwd=workspace,
                env=self._environment(workspace, output, summary)
                | {name: _expand(value, context) for name, value in step["env"].items()},
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
            log += done.stdout + done.stderr
            status = status or done.returncode
            if "id" in step:
                lines = [line.split("=", 1) for line in output.read_text().splitlines()]
                context["steps"][step["id"]] = {"outputs": dict(lines)}
        outputs = {name: _expand(spec["value"], context) for name, spec in ACTION["outputs"].items()}
        return Run(status, log, outputs, summary.read_text())

    def _environment(self, workspace: Path, output: Path, summary: Path) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name.startswith(_NETWORK)},
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(cache_directory().parent),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_ACTIONS": "true",
            "CI": "true",
            **self.more,
        }


def _runs(condition: str | None, status: int, inputs: dict[str, str]) -> bool:
    """Whether a step runs after one that ended with ``status``: without a condition only where all went well."""
    if condition is None:
        return status == 0
    asked = re.fullmatch(r"\$\{\{ !cancelled\(\) && inputs\.([\w-]+) == 'true' \}\}", condition)
    assert asked is not None, condition
    return inputs[asked[1]] == "true"


def _expand(text: str, context: dict[str, Any]) -> str:
    """``${{ inputs.x }}`` and ``${{ a.b || 'c' }}``: all that action.yml uses."""

    def value(expression: str) -> str:
        for part in expression.split("||"):
            name = part.strip()
            if name.startswith("'"):
                return name.strip("'")
            assert re.fullmatch(r"[a-z_]+(\.[a-z_0-9-]+)+", name), name
            found: Any = context
            for key in name.split("."):
                found = found.get(key, {}) if isinstance(found, dict) else {}
            if found not in ({}, "", None):
                return str(found)
        return ""

    return re.sub(r"\$\{\{(.*?)\}\}", lambda m: value(m[1]), text)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    home, temp = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("runner")
    for settings in (".config/pip", ".cache/pip"):
        if (Path.home() / settings).is_dir():
            (home / settings).parent.mkdir(parents=True, exist_ok=True)
            (home / settings).symlink_to(Path.home() / settings)
    return Runner(home, temp)


def _git(folder: Path, *arguments: str) -> str:
    settings = ["-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A checked-out repository with both demonstrations in it."""
    shutil.copytree(ROOT / "fixtures" / "demo", tmp_path / "work")
    _git(tmp_path / "work", "init", "-q")
    return _committed(tmp_path / "work")


def _committed(folder: Path) -> Path:
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", "x")
    return folder


@pytest.fixture
def github(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """A GitHub whose pull requests can be commented on; the runner reaches it without a proxy."""
    with github_stand_in() as state:
        for name, value in (("GITHUB_API_URL", state.url), ("GITHUB_REPOSITORY", state.repository)):
            monkeypatch.setitem(runner.more, name, value)
        yield state


DENIED = {"paths": "denied/plan.json\n  denied/k8s\n", "source": "denied"}
ALLOWED = {"paths": "allowed/plan.json\nallowed/k8s", "source": "allowed"}


def test_a_denied_change_fails_and_every_report_is_there(runner, workspace):
    run = runner.run(workspace, DENIED)
    assert (run.status, run.outputs["verdict"]) == (1, "deny"), run.log
    decision = json.loads(Path(run.outputs["decision"]).read_text())
    assert decision["policy"]["opa_sha256"] == find_opa(pinned=True).sha256
    assert run.outputs["sha256"].split() == [one["sha256"] for one in decision["inputs"]]
    assert (
        hashlib.sha256((workspace / "denied" / "plan.json").read_bytes()).hexdigest() in run.outputs["sha256"].split()
    )
    sarif = json.loads(Path(run.outputs["sarif"]).read_text())
    assert decision["verdict"] == "deny"
    assert len(sarif["runs"][0]["results"]) == len(decision["findings"])
    assert run.log.count("\nDENY: ") + run.log.startswith("DENY: ") == 2
    annotations = re.findall(r"(?m)^::error (.*?)::", run.log)
    refused = [result for result in sarif["runs"][0]["results"] if result["level"] == "error"]
    causes = {result["properties"]["cause"] for result in refused if "cause" in result["properties"]}
    assert len(annotations) == min(10, len(causes))
    assert any(re.search(r"file=denied/\w+\.tf,line=\d+", a) for a in annotations)
    assert "## DENY: " in run.summary
    assert decision["findings"][0]["fingerprint"] in run.summary


def test_a_fake_opa_on_path_judges_nothing(runner, workspace, tmp_path, monkeypatch):
    fake = tmp_path / "bin" / "opa"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\ntouch " + str(tmp_path / "asked") + "\necho Version: 1.22.2\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    run = runner.run(workspace, DENIED)
    assert (run.status, run.outputs["verdict"]) == (1, "deny"), run.log
    assert not (tmp_path / "asked").exists()


def test_only_the_plan_that_was_judged_is_applied(tmp_path):
    """The step of docs/examples that applies, with another plan and with the one of the decision."""
    job = yaml.safe_load((ROOT / "docs/examples/terraform.yml").read_text())["jobs"]["apply"]
    script = job["steps"][-1]["run"].replace("terraform ", "echo terraform ")
    judged = hashlib.sha256(b"judged").hexdigest()
    for plan, status in ((b"judged", 0), (b"another", 1), (b"", 1)):
        (tmp_path / "plan.tfplan").write_bytes(plan)
        environment = {"PATH": os.environ["PATH"], "PLAN": str(tmp_path), "JUDGED": f"{'0' * 64} {judged}"}
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script], env=environment, capture_output=True, text=True
        )
        assert (done.returncode, "terraform apply" in done.stdout) == (status, status == 0)
    environment["JUDGED"] = ""
    assert (
        subprocess.run(["bash", "-eo", "pipefail", "-c", script], env=environment, capture_output=True).returncode == 1
    )


def test_an_allowed_change_passes(runner, workspace):
    run = runner.run(workspace, ALLOWED)
    assert (run.status, run.outputs["verdict"]) == (0, "allow"), run.log
    assert "## ALLOW: " in run.summary
    assert "::error" not in run.log


def test_an_unreadable_input_is_no_decision(runner, workspace):
    (workspace / "broken.json").write_text('{"format_version": ')
    run = runner.run(workspace, {"paths": "broken.json"})
    assert (run.status, run.outputs) == (2, {"verdict": "none", "sarif": "", "decision": "", "sha256": ""})
    assert "no decision was made" in run.log
    assert re.search(r"(?m)^::error title=gate::", run.log)


def test_why_there_is_no_decision_stands_in_the_annotation_and_in_the_summary(runner, workspace):
    run = runner.run(workspace, {"paths": "nope/100%.json"})
    assert (run.status, run.outputs["verdict"]) == (2, "none")
    told = "::error title=gate::nope/100%25.json does not exist; no decision was made"
    assert [line for line in run.log.splitlines() if line.startswith("::error")] == [told]
    assert "## No decision was made" in run.summary and "    gate: error: nope/100%.json does not exist." in run.summary


def test_no_paths_are_an_error_unless_that_is_meant(runner, workspace):
    assert runner.run(workspace, {"paths": " \n"}).status == 2
    run = runner.run(workspace, {"paths": "", "allow-empty": "true"})
    assert (run.status, run.outputs["verdict"]) == (0, "allow")
    assert "nothing to judge" in run.summary


SHELL = "\"; touch pwned; #$(touch pwned)`touch pwned`'"
INPUTS = ["paths", "source", "config", "config-ref", "policy", "scope", "sarif-file", "allow-empty"]


@pytest.mark.parametrize(
    ("name", "attack"),
    [
        *((name, SHELL) for name in INPUTS),
        *((name, "x\nverdict=allow") for name in ("config", "sarif-file", "policy")),
        *((name, "--help") for name in ("paths", "source", "config-ref", "scope")),
    ],
)
def test_a_hostile_input_is_a_value_and_no_command(runner, workspace, name, attack):
    run = runner.run(workspace, DENIED | {name: attack})
    assert not list(workspace.rglob("pwned"))
    assert run.status in (1, 2), run.log
    assert run.outputs["verdict"] != "allow"


def _loosen(folder: Path) -> None:
    from gate.engine.catalog import rules

    off = {rule.id: {"enabled": False, "reason": "because I say so"} for rule in rules()}
    (folder / "gate.yaml").write_text(yaml.safe_dump({"version": 1, "rules": off}))


def test_a_pull_request_cannot_loosen_the_gate_that_judges_it(runner, workspace):
    base = _git(workspace, "rev-parse", "HEAD")
    _loosen(workspace)
    _committed(workspace)
    judged = runner.run(workspace, DENIED, {"pull_request": {"base": {"sha": base}}})
    assert (judged.status, judged.outputs["verdict"]) == (1, "deny"), judged.log
    merged = runner.run(workspace, DENIED)  # the same file on the main branch does count
    assert (merged.status, merged.outputs["verdict"]) == (0, "allow"), merged.log


def test_a_pull_request_cannot_leave_out_the_organisations_policies(runner, workspace):
    (workspace / "policy").mkdir()
    (workspace / "policy" / "never.rego").write_text(NEVER)
    _committed(workspace)
    base = _git(workspace, "rev-parse", "HEAD")
    shutil.rmtree(workspace / "policy")
    _committed(workspace)
    run = runner.run(workspace, ALLOWED | {"policy": "policy"}, {"pull_request": {"base": {"sha": base}}})
    assert (run.status, run.outputs["verdict"]) == (1, "deny"), run.log
    assert "never-on-friday" in run.log


def test_a_base_that_is_not_there_is_no_decision(runner, workspace):
    run = runner.run(workspace, ALLOWED, {"pull_request": {"base": {"sha": "0" * 40}}})
    assert (run.status, run.outputs["verdict"]) == (2, "none")
    assert "the base commit is not here" in run.log


def test_nothing_of_the_change_is_imported(runner, workspace):
    for name in ("venv.py", "pip.py", "gate.py", "yaml.py", "typer.py", "sitecustomize.py"):
        (workspace / name).write_text("open('pwned', 'w')\n")
    run = runner.run(workspace, ALLOWED)
    assert run.status == 0, run.log
    assert not list(workspace.rglob("pwned"))


NEVER = """\
# METADATA
# title: Never on Friday
# description: Nothing goes live.
# custom:
#   id: never-on-friday
#   severity: high
#   confidence: proven
#   frameworks: []
#   remediation: Wait until Monday.
package organisation.never

import data.gate.lib

findings contains finding if {
	some id, _ in input.access.identities
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": id,
		"message": "It is Friday.",
		"location": null,
		"evidence": [],
		"facts": {"friday"},
	})
}
"""


WORKFLOWS = [*(ROOT / ".github/workflows").glob("*.yml"), *(ROOT / "docs/examples").glob("*.yml")]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_our_workflows_hold_to_what_we_ask_of_others(path):
    """Nothing by default, actions pinned by commit, no stored credentials, no expression inside a script."""
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            uses = step.get("uses", "")
            assert re.fullmatch(r"|\./|OWNER/nhi-gate@COMMIT|[\w./-]+@[0-9a-f]{40}", uses), uses
            assert "${{" not in step.get("run", "")
            if uses.startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize(
    ("workflow", "required"), [("docs/examples/terraform.yml", "gate"), (".github/workflows/ci.yml", "all-passed")]
)
def test_the_required_check_is_never_skipped_and_fails_when_what_it_needs_failed(workflow, required):
    job = yaml.safe_load((ROOT / workflow).read_text())["jobs"][required]
    first = job["steps"][0]
    assert job["if"] == "always()"
    assert "result" in next(iter(first["env"].values()))
    assert first["run"].startswith("test ")


def test_a_pattern_finds_the_plans_of_a_monorepo(runner, workspace):
    for service, demo in (("a", "allowed"), ("b c", "denied")):
        (workspace / "services" / service).mkdir(parents=True)
        shutil.copy(workspace / demo / "plan.json", workspace / "services" / service)
    run = runner.run(workspace, {"paths": "services/**/plan.json"})
    decision = json.loads(Path(run.outputs["decision"]).read_text())

    assert run.status == 1
    assert {one["path"] for one in decision["inputs"]} == {"services/a/plan.json", "services/b c/plan.json"}


@pytest.mark.parametrize("pattern", ["nowhere/*.json", "$(touch pwned)*", "`touch pwned`*", "*;touch pwned", "-*"])
def test_a_pattern_that_fits_nothing_is_an_error_and_no_command(runner, workspace, pattern):
    run = runner.run(workspace, {"paths": f"denied/plan.json\n{pattern}"})

    assert (run.status, run.outputs["verdict"]) == (2, "none")
    assert not list(workspace.rglob("pwned"))


def test_a_folder_of_terraform_source_needs_no_plan(runner, workspace):
    root = ROOT / "fixtures" / "evaluate" / "01-inline-new-arn"
    shutil.copytree(root, workspace / "infra")
    run = runner.run(workspace, {"paths": "infra"})

    assert run.status in (0, 1), run.log
    assert run.outputs["verdict"] in ("allow", "deny")


def test_the_summary_shows_what_each_identity_gains(runner, workspace):
    with_it = runner.run(workspace, DENIED).summary
    without = runner.run(workspace, DENIED | {"diff": "false"}).summary

    assert with_it.startswith(without)
    assert "gains" in with_it.removeprefix(without)


PULL_REQUEST = {"pull_request": {"number": 7}}


def test_a_pull_request_gets_one_comment_that_is_updated(runner, workspace, github):
    asked = {"comment": "true", "github-token": github.token}
    denied = runner.run(workspace, DENIED | asked, PULL_REQUEST)
    first = github.comments[-1]["body"]
    allowed = runner.run(workspace, ALLOWED | asked, PULL_REQUEST)

    assert (denied.status, allowed.status) == (1, 0)
    assert len(github.comments) == 1
    assert "DENY" in first and "ALLOW" in github.comments[0]["body"]
    assert github.token not in denied.log + allowed.log


def test_no_decision_is_a_comment_too(runner, workspace, github):
    (workspace / "broken.json").write_text("{")
    asked = {"paths": "broken.json", "comment": "true", "github-token": github.token}
    run = runner.run(workspace, asked, PULL_REQUEST)

    assert run.status == 2
    assert "No decision was made" in github.comments[0]["body"]


def test_a_comment_that_cannot_be_written_changes_no_verdict(runner, workspace, github):
    github.refuses = True
    run = runner.run(workspace, DENIED | {"comment": "true", "github-token": github.token}, PULL_REQUEST)

    assert (run.status, run.outputs["verdict"]) == (1, "deny")
    assert "::warning title=gate::the comment could not be written" in run.log


def test_nothing_is_said_where_nobody_asked_for_a_comment(runner, workspace, github):
    runner.run(workspace, DENIED, PULL_REQUEST)
    runner.run(workspace, DENIED | {"comment": "true", "github-token": github.token})

    assert github.comments == []
