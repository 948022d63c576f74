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
def terraform_offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Terraform that finds the AWS provider in the file system mirror ``GATE_PROVIDER_MIRROR``."""
    from gate.inputs.evaluation.terraform import find_terraform

    mirror = os.environ.get("GATE_PROVIDER_MIRROR")
    terraform = find_terraform()
    if not mirror or terraform is None or not terraform.evaluates:
        pytest.skip("needs Terraform ≥ 1.11 and GATE_PROVIDER_MIRROR=<folder of a provider file system mirror>")
    folder = tmp_path_factory.mktemp("terraform")
    settings = folder / "terraform.rc"
    settings.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TF_CLI_CONFIG_FILE", str(settings))
        yield
