"""Effective access against another evaluator's answers: conditions, boundaries, control policies and resource policies.

The judge is @cloud-copilot/iam-simulate, which shares no code with ours. ``judged.jsonl`` holds its answers, with its
version and their date in the first line; ``tools/generate/judged_access.py`` asks it anew, and more of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.extract.aws.judged_worlds import REQUESTS, differences

LINES = Path(__file__).with_name("judged.jsonl").read_text(encoding="utf-8").splitlines()
WORLDS: list[dict[str, Any]] = [json.loads(line) for line in LINES[1:]]
ALLOW_ALL = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]


def test_no_unexplained_difference() -> None:
    assert [difference for one in WORLDS for difference in differences(one)] == []


def test_the_questions_ask_for_everything_that_is_compared() -> None:
    source = json.loads(LINES[0])
    assert source["judge"] == "@cloud-copilot/iam-simulate" and source["version"] and source["date"]
    asked = [
        statement for one in WORLDS for layer in ("boundary", "control", "resource") for statement in one[layer] or ()
    ]
    assert all(sum(one[layer] is not None for one in WORLDS) > 50 for layer in ("boundary", "control", "resource"))
    assert {"NotAction", "NotResource", "Condition", "Principal"} <= {key for statement in asked for key in statement}
    answers = "".join(row for one in WORLDS for row in one["allowed"])
    assert len(answers) >= 3000 and answers.count("1") > 200


@pytest.mark.parametrize("layer", ["boundary", "control"])
def test_the_comparison_sees_a_layer_that_is_left_out(layer: str) -> None:
    """A difference that is put in is found: else finding none would say nothing."""
    limited = [one for one in WORLDS if one[layer] is not None]
    assert any(list(differences(one | {layer: None})) for one in limited)


def test_the_comparison_sees_access_that_is_missed() -> None:
    held = next(one for one in WORLDS if "1" in one["allowed"][0])
    everything = {"contexts": held["contexts"], "caller": held["caller"], "boundary": None, "control": None}
    wrong = everything | {"policies": [], "resource": None, "conditions": [], "holds": ["", ""]}
    wrong["allowed"] = ["1" * len(REQUESTS)] * 2
    assert len(list(differences(wrong))) == 2 * len(REQUESTS)
    right = wrong | {"policies": [ALLOW_ALL]}
    assert list(differences(right)) == []
