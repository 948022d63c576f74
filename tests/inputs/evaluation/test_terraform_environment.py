"""What Terraform gets of the caller's environment, and what of its words is passed on."""

from __future__ import annotations

import pytest

from gate.inputs.evaluation.terraform import environment
from gate.inputs.terraform_source import _diagnosed


@pytest.mark.parametrize("name", ["TF_LOG", "TF_LOG_PATH", "TF_DATA_DIR", "TF_CLI_ARGS_test", "TF_REATTACH_PROVIDERS"])
def test_settings_that_lead_out_of_the_copy_stay_behind(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "/elsewhere")
    assert name not in environment(offline=True)
    assert name not in environment(offline=False)


@pytest.mark.parametrize(
    "summary",
    [
        "expected length of password to be in the range (8 - 128), got hunter2-Zx",
        '"password" cannot be "hunter2-Zx"',
        "invalid value: `hunter2-Zx`",
    ],
)
def test_a_value_that_a_provider_complains_about_is_not_passed_on(summary: str) -> None:
    error = {"summary": summary, "range": {"filename": "main.tf", "start": {"line": 3}}}
    said = _diagnosed([error])
    assert said.startswith("main.tf:3: ")
    assert "hunter2" not in said
