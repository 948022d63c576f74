import json

import pytest

from gate.engine.bundle import rego_root
from gate.engine.shape import compile_schema

SCHEMA = rego_root() / "schema" / "envelope.json"


def _paths(value, path=()):
    yield path
    if isinstance(value, dict | list):
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _paths(member, (*path, key))


def _replaced(value, path, instead):
    if not path:
        return instead
    copy = value.copy()
    copy[path[0]] = _replaced(value[path[0]], path[1:], instead)
    return copy


def test_a_true_envelope_passes(admin):
    assert compile_schema(SCHEMA)(admin) is None


def test_it_agrees_with_jsonschema_about_every_damage(admin):
    import jsonschema

    check = compile_schema(SCHEMA)
    slow = jsonschema.Draft7Validator(json.loads(SCHEMA.read_bytes()))
    damaged = [_replaced(admin, path, bad) for path in _paths(admin) for bad in ("oops", 7, True, None, [], {}, [1])]

    assert [d for d in damaged if (check(d) is None) != slow.is_valid(d)] == []


def test_the_place_is_told_and_the_value_is_not(admin):
    admin["access"]["grants"]["g1"]["resources"] = ["*", {"s3cr3t": 1}]

    assert compile_schema(SCHEMA)(admin) == ".access.grants.g1.resources[1]: expected string, found dict"


@pytest.mark.parametrize(
    ("field", "word"), [("kind", "rolle"), ("platform", "amazon"), ("change", "created"), ("all_access", "yes")]
)
def test_a_word_that_is_none_of_its_enumeration_is_no_envelope(admin, field, word):
    admin["access"]["identities"]["aws_iam_role.r"][field] = word
    wrong = compile_schema(SCHEMA)(admin)
    assert wrong is not None
    assert wrong.startswith(f".access.identities.aws_iam_role.r.{field}: expected one of ")
    assert word not in wrong


def test_a_keyword_that_would_go_unchecked_is_refused(tmp_path):
    (tmp_path / "schema.json").write_text('{"type": "string", "maxLength": 3}', encoding="utf-8")
    with pytest.raises(ValueError, match="maxLength"):
        compile_schema(tmp_path / "schema.json")
