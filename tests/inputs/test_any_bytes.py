"""Whatever the bytes: documents or a ``GateError``, soon, and nothing else."""

import contextlib
import io
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gate.errors import GateError
from gate.inputs.config import load_config
from gate.inputs.recognise import read_documents
from gate.inputs.terraform.expression_references import references
from gate.inputs.text.hcl.blocks import expressions, top_level_blocks
from gate.inputs.text.strict_json import load_json
from gate.inputs.text.yaml.loading import load_documents

PLAN_KEYS = st.sampled_from(
    ["format_version", "resource_changes", "planned_values", "prior_state", "configuration", "values", "root_module"]
    + [
        "resources",
        "change",
        "actions",
        "before",
        "after",
        "address",
        "mode",
        "type",
        "name",
        "module_address",
        "index",
    ]
    + ["module_calls", "module", "outputs", "expression", "expressions", "references", "variables", "provider_config"]
    + ["complete", "errored", "deposed", "child_modules", "apiVersion", "kind", "metadata", "items"]
)
TEXTS = st.sampled_from(
    ["1.2", "a", "a.b", "module.m", "var.x", "create", "no-op", "managed", "v1", "List", "PodList", ""]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PLAN_KEYS, inner, max_size=6),
    max_leaves=20,
)
PLANS = st.fixed_dictionaries({"format_version": st.just("1.2"), "resource_changes": VALUES}, optional={
    "configuration": VALUES, "prior_state": VALUES, "variables": VALUES, "complete": VALUES, "deferred_changes": VALUES,
})  # fmt: skip
PIECES = [
    *("apiVersion: v1\n", "kind: Pod\n", "metadata: ", "{name: a}\n", "name: a\n", "items:\n", "- ", "  "),
    *(
        "kind: List\n",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "&a ",
        "*a ",
        "<<: ",
        "[",
        "]",
        "{",
        "}",
        ",",
        ": ",
        "? ",
        "|\n",
        ">-\n",
        "\t",
    ),
    *("!!int ", "!x ", "'", '"', "#", "\n", "é", "y", "0x1f", "-.5e3", "1_0"),
]
YAML = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
HCL = st.text(st.sampled_from('resource "a" "b" {}\n<<-EOT\n${}%#/*\\='), max_size=80)
SOON = settings(max_examples=150, deadline=10_000, suppress_health_check=[HealthCheck.too_slow])


def read(data: bytes) -> None:
    try:
        documents = read_documents(["-"], stdin=io.BytesIO(data))
    except GateError as error:
        assert error.message
        return
    assert documents.files
    for plan in documents.plans:
        for address, resource in plan.resources.items():
            for attribute in resource.expressions:
                references(plan, address, (attribute, 0, "a"))


@SOON
@given(st.binary(max_size=200))
def test_bytes(data):
    read(data)


@SOON
@given(VALUES | PLANS)
def test_json(value):
    read(json.dumps(value).encode())


@SOON
@given(YAML)
def test_yaml(text):
    read(text.encode())


@SOON
@given(st.text(max_size=200))
def test_text(text):
    list(load_documents(text))
    with contextlib.suppress(GateError):
        load_json(text, "text")


@SOON
@given(HCL)
def test_terraform_source(text):
    for block in top_level_blocks(text):
        assert 1 <= block.line <= block.end_line <= text.count("\n") + 1
        assert text[block.end - 1] == "}"
        expressions(text[block.body : block.end - 1])


@settings(SOON, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    YAML
    | st.recursive(st.none() | TEXTS, lambda i: st.lists(i) | st.dictionaries(TEXTS, i), max_leaves=8).map(json.dumps)
)
def test_configuration(tmp_path, text):
    (tmp_path / "gate.yaml").write_text("version: 1\n" + text, encoding="utf-8")
    try:
        load_config(tmp_path / "gate.yaml")
    except GateError as error:
        assert error.message
