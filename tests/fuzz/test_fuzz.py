"""A bounded run of the fuzzer over each reader: what it finds is a crash, a hang, or an unreadable input that was read.

``python -m tests.fuzz.run READER FOLDER -runs=N`` runs longer. What it finds becomes a test of its own beside the
reader's, and what reaches further stays in ``corpus/``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris", reason="needs atheris, which has wheels for Linux on x86_64 alone")

FOLDER = Path(__file__).parent
SECONDS = 10
READERS = ("plan", "manifests", "hcl", "policy", "config", "review")


@pytest.mark.parametrize("reader", READERS)
def test_whatever_is_read_ends_with_facts_or_a_sentence(reader: str, tmp_path: Path):
    bounds = [f"-max_total_time={SECONDS}", "-seed=1", "-verbosity=0"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", reader, tmp_path / reader, *bounds],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(FOLDER.parents[1])},
        capture_output=True,
        text=True,
        timeout=20 * SECONDS,
        check=False,
    )
    crashes = {path.name: path.read_bytes()[:2000] for path in (tmp_path / reader).glob("*-*") if path.name[0] in "cto"}
    assert (done.returncode, crashes) == (0, {}), done.stderr[-4000:]
    runs = int(done.stderr.partition("number_of_executed_units:")[2].split()[0])
    assert runs > 100, "it hardly ran"


@pytest.mark.parametrize("reader", READERS)
def test_what_was_found_before_is_still_read(reader: str):
    from tests.fuzz.readers import READERS as readers

    kept = sorted((FOLDER / "corpus" / reader).glob("*"))
    assert kept
    for path in kept:
        readers[reader](path.read_bytes())
