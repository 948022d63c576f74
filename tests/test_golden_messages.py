"""The wording of a finding is compared in one place of each rule's tests, so that it is changed in one place."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

RULES = Path(__file__).parents[1] / "rego" / "gate" / "rules"
_TEXT = r'"((?:[^"\\\n]|\\.)*)"'
_JOINED = re.compile(rf'concat\("( ?)", \[\s*((?:{_TEXT},?\s*)+)\]\)')
_SHARED = 9
"""Words at the end of two sentences that are the same: more than happens by chance."""


def _sentences(text: str) -> list[str]:
    """Whole sentences that the file compares, those of a remedy aside; parts that ``concat`` joins are one."""
    joined = _JOINED.sub(lambda m: '"' + m[1].join(re.findall(_TEXT, m[2])) + '"', text)
    found = [(m.start(), m[1]) for m in re.finditer(_TEXT, joined)]
    return [said for at, said in found if said.endswith(".") and "remediation" not in joined[max(0, at - 20) : at]]


@pytest.mark.parametrize("path", sorted(RULES.rglob("*_test.rego")), ids=lambda path: path.stem)
def test_no_two_literals_share_their_wording(path: Path) -> None:
    ends = Counter(" ".join(said.split()[-_SHARED:]) for said in _sentences(path.read_text(encoding="utf-8")))
    assert {end for end, times in ends.items() if times > 1 and len(end.split()) == _SHARED} == set()
