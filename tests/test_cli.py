"""The installed command, as its users run it: a process, its exit status, its two streams."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft4Validator, Draft202012Validator

from gate.engine.binary import find_opa

ROOT = Path(__file__).parents[1]
DENIED = [str(ROOT / "fixtures/demo/denied/plan.json"), str(ROOT / "fixtures/demo/denied/k8s")]
ALLOWED = [str(ROOT / "fixtures/demo/allowed/plan.json"), str(ROOT / "fixtures/demo/allowed/k8s")]
_SCRUBBED = re.compile(r"CI|GITHUB_.*|RUNNER_.*|NO_COLOR|FORCE_COLOR|COLUMNS|LINES|GATE_.*")


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not _SCRUBBED.fullmatch(name)}
    return kept | {"GATE_OPA": str(find_opa().path)} | changes


def gate(*arguments, cwd=None, stdin=None, **changes) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gate", *map(str, arguments)],
        cwd=cwd,
        env=environment(**changes),
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def assert_no_decision(done: subprocess.CompletedProcess[str], *expected: str) -> None:
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0].startswith("gate: error: ")
    assert lines[-1] == "  no decision was made"
    assert len(lines) <= 4, done.stderr
    assert "Traceback" not in done.stderr
    assert "this is a bug" not in done.stderr
    for text in expected:
        assert text in done.stderr


def test_a_deny_is_1_and_reads_at_80_columns_from_either_end():
    done = gate("check", *DENIED)
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert lines[0] == lines[-1]
    assert re.fullmatch(r"DENY: \d+ reasons to deny(, \d+ warnings?)?", lines[0])
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in done.stdout
    assert done.stdout.count("  Fix:") == done.stdout.count("  rule     ")


def test_an_allow_is_0():
    done = gate("check", *ALLOWED)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].startswith("ALLOW: no reason to deny")


def test_one_run_writes_several_reports(tmp_path):
    done = gate(
        "check", *DENIED, "--format", "text", "--format", "json=d.json", "--format", "sarif=s.sarif", cwd=tmp_path
    )
    assert done.returncode == 1
    decision = json.loads((tmp_path / "d.json").read_text())
    schema = json.loads(gate("schema", "decision").stdout)
    Draft202012Validator(schema).validate(decision)
    reasons = [finding for finding in decision["findings"] if finding["effect"] == "deny"]
    causes = {finding["cause"] for finding in reasons}
    assert done.stdout.startswith(f"DENY: {len(causes)} reasons to deny") and len(causes) < len(reasons)
    sarif = json.loads((tmp_path / "s.sarif").read_text())
    Draft4Validator(json.loads((ROOT / "tests/report/schemas/sarif-2.1.0-rtm.5.json").read_text())).validate(sarif)
    results = sarif["runs"][0]["results"]
    assert [r["partialFingerprints"]["gate/v1"] for r in results if r["baselineState"] == "new"] == [
        f["fingerprint"] for f in decision["findings"] if f["change"] == "introduced"
    ]


def test_standard_input_is_read():
    done = gate("check", "-", "--quiet", stdin=Path(ALLOWED[0]).read_text())
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1


def test_colour_is_asked_for_or_not_there():
    assert "\x1b[" in gate("check", *DENIED, "--quiet", "--color", "always").stdout
    assert "\x1b[" not in gate("check", *DENIED, "--quiet", NO_COLOR="1").stdout


def test_a_finding_of_a_saved_decision_is_explained(tmp_path):
    gate("check", *DENIED, "--format", "json", "--output", "d.json", cwd=tmp_path)
    finding = json.loads((tmp_path / "d.json").read_text())["findings"][0]
    done = gate("explain", finding["fingerprint"], "--decision", "d.json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{finding['severity'].upper()} {finding['title']}\n")
    assert done.stdout.count("  Fix: ") == 1
    assert_no_decision(gate("explain", "no-such-thing", "--decision", "d.json", cwd=tmp_path), "no finding")


def test_a_finding_without_its_decision_says_how_to_get_one(tmp_path):
    done = gate("explain", "4448d84700f43f6a", cwd=tmp_path)
    assert_no_decision(done, "gate explain 4448d84700f43f6a --decision decision.json")


def test_rules_are_listed_and_explained():
    listed = json.loads(gate("rules", "--format", "json").stdout)
    assert {"id", "title", "description", "severity", "confidence", "frameworks", "remediation", "package"} == set(
        listed[0]
    )
    assert len(gate("rules").stdout.splitlines()) == len(listed) + 2
    assert "Fix: " in gate("rules", "show", listed[0]["id"]).stdout
    assert_no_decision(gate("rules", "show", "effective-admn"), "Did you mean 'effective-admin'?")


def test_init_writes_a_configuration_that_counts_and_never_over_another(tmp_path):
    assert gate("init", cwd=tmp_path).returncode == 0
    written = (tmp_path / "gate.yaml").read_text()
    assert gate("check", *ALLOWED, "--config", "gate.yaml", cwd=tmp_path).returncode == 0
    (tmp_path / "gate.yaml").write_text("mine")
    assert_no_decision(gate("init", cwd=tmp_path), "exists already", "--force")
    assert (tmp_path / "gate.yaml").read_text() == "mine"
    assert gate("init", "--force", cwd=tmp_path).returncode == 0
    assert (tmp_path / "gate.yaml").read_text() == written


@pytest.mark.parametrize("which", ["decision", "config", "access"])
def test_each_schema_is_printed(which):
    assert json.loads(gate("schema", which).stdout)["$schema"]


def test_the_engine_and_the_bundle_are_told(tmp_path):
    assert Path(gate("engine", "where").stdout.strip()) == find_opa().path
    done = gate("bundle", "--output", "b.tar.gz", cwd=tmp_path)
    assert re.fullmatch(r"b\.tar\.gz: revision [0-9a-f]{64}\n", done.stdout)
    assert (tmp_path / "b.tar.gz").stat().st_size > 1000


def test_the_version_needs_nothing_slow():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "gate", "--version"],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("gate ")
    loaded = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert not loaded & {
        "requests",
        "rich",
        "rich.console",
        "jsonschema",
        "yaml",
        "hcl2",
        "detect_secrets",
        "opa_client",
    }


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "Missing command"),
        (["chek"], "No such command"),
        (["check"], "Missing argument"),
        (["check", "--formt", "json", "x"], "No such option"),
        (["check", "x", "--format", "xml"], "--format xml: no such format"),
        (["check", "x", "--format", "json", "--format", "sarif"], "two reports on standard output"),
        (["check", "x", "--format", "sarif="], "a file name is expected"),
        (["check", "x", "--output", "a", "--format", "json=b"], "--output a"),
        (["check", "x", "--format", "json=a", "--format", "sarif=./a"], "overwrite"),
        (["check", "plan.json", "--output", "plan.json"], "overwrite an input"),
        (["check", "x", "--output", "missing/report"], "missing/report: the report cannot be written there"),
        (["check", "x", "--output", "/dev/full"], "x"),
        (["check", "x", "--scope", "some"], "--scope"),
        (["check", "x", "--timeout", "-1"], "--timeout"),
        (["check", "x", "--policy", "missing"], "missing"),
        (["check", "x", "--config", "missing.yaml"], "missing.yaml"),
        (["check", "missing\x1b[31m::error::\n\u202e.json"], "missing\\x1b[31m::error::\n  \\u202e.json"),
        (["explain", "x", "--decision", "missing.json"], "missing.json: cannot be read"),
        (["bundle", "--output", "missing/b"], "missing/b"),
    ],
)
def test_wrong_usage_is_2_in_one_sentence(tmp_path, arguments, expected):
    (tmp_path / "plan.json").write_bytes(b"{}")
    assert_no_decision(gate(*arguments, cwd=tmp_path), expected)
    assert (tmp_path / "plan.json").read_bytes() == b"{}"


PLAN = {
    "format_version": "1.2",
    "terraform_version": "1.11.4",
    "planned_values": {},
    "resource_changes": [],
    "configuration": {},
}
BAD = {
    "empty.json": b"",
    "truncated.json": b'{"format_version": "1.2", "resource_ch',
    "latin1.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: caf\xe9}\n".encode("latin-1"),
    "bomb.yaml": b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (n + 1, n + 1, b",".join([b"*%c" % n] * 9)) for n in range(97, 107)),
    "deep.json": b"[" * 2000 + b"]" * 2000,
    "deep.yaml": b"a: " + b"[" * 2000 + b"]" * 2000,
    "duplicate.json": b'{"format_version": "1.2", "format_version": "9.9", "resource_changes": []}',
    "future.json": json.dumps(PLAN | {"format_version": "9.0"}).encode(),
    "terraform.tfstate": json.dumps({"version": 4, "terraform_version": "1.11.4", "resources": []}).encode(),
    "errored.json": json.dumps(PLAN | {"errored": True}).encode(),
    "main.tf": b'resource "aws_iam_role" "r" {}\n',
    "notes.txt": b"hello\n",
    "list.json": b"[1, 2, 3]",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_no_decision_in_one_sentence(tmp_path, name):
    (tmp_path / name).write_bytes(BAD[name])
    started = time.monotonic()
    assert_no_decision(gate("check", name, cwd=tmp_path), name)
    assert time.monotonic() - started < 20


def test_a_folder_without_inputs_is_no_decision(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "readme.txt").write_text("x")
    assert_no_decision(gate("check", "folder", cwd=tmp_path), "folder")


def test_an_input_that_cannot_be_read_is_no_decision(tmp_path):
    (tmp_path / "loop.json").symlink_to("loop.json")
    assert_no_decision(gate("check", "loop.json", cwd=tmp_path), "loop.json")
    assert_no_decision(gate("check", "-", cwd=tmp_path))  # standard input is empty


def test_an_unknown_key_in_the_configuration_names_the_nearest(tmp_path):
    (tmp_path / "gate.yaml").write_text("version: 1\ndeny_form: low\n")
    assert_no_decision(gate("check", *ALLOWED, cwd=tmp_path), "gate.yaml", "deny_form", "deny_from")


def test_nothing_to_judge_is_an_allow_that_says_so(tmp_path):
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    done = gate("check", "plan.json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].startswith("ALLOW: nothing to judge: ")


def test_a_full_disk_is_no_decision():
    done = gate("check", *ALLOWED, "--format", "json", "--output", "/dev/full")
    assert_no_decision(done, "/dev/full: the report could not be written")


def test_a_reader_that_stops_early_changes_no_verdict():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "gate", "check", *DENIED],
        env=environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_an_interrupted_check_is_no_decision():
    process = subprocess.Popen(
        [sys.executable, "-m", "gate", "check", "-"],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")  # OPA runs: the check is under way
    deadline = time.monotonic() + (30 if children.exists() else 3)
    while time.monotonic() < deadline and not (children.exists() and children.read_text().strip()):
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=30)
    assert (process.returncode, told) == (2, ("", "gate: error: interrupted\n  no decision was made\n"))


@pytest.mark.parametrize("command", ["check", "diff", "explain"])
def test_what_takes_longer_than_it_may_is_no_decision(command: str):
    reading, writing = os.pipe()  # nothing ever comes
    done = subprocess.run(
        [sys.executable, "-m", "gate", command, "-"],
        env=environment() | {"GATE_TIME_LIMIT": "1"},
        stdin=reading,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(reading)
    os.close(writing)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "gate: error: the check did not finish within 1 s\n"
        "  Check the parts of the change one by one, or give it more time: --time-limit SECONDS.\n"
        "  no decision was made\n"
    )


CRASH = """
import sys, gate.pipeline
def broken(paths, **options):
    password = "hunter2"
    raise RuntimeError("the input says " + password)
gate.pipeline.check = broken
from gate.cli import main
sys.argv = ["gate", "check", "x"]
main()
"""


@pytest.mark.parametrize("debug", ["0", "1"])
def test_a_bug_of_ours_is_no_decision_and_echoes_nothing(debug):
    done = subprocess.run(
        [sys.executable, "-c", CRASH], env=environment(GATE_DEBUG=debug), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "unexpected RuntimeError: this is a bug in the gate" in done.stderr
    assert done.stderr.endswith("\n  no decision was made\n")
    assert "hunter2" not in done.stderr
    assert ("in broken" in done.stderr) == (debug == "1")
