"""What every test shares. A skip is visible, and in CI it is a failure: a test that never runs proves nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gate.engine.engine import Engine

ROOT = Path(__file__).parents[1]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("CI") and terminalreporter.stats.get("skipped"):
        terminalreporter.section("skipped tests fail in CI", red=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and exitstatus == 0 and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of real inputs."""
    return ROOT / "fixtures"


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """One engine for all who judge the fixtures as they are; what one test judged, another need not judge again."""
    with Engine() as running:
        yield running


@pytest.fixture(scope="session")
def terraform_offline() -> None:
    """Terraform, and the gate's inert provider. No other provider is needed, and no network."""
    from gate.inputs.terraform.evaluation.inert_program import install_program
    from gate.inputs.terraform.evaluation.terraform import find_terraform

    terraform = find_terraform()
    if terraform is None or not terraform.evaluates:
        pytest.skip("needs Terraform or OpenTofu")
    install_program()
