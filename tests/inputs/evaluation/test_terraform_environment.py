"""What Terraform gets of the caller's environment, and what of its words is passed on."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.inputs.terraform.evaluation.planning import diagnosed
from gate.inputs.terraform.evaluation.terraform import environment


def test_of_the_callers_environment_only_values_of_variables_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "TF_LOG", "TF_CLI_ARGS_plan", "TF_REATTACH_PROVIDERS", "TF_DATA_DIR", "CI"):
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("TF_VAR_stage", "prod")
    given = environment(Path("/private"))
    assert sorted(given) == [
        "CHECKPOINT_DISABLE",
        "GOGC",
        "HOME",
        "PATH",
        "TF_CLI_CONFIG_FILE",
        "TF_DISABLE_PLUGIN_TLS",
        "TF_INPUT",
        "TF_IN_AUTOMATION",
        "TF_VAR_stage",
        "TMPDIR",
    ]
    assert "/elsewhere" not in given.values()


@pytest.mark.parametrize(
    "summary",
    [
        "expected length of password to be in the range (8 - 128), got hunter2-Zx",
        '"password" cannot be "hunter2-Zx"',
        "invalid value: `hunter2-Zx`",
    ],
)
def test_a_value_that_terraform_complains_about_is_not_passed_on(summary: str) -> None:
    error = {"summary": summary, "range": {"filename": "main.tf", "start": {"line": 3}}}
    said = diagnosed([error])
    assert said.startswith("main.tf:3: ")
    assert "hunter2" not in said
