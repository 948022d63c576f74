"""A check of a directory that is ended early leaves nothing behind: no file, no process, no decision."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("terraform_offline")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_check_that_is_ended_leaves_nothing_behind(tmp_path, how):
    root, temporary = tmp_path / "root", tmp_path / "tmp"
    root.mkdir()
    temporary.mkdir()
    source = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
    (root / "main.tf").write_text(source + 'resource "aws_sqs_queue" "q" {}\n')
    environment = os.environ | {"TMPDIR": str(temporary)}
    process = subprocess.Popen(
        [sys.executable, "-m", "gate", "check", str(root)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert _soon(lambda: _below(temporary, "aws")), "Terraform did not start"
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (2, "", "gate: error: interrupted\n  no decision was made\n")
    assert [p.name for p in root.iterdir()] == ["main.tf"]
    assert _soon(lambda: not any(temporary.iterdir()))
    assert _soon(lambda: not _running_in(temporary)), "a process of Terraform is left"


def _below(folder: Path, text: str) -> bool:
    return any(text in str(path) for path in folder.rglob("*"))


def _running_in(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink().is_relative_to(folder):
                found.append((entry / "cmdline").read_text())
        except OSError:
            continue
    return found


def _soon(condition, seconds: float = 30.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False
