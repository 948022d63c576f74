"""``make rule`` writes a rule that works: it is tested, fires on one fixture, and is silent on the other."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gate.engine.binary import find_opa
from tools import new_rule

ROOT = Path(__file__).parents[1]
COPIED = ("gate", "rego", "tools")
TESTS = ("__init__.py", "conftest.py", "judging.py", "test_rules_fire.py")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, in which the rule was made."""
    copy = tmp_path_factory.mktemp("tree")
    for folder in COPIED:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    (copy / "docs").mkdir()
    (copy / "tests").mkdir()
    for name in TESTS:
        shutil.copy(ROOT / "tests" / name, copy / "tests")
    shutil.copy(ROOT / "pyproject.toml", copy)
    made = _run(copy, sys.executable, "-m", "tools.new_rule", "stale-token", "credentials")
    assert made.returncode == 0, made.stderr
    return copy


def _run(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"CI", "PYTHONPATH"}}
    return subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=False)


def test_it_fires_on_one_fixture_and_is_silent_on_the_other(tree: Path) -> None:
    done = _run(tree, sys.executable, "-m", "pytest", "tests/test_rules_fire.py", "-k", "stale-token", "-q")
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_its_own_tests_pass_and_reach_every_line(tree: Path) -> None:
    opa = find_opa().path
    done = _run(tree, opa, "test", "rego", "--run", "stale_token_test", "--coverage", "--format", "json")
    reached = json.loads(done.stdout)["files"]
    assert reached["rego/gate/rules/credentials/stale_token/stale_token.rego"]["coverage"] == 100
    assert "PASS: 2/2" in _run(tree, opa, "test", "rego", "--run", "stale_token_test").stdout


def test_it_is_checked_formatted_and_on_the_page_of_rules(tree: Path) -> None:
    opa = find_opa().path
    assert _run(tree, opa, "check", "--strict", "-s", "rego/schema", "rego").returncode == 0
    assert _run(tree, opa, "fmt", "--list", "rego").stdout == ""
    assert "## stale-token" in (tree / "docs" / "rules.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "category", "why"),
    [
        ("Stale", "credentials", "lower-case words with hyphens"),
        ("stale-token", "nowhere", "the categories are access, credentials,"),
        ("wildcard-actions", "access", "a rule of this name already"),
    ],
)
def test_what_does_not_fit_writes_nothing(name: str, category: str, why: str, tmp_path: Path) -> None:
    for folder in (ROOT / "rego/gate/rules").iterdir():
        (tmp_path / "rego/gate/rules" / folder.name).mkdir(parents=True)
    with pytest.raises(new_rule.Refused, match=why):
        new_rule.write(tmp_path, name, category)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_make_calls_it() -> None:
    done = _run(ROOT, "make", "--dry-run", "rule", "NAME=stale-token", "CATEGORY=credentials")
    assert '-m tools.new_rule "stale-token" "credentials"' in done.stdout
