"""What users of the peers complain of, each as a change with the whole decision it has to get (``fixtures/cases``)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gate.engine.engine import Engine
from tests.judging import FIXTURES, judged

CASES = sorted(folder.parent for folder in (FIXTURES / "cases").glob("*/expected.json"))


def _place(location: dict[str, Any] | None) -> str:
    return f"{Path(location['file']).name}:{location['line']}" if location else "nowhere"


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_case(folder: Path, engine: Engine) -> None:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    decision = judged(folder, engine)
    found = [
        {"rule": f.rule, "identity": f.identity or f.address, "change": f.change, "confidence": f.confidence}
        for f in decision.findings
    ]
    assert (decision.verdict, found) == (expected["verdict"], expected["findings"]), expected["why"]
    radii = {identity.id: identity.blast_radius for identity in decision.identities}
    for identity, radius in expected.get("blast_radius", {}).items():
        assert {name: radii[identity][name] for name in radius} == radius, identity
    if "severities" in expected:
        severities = {f.identity or f.address: {} for f in decision.findings}
        for f in decision.findings:
            severities[f.identity or f.address][f.rule] = f.severity
        assert severities == expected["severities"]
    if "paths" in expected:
        told = [finding for finding in decision.findings if finding.path]
        paths = {f.identity: [[step["from"], step["via"], step["to"]] for step in f.path] for f in told}
        assert paths == expected["paths"]
    for about, words in expected.get("says", {}).items():
        sentences = [f.message for f in decision.findings if about == f"{f.rule} {f.identity or f.address}"]
        assert [s for s in sentences if words in s], sentences
    if "locations" in expected:
        assert [_place(f.location) for f in decision.findings] == expected["locations"]
