"""What docs/pipelines.md shows runs as its platform runs it, and is judged by the rules that the platform documents."""

import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "pipelines.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"<!-- runs in tests/test_pipelines.py -->\n```(\w+)\n(.*?)```", PAGE, re.DOTALL)
GITLAB, NOTE, ATLANTIS = (yaml.safe_load(text) for kind, text in BLOCKS if kind == "yaml")
(SHELL,) = (text for kind, text in BLOCKS if kind == "sh")
DEMO = ROOT / "fixtures" / "demo"
VERDICTS = {"denied": 1, "allowed": 0}


@pytest.fixture
def folder(tmp_path):
    """A working copy with an empty configuration, and ``gate`` as the only program of its name."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "gate"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m gate "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "gate.yaml").write_text("version: 1\n", encoding="utf-8")
    return tmp_path


def shell(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", **variables}
    return subprocess.run(
        ["sh", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("demo", "status"), VERDICTS.items())
def test_gitlab(folder, demo, status):
    (folder / "plan.json").write_bytes((DEMO / demo / "plan.json").read_bytes())
    (folder / "k8s").symlink_to(DEMO / demo / "k8s")
    script = "\n".join(GITLAB["gate"]["script"]).replace("/tmp/gate.yaml", str(folder / "gate.yaml"))
    done = shell(script, folder)

    assert done.returncode == status, done.stderr
    reports = GITLAB["gate"]["artifacts"]["reports"]
    entries = json.loads((folder / reports["codequality"]).read_text())
    failures = ElementTree.parse(folder / reports["junit"]).findall(".//failure")
    assert bool(failures) == bool([e for e in entries if e["severity"] != "info"]) == bool(status)
    assert [(folder / path).is_file() for path in GITLAB["gate"]["artifacts"]["paths"]] == [True]


def test_the_note_of_a_merge_request(folder):
    """POST /projects/:id/merge_requests/:merge_request_iid/notes, https://docs.gitlab.com/api/notes/"""
    asked = []

    class GitLab(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.append((self.path, self.headers["PRIVATE-TOKEN"], parse_qs(body)["body"][0]))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_):
            pass

    (folder / "note.md").write_text("## Denied\n\n1 < 2 & 3 = 4 + 1%\n", encoding="utf-8")
    with HTTPServer(("127.0.0.1", 0), GitLab) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        variables = {
            "CI_API_V4_URL": f"http://127.0.0.1:{server.server_port}/api/v4",
            "CI_PROJECT_ID": "7",
            "CI_MERGE_REQUEST_IID": "12",
            "GATE_NOTE_TOKEN": "glpat",
        }
        done = shell("\n".join(NOTE["gate-note"]["script"]), folder, **variables)
        server.shutdown()

    assert done.returncode == 0, done.stderr
    assert asked == [("/api/v4/projects/7/merge_requests/12/notes", "glpat", "## Denied\n\n1 < 2 & 3 = 4 + 1%\n")]


def atlantis_passes(done: subprocess.CompletedProcess[str]) -> bool:
    """https://www.runatlantis.io/docs/custom-policy-checks: a status other than 0 drops the output, and none fails."""
    text = done.stdout if done.returncode == 0 else ""
    counted = re.search(r"\b([1-9]\d*) failures?", text)
    return bool(text.strip()) and not text.lstrip().startswith("FAIL") and not counted and 'failures": [' not in text


@pytest.mark.parametrize(
    ("plan", "passes"), [("denied/plan.json", False), ("allowed/plan.json", True), ("none", False)]
)
def test_atlantis(folder, plan, passes):
    (step,) = [s["run"] for s in ATLANTIS["workflows"]["gate"]["policy_check"]["steps"] if isinstance(s, dict)]
    step = step.replace("/etc/atlantis/gate.yaml", str(folder / "gate.yaml"))
    done = shell(step, folder, SHOWFILE=str(DEMO / plan))

    assert done.returncode == 0
    assert atlantis_passes(done) == passes
    assert len(done.stdout.splitlines()) > 1


@pytest.mark.parametrize(("demo", "status"), VERDICTS.items())
def test_a_shell(folder, demo, status):
    terraform = folder / "bin" / "terraform"
    terraform.write_text(f'#!/bin/sh\n[ "$*" = "show -json plan.tfplan" ] && exec cat {DEMO / demo / "plan.json"}\n')
    terraform.chmod(0o755)
    done = shell(SHELL, folder)

    assert done.returncode == status, done.stderr
    assert (folder / "gate.xml").is_file()
