"""A word that a shipped rule compares a field with is one that the field can hold: ``opa check`` does not look."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from gate.engine.binary import find_opa
from gate.engine.bundle import rego_root
from gate.engine.organisation_policies import run_opa
from gate.model import access
from gate.model.contract import fields_of, is_fact, without_null

_COMPARING = {"equal", "eq", "neq", "member_2"}
FACTS = {
    re.sub(r"(?<=[a-z])(?=[A-Z])", "_", fact.__name__).lower(): fact for fact in vars(access).values() if is_fact(fact)
}


def _words(holder: str, field: str) -> set[str] | None:
    """What a field can hold: of the fact that its holder is named after, else of every fact that has such a field."""
    facts = [FACTS[holder]] if holder in FACTS else FACTS.values()
    hints = [without_null(f.hint)[0] for fact in facts for f in fields_of(fact) if f.name == field]
    if not hints or any(get_origin(hint) is not Literal for hint in hints):
        return None
    return {word for hint in hints for word in get_args(hint)}


def _compared(tree: Any) -> Iterator[tuple[str, str, str]]:
    """``(holder, field, text)`` of every comparison of ``….holder.field`` with texts."""
    if isinstance(tree, list):
        if len(tree) == 3 and isinstance(tree[0], dict) and tree[0].get("type") == "ref":
            called = tree[0]["value"][-1]["value"]
            for one, other in (tree[1:], tree[:0:-1]) if called in _COMPARING else ():
                if one["type"] == "ref" and len(one["value"]) > 1:
                    holder, field = (part["value"] for part in one["value"][-2:])
                    texts = other["value"] if other["type"] in ("set", "array") else [other]
                    yield from ((str(holder), str(field), t["value"]) for t in texts if t["type"] == "string")
        for member in tree:
            yield from _compared(member)
    elif isinstance(tree, dict):
        yield from _compared(list(tree.values()))


def _wrong(path: Path) -> tuple[int, list[str]]:
    """How many words were looked at, and those that no field can hold."""
    found = set(_compared(json.loads(run_opa(find_opa(), "parse", "--format=json", str(path)).stdout)))
    known = [(f"{holder}.{field}", text, words) for holder, field, text in found if (words := _words(holder, field))]
    return len(known), [f"{path.name}: {field} is never {text!r}" for field, text, words in known if text not in words]


def test_every_word_of_the_shipped_rules_is_one_that_its_field_can_hold():
    files = [p for p in (rego_root() / "gate").rglob("*.rego") if not p.name.endswith("_test.rego")]
    looked_at, wrong = zip(*map(_wrong, files), strict=True)
    assert sum(wrong, []) == []
    assert sum(looked_at) > 40


@pytest.mark.parametrize(
    ("condition", "wrong"),
    [
        ('identity.kind == "rolle"', ["identity.kind is never 'rolle'"]),
        ('edge.principal.kind in {"oidc", "oicd"}', ["principal.kind is never 'oicd'"]),
        ('grant.form != "Actions"', ["grant.form is never 'Actions'"]),
        ('"internett" == found.exposure', ["found.exposure is never 'internett'"]),
        ('not unknown.what == "policy-document"', ["unknown.what is never 'policy-document'"]),
        ('edge.principal.kind == "oidc"', []),
        ('workload.kind == "any text"', []),
    ],
)
def test_a_wrong_word_is_found(tmp_path, condition, wrong):
    rule = tmp_path / "r.rego"
    rule.write_text(f"package r\n\na if {{\n\t{condition}\n}}\n")
    assert _wrong(rule)[1] == [f"r.rego: {text}" for text in wrong]
