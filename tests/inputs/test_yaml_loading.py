"""Words of YAML mean what they mean to Kubernetes (go-yaml v2), and structure what libyaml says."""

import math

import pytest

from gate.inputs.text.yaml.loading import load_documents


def value(text):
    (document,) = load_documents(text)
    assert document.problem is None, document.problem
    return document.value


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *((w, True) for w in ("y", "Y", "yes", "Yes", "YES", "on", "On", "true", "True")),
        *((w, False) for w in ("n", "N", "no", "No", "off", "OFF", "false", "FALSE")),
        *((w, None) for w in ("~", "null", "Null", "")),
        ("0", 0),
        ("12", 12),
        ("-1", -1),
        ("+1", 1),
        ("1_000", 1000),
        ("0777", 511),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b101", 5),
        ("09", 9.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("22:22", "22:22"),
        ("2020-01-01", "2020-01-01"),
        ("1.2.3", "1.2.3"),
        ("yEs", "yEs"),
        (".inf", ".inf"),
        ("1Gi", "1Gi"),
        ("'yes'", "yes"),
        ('"1"', "1"),
        ("!!str 1", "1"),
        ("! 1", "1"),
        ("!!int 1", 1),
        ("!!float 1", 1),
        ("!!bool yes", True),
        ("!!null null", None),
    ],
)
def test_words(word, expected):
    found = value(f"a: {word}\n")["a"]
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    "tag", ["!!int x", "!!python/object:os.system x", "!Ref x", "!!binary eA==", "!!set {a}", "!x [a]"]
)
def test_tags_outside_the_safe_set_are_a_problem(tag):
    (document,) = load_documents(f"a: {tag}\n")
    assert (document.problem, document.problem_line) == ("a tag that Kubernetes does not support", 1)


def test_keys_are_text():

    assert value("1: a\non: c\n1.5: d\n") == {"1": "a", "true": "c", "1.5": "d"}


def test_merge_keys():
    text = "a: &a {x: 1, w: 2}\nb: &b {w: 3, z: 4}\nc:\n  x: 0\n  <<: [*a, *b]\nd: {<<: *b}\n"
    assert value(text)["c"] == {"x": 0, "w": 2, "z": 4}
    assert value(text)["d"] == value(text)["b"]


def test_block_scalars_and_their_lines():
    (document,) = load_documents("a: |\n  one\n  two\nb: >-\n  x\n  w\n")
    assert document.value == {"a": "one\ntwo\n", "b": "x w"}
    assert (document.lines, document.end_line) == ({(): 1, ("a",): 1, ("b",): 4}, 6)


def test_three_dashes_inside_a_block_scalar_are_text():
    assert value("a: |\n  ---\n  b\n") == {"a": "---\nb\n"}


def test_directives_and_document_ends():
    assert [d.value for d in load_documents("%YAML 1.1\n---\na: 1\n...\n---\nb: 1\n...\n# end\n")] == [
        {"a": 1},
        {"b": 1},
    ]


def test_aliases_may_stand_for_much_but_not_too_much():
    text = "a: &a [" + "1," * 1000 + "]\nb: [" + "*a," * 900 + "]\n"
    assert len(value(text)["b"]) == 900
    (document,) = load_documents("a: &a [" + "1," * 1000 + "]\nb: [" + "*a," * 1100 + "]\n")
    assert (document.broken, document.problem_line) == (True, 2)


def test_a_hundred_levels_are_read():
    found = value("[" * 100 + "]" * 100)
    depth = 0
    while isinstance(found, list):
        depth, found = depth + 1, found[0] if found else math.nan
    assert depth == 100


@pytest.mark.parametrize(
    "text",
    [
        "--- {a: 1}",
        "---\n{a: 1}",
        "--- # c\na: 1",
        "# c\u2028a: 1\n",
        "# c\ra: 1\n",
        "%YAML 1.1\n---\na: 1",
        "---\ta: 1",
        " a: 1",
    ],
)
def test_no_spelling_hides_a_document(text):
    assert [d.value for d in load_documents(text)] == [{"a": 1}] or [d.broken for d in load_documents(text)] == [True]


@pytest.mark.parametrize(
    "text", ["", "\n", "---\n", "---\n# c\n---\n", "---\n...\n", "null\n", "# c", "\ufeff# c\n---\n"]
)
def test_empty_documents_are_left_out(text):
    assert list(load_documents(text)) == []
