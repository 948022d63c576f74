"""Bad input gets one sentence and a next step; one bad document among many becomes a reason to deny."""

import json
import os
from pathlib import Path

import pytest

from gate.errors import ConfigError, GateError, InputError
from gate.inputs.config import load_config
from gate.inputs.recognise import read_documents
from gate.inputs.terraform import binary_plan
from gate.inputs.terraform.evaluation.terraform import find_terraform

DATA = Path(__file__).parent / "data"
CREATE = json.loads((DATA / "create.json").read_text())
SECRET = "hunter2-do-not-print"

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)
CHAIN = "".join(f"a{i}: &a{i} [{f'*a{i - 1}' if i else SECRET}]\n" for i in range(150))


def changed(**parts: object) -> str:
    return json.dumps({**CREATE, **parts})


CASES = {
    "empty": ("", "is empty"),
    "only blanks": ("\n \n", "is empty"),
    "truncated JSON": ((DATA / "create.json").read_text()[:5000], "line 1, column 5001: the JSON text ends too early"),
    "broken JSON": ('{"a": 1,\n "b": hunter2-do-not-print}', "line 2, column 7: not valid JSON"),
    "not UTF-8": (b'{"a": "\xff\xfe"}', "line 1: not UTF-8"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "UTF-16"),
    "UTF-16 without mark": ('{"a": 1}'.encode("utf-16-le"), "UTF-16"),
    "YAML bomb": (BOMB, "aliases expand to more than"),
    "chain of anchors": (CHAIN, "nested more than 100 levels"),
    "alias of itself": ("apiVersion: v1\nkind: &k [*k]\n", "alias without an anchor, or inside its own anchor"),
    "JSON 200 deep": ('{"a":' * 200 + "1" + "}" * 200, "nested more than 100 levels"),
    "JSON 100,000 deep": ("[" * 100_000 + "]" * 100_000, "nested more than 100 levels"),
    "YAML 200 deep": ("a: " + "[" * 200 + "]" * 200, "nested more than 100 levels"),
    "YAML block 200 deep": ("".join("  " * i + "a:\n" for i in range(200)), "nested more than 100 levels"),
    "repeated key in JSON": ('{"format_version": "1.2", "format_version": "2.0"}', "the same key twice"),
    "NaN": ('{"a": NaN}', "NaN"),
    "half a surrogate": ('{"a": "\\ud800"}', "surrogate"),
    "huge number": ('{"a": ' + "9" * 5000 + "}", "thousands of digits"),
    "format 2": (changed(format_version="2.0"), "formats 0.1, 0.2 and 1.x"),
    "no format": (json.dumps({k: v for k, v in CREATE.items() if k != "format_version"}), "without a format_version"),
    "format of a wrong type": (changed(format_version=1.2), "without a format_version"),
    "state": (json.dumps({"version": 4, "serial": 1, "lineage": SECRET, "resources": []}), "is a Terraform state"),
    "shown state": (json.dumps({"format_version": "1.0", "values": {"root_module": {}}}), "is a Terraform state"),
    "errored": (changed(errored=True), "ended with an error"),
    "Terraform source": ((DATA / "store" / "main.tf").read_text(), "is Terraform source"),
    "tfvars": (f'password = "{SECRET}"\nname = "x"\n', "contains assignments"),
    "plan for people": ((DATA / "plan.txt").read_text(), "prints for people"),
    "plan log": ((DATA / "log.jsonl").read_text(), "the log of terraform plan -json"),
    "plan log of one line": ((DATA / "log.jsonl").read_text().splitlines()[0], "the log of terraform plan -json"),
    "JSON list": (f'["{SECRET}"]', "a JSON list"),
    "JSON text": (f'"{SECRET}"', "a JSON value"),
    "JSON number": ("12", "a JSON value"),
    "other JSON": (f'{{"name": "{SECRET}"}}', "neither a Terraform plan nor a Kubernetes object"),
    "other YAML": (f"password: {SECRET}\n", "no Kubernetes object"),
    "prose": (f"hello {SECRET}\n", "no Kubernetes object"),
    "unrendered template": ("apiVersion: v1\nkind: {{ .Values.kind }}\n", "line 2: a key that is a list or an object"),
    "broken YAML": ("apiVersion: v1\n kind: [\n", "not valid YAML"),
    "control character": ("apiVersion: v1\nkind: \x07\n", "character that YAML does not allow"),
    "changes of a wrong shape": (changed(resource_changes={}), "resource_changes is not a list"),
    "change of a wrong shape": (changed(resource_changes=[{"address": SECRET}]), "resource_changes[0] is not a change"),
    "change without actions": (changed(resource_changes=[{"change": {}}]), "resource_changes[0].change.actions"),
    "unknown action": (
        changed(resource_changes=[{"change": {"actions": [SECRET]}}]),
        "resource_changes[0].change.actions",
    ),
    "action of a wrong type": (changed(resource_changes=[{"change": {"actions": [{}]}}]), "change.actions"),
    "before of a wrong type": (
        changed(resource_changes=[{"change": {"actions": ["update"], "before": [], "after": {}}}]),
        "resource_changes[0].change is not",
    ),
    "resource without address": (changed(resource_changes=[{"change": {"actions": ["no-op"]}}]), "with an address"),
    "state of a wrong shape": (changed(prior_state={"values": {"root_module": {"resources": ["x"]}}}), "prior_state"),
    "state modules of a wrong shape": (
        changed(prior_state={"values": {"root_module": {"child_modules": [1]}}}),
        "prior",
    ),
    "configuration of a wrong shape": (changed(configuration=[]), "configuration is not an object"),
    "module of a wrong shape": (changed(configuration={"root_module": {"module_calls": {"m": []}}}), "module calls"),
    "providers of a wrong shape": (changed(configuration={"provider_config": []}), "provider_config"),
    "expressions of a provider that are null": (
        changed(configuration={"provider_config": {"aws": {"expressions": None}}}),
        "a tree with objects as expressions",
    ),
    "expressions of a resource that are null": (
        changed(configuration={"root_module": {"resources": [{"expressions": None}]}}),
        "a tree with objects as expressions",
    ),
    "expressions of a module that are a list": (
        changed(configuration={"root_module": {"module_calls": {"m": {"expressions": []}}}}),
        "a tree with objects as expressions",
    ),
    "zip": (b"PK\x03\x04 and so on", "a zip archive, not a plan"),
}


@pytest.mark.parametrize("case", CASES)
def test_says_what_is_wrong_where_and_what_to_do(case, tmp_path):
    content, expected = CASES[case]
    path = tmp_path / "input"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as error:
        read_documents([str(path)])
    assert expected in error.value.message
    assert str(path) in error.value.message
    assert error.value.message.endswith(".")
    assert "\n" not in error.value.message
    assert error.value.hint
    assert SECRET not in error.value.message + error.value.hint


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_documents([str(tmp_path / "nothing")])


def test_a_dangling_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    with pytest.raises(InputError, match="does not exist"):
        read_documents([str(tmp_path / "link")])


def test_a_link_to_itself(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "link")
    with pytest.raises(InputError, match="cannot be read"):
        read_documents([str(tmp_path / "link")])


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(InputError, match="not a regular file"):
        read_documents([str(tmp_path / "pipe.json")])


def test_a_device_is_refused():
    with pytest.raises(InputError, match="not a regular file"):
        read_documents(["/dev/zero"])


def test_a_path_that_is_none():
    with pytest.raises(InputError, match="the path is not valid"):
        read_documents(["a\0b"])


def test_a_file_nobody_may_read(tmp_path):
    path = tmp_path / "p.json"
    path.write_text("{}")
    path.chmod(0)
    root = os.geteuid() == 0
    if root:  # root reads everything
        os.seteuid(65534)
    try:
        with pytest.raises(InputError, match="permission denied"):
            read_documents([str(path)])
    finally:
        if root:
            os.seteuid(0)


def test_no_input_at_all():
    with pytest.raises(GateError, match="No input"):
        read_documents([])


def test_a_source_that_is_no_directory(tmp_path):
    with pytest.raises(InputError, match="is not a directory"):
        read_documents([str(DATA / "create.json")], source=tmp_path / "nothing")


def test_a_folder_without_inputs(tmp_path):
    (tmp_path / "values.yaml").write_text("replicas: 3\n")
    with pytest.raises(InputError, match="contains neither Terraform source, nor a plan, nor Kubernetes manifests"):
        read_documents([str(tmp_path)])


@pytest.fixture
def other_terraform(tmp_path, monkeypatch):
    """A folder that is PATH: what is called terraform there is the one that is found."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("GATE_TERRAFORM", raising=False)
    find_terraform.cache_clear()
    yield tmp_path
    find_terraform.cache_clear()


def test_a_binary_plan_without_terraform(other_terraform):
    with pytest.raises(InputError, match="neither terraform nor tofu is on PATH") as error:
        read_documents([str(DATA / "create.bin")])
    assert "terraform show -json" in (error.value.hint or "")


def test_a_binary_plan_terraform_refuses(other_terraform, monkeypatch, terraform_offline):
    fake = other_terraform / "terraform"
    fake.write_text(f'#!/bin/sh\n[ "$1" = version ] && echo Terraform v1.9.0 && exit\necho {SECRET} >&2\nexit 1\n')
    fake.chmod(0o755)
    monkeypatch.setattr(binary_plan, "confinement", lambda terraform, folder: [terraform.path])
    with pytest.raises(InputError, match="could not read this binary plan") as error:
        read_documents([str(DATA / "create.bin")])
    assert SECRET not in error.value.message + (error.value.hint or "")


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"complete": False}, "incomplete"),
        ({"deferred_changes": [{"reason": "instance_count_unknown"}]}, "defers changes"),
    ],
)
def test_a_plan_that_does_not_tell_everything_is_a_reason_to_deny(parts, reason, tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(changed(**parts))
    documents = read_documents([str(path)])
    assert len(documents.plans) == 1
    assert [reason in unread.reason for unread in documents.unread] == [True]


def test_a_plan_of_nothing_is_fine(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text('{"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {"root_module": {}}}')
    documents = read_documents([str(path)])
    assert (documents.plans[0].resources, documents.unread) == ({}, [])


GOOD = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: good}\n"


@pytest.mark.parametrize(
    ("bad", "line", "reason"),
    [
        ("a: [1", 5, "line 6: not valid YAML"),
        ("kind: {{ .x }}", 5, "line 5: a key that is a list or an object"),
        ("a: 1", 5, "not a Kubernetes object"),
        ("apiVersion: v1\nkind: Pod", 5, "metadata is missing"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {}", 5, "metadata.name is missing"),
        ("apiVersion: v1\nmetadata: {name: x}", 5, "kind is missing"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, name: b}", 5, "line 7: an object has the same key twice"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: !!python/name:os.system x}", 5, "a tag that Kubernetes does not"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: yes}", 5, "metadata.name is missing or not a string"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: 1}", 5, "metadata.namespace must be a string"),
    ],
)
def test_one_bad_document_among_many_is_a_reason_to_deny(bad, line, reason, tmp_path):
    path = tmp_path / "all.yaml"
    path.write_text(f"{GOOD}---\n{bad}\n---\n{GOOD.replace('good', 'next')}")
    documents = read_documents([str(path)])
    assert [m.name for m in documents.manifests] == ["good", "next"]
    assert [reason in unread.reason for unread in documents.unread] == [True]
    assert documents.unread[0].location.line >= line - 1


def test_a_bad_file_among_many_is_a_reason_to_deny(tmp_path):
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.json").write_text('{"format_version": "1.2"')
    (tmp_path / "c.yaml").write_text("kind: {{ .Values.x }}\n")
    os.mkfifo(tmp_path / "d.yaml")
    documents = read_documents([str(tmp_path)])
    assert [m.name for m in documents.manifests] == ["good"]
    assert [Path(u.location.file).name for u in documents.unread] == ["b.json", "c.yaml", "d.yaml"]


CONFIG = {
    "unknown key": ("version: 1\ndeny_form: high\n", "line 2: unknown key deny_form.", "Did you mean deny_from?"),
    "unknown key inside": (
        "version: 1\nrules:\n  a: {efect: warn}\n",
        "line 3: unknown key efect in rules.a.",
        "effect?",
    ),
    "unknown key like none": ("version: 1\nzzz: 1\n", "line 2: unknown key zzz.", "Known keys: version, deny_from"),
    "unknown tier": (
        "version: 1\nlimits:\n  production: {admin: false}\n",
        "line 3: unknown key production in limits.",
        "Did you mean prod?",
    ),
    "unknown limit": (
        "version: 1\nlimits:\n  prod: {max_secret: 1}\n",
        "line 3: unknown key max_secret in limits.prod.",
        "Did you mean max_secrets?",
    ),
    "limit as text": ("version: 1\nlimits: {prod: {max_secrets: many}}\n", "is not a whole number", "gate init"),
    "limit below nothing": ("version: 1\nlimits: {prod: {max_secrets: -1}}\n", "is less than 0", "gate init"),
    "no version": ("deny_from: low\n", "the file is missing version.", "gate init"),
    "other version": ("version: 2\n", "version is not 1.", "gate init"),
    "wrong severity": (f"version: 1\ndeny_from: {SECRET}\n", "deny_from must be one of critical, high", "gate init"),
    "account as a number": ("version: 1\naccounts: [111122223333]\n", "accounts[0] is not text", "gate init"),
    "switched off without a reason": (
        "version: 1\nrules: {a: {enabled: false}}\n",
        "rules.a is missing reason.",
        "needs a reason",
    ),
    "lowered without a reason": (
        "version: 1\nrules: {a: {effect: warn}}\n",
        "rules.a is missing reason.",
        "needs a reason",
    ),
    "blank reason": ("version: 1\nrules: {a: {effect: warn, reason: ' '}}\n", "rules.a.reason is empty.", "gate init"),
    "waiver without an owner": (
        "version: 1\nwaivers:\n- {fingerprint: 0123456789abcdef}\n",
        "line 3: waivers[0] is missing owner, reason, approver, expires.",
        "gate init",
    ),
    "waiver until never": (
        "version: 1\nwaivers:\n- {fingerprint: 0123456789abcdef, owner: a, reason: b, "
        "approver: c, expires: 2027-02-30}\n",
        "waivers[0].expires is not a date.",
        "YYYY-MM-DD",
    ),
    "a list": ("- a\n", "expected one object with the key version.", "gate init"),
    "empty": ("", "expected one object with the key version.", "gate init"),
    "key twice": ("version: 1\nscope: all\nscope: changed\n", "line 3: an object has the same key twice.", "YAML"),
    "no YAML": ("version: [", "not valid YAML", "YAML"),
    "bomb": (BOMB, "aliases expand to more than", "YAML"),
    "not UTF-8": (b"version: 1 # \xff", "not UTF-8", "UTF-8"),
}


@pytest.mark.parametrize("case", CONFIG)
def test_a_wrong_gate_yaml(case, tmp_path):
    content, message, hint = CONFIG[case]
    path = tmp_path / "gate.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as error:
        load_config(path)
    assert message in error.value.message
    assert hint in (error.value.hint or "")
    assert SECRET not in error.value.message


def test_a_gate_yaml_that_is_missing(tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        load_config(tmp_path / "gate.yaml")
