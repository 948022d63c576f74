"""Each file that is often given by mistake gets a sentence of its own; each form that kubectl takes is read."""

from __future__ import annotations

import base64
import gzip
import json
import shutil
from pathlib import Path

import pytest

from gate.errors import InputError
from gate.inputs.recognise import read_documents

DATA = Path(__file__).parent / "data"
PLAN = (DATA / "create.json").read_text(encoding="utf-8")
WRAPPER = "[command]/usr/local/bin/terraform-bin show -json plan.out\n"
BINDING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "ops"},
    "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
    "subjects": [{"kind": "ServiceAccount", "name": "b", "namespace": "ci"}],
}


@pytest.mark.parametrize(
    ("text", "told", "hint"),
    [
        (WRAPPER + PLAN, "wrapper of setup-terraform", "terraform_wrapper: false"),
        (f"::debug::exitcode: 0\n{PLAN}", "wrapper of setup-terraform", "terraform_wrapper: false"),
        (f"{PLAN.strip()}\n{PLAN.strip()}\n", "contains 2 JSON documents", "a file of its own"),
        (json.dumps({"meta": {}, "encrypted_data": "Zm9v"}), "plan that OpenTofu encrypted", "tofu show -json"),
        (json.dumps({"serial": 1, "lineage": "x", "encrypted_data": "Zm9v"}), "state that OpenTofu", "tofu show"),
        (json.dumps({"terraform": json.loads(PLAN), "spacelift": {}}), "inside another object", "jq .terraform"),
        (json.dumps({"payload_version": 1, "plan_json_api_url": "https://x"}), "run task", "plan_json_api_url"),
        (json.dumps({"Resources": {"R": {"Type": "AWS::IAM::Role"}}}), "a CloudFormation template", "are read"),
        ("Resources:\n  R:\n    Type: AWS::IAM::Role\n", "a CloudFormation template", "Terraform plan"),
        (json.dumps({"config": {}, "steps": [{"op": "create", "urn": "urn:pulumi:d"}]}), "Pulumi", "are read"),
        (json.dumps({"$schema": "https://x/deploymentTemplate.json#"}), "Azure Resource Manager", "are read"),
        (base64.b64encode(PLAN.encode()).decode(), "is base64", "base64 --decode"),
        (json.dumps({"format_version": "2.0", "terraform_version": "9.9.1", "resource_changes": []}),
         "Terraform 9.9.1, in format 2.0", "update the gate"),
    ],
)  # fmt: skip
def test_what_a_file_is_and_what_to_give_instead(tmp_path: Path, text: str, told: str, hint: str) -> None:
    given = tmp_path / "given.json"
    given.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_documents([str(given)])
    assert told in raised.value.message
    assert hint in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"BZh91AY&SY", "compressed (bzip2)"),
        (b"\xfd7zXZ\x00\x00", "compressed (xz)"),
        (b"\x28\xb5\x2f\xfd\x04", "compressed (zstd)"),
        (gzip.compress(b"{}")[:10] + b"\xff" * 9, "a gzip file that cannot be unpacked"),
        (gzip.compress(b"{}" * 500)[:-9], "cut off"),
        ("{}".encode("utf-16"), "UTF-16"),
    ],
)
def test_compressed_bytes_are_called_what_they_are(tmp_path: Path, data: bytes, told: str) -> None:
    given = tmp_path / "plan.json"
    given.write_bytes(data)
    with pytest.raises(InputError) as raised:
        read_documents([str(given)])
    assert told in raised.value.message


def test_a_plan_that_gzip_packed_is_read(tmp_path: Path) -> None:
    given, plain = tmp_path / "plan.json.gz", tmp_path / "plan.json"
    given.write_bytes(gzip.compress(PLAN.encode()))
    plain.write_text(PLAN, encoding="utf-8")
    packed, bare = (read_documents([str(path)]).plans[0] for path in (given, plain))
    assert packed.resources.keys() == bare.resources.keys() != set()


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0", "1.2"])
def test_a_plan_of_an_older_terraform_is_read(tmp_path: Path, version: str) -> None:
    given = tmp_path / "plan.json"
    given.write_text(json.dumps({**json.loads(PLAN), "format_version": version}), encoding="utf-8")
    assert [plan.format_version for plan in read_documents([str(given)]).plans] == [version]


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs Terraform")
def test_why_a_binary_plan_could_not_be_read_is_told() -> None:
    with pytest.raises(InputError, match=r"created by version 1\.11\.9, and the one on PATH is [\d.]+"):
        read_documents([str(DATA / "other-version.bin")])


@pytest.mark.parametrize("between", ["\n", "", " \n\n"])
def test_objects_one_behind_the_other_are_read_as_kubectl_reads_them(tmp_path: Path, between: str) -> None:
    second = {**BINDING, "metadata": {"name": "more"}}
    given = tmp_path / "stream.json"
    given.write_text(json.dumps(BINDING) + between + json.dumps(second) + "\n", encoding="utf-8")
    found = read_documents([str(given)]).manifests
    lines = [manifest.location.line for manifest in found if manifest.location]
    assert ([manifest.name for manifest in found], lines) == (["ops", "more"], [1, 1 + between.count("\n")])


@pytest.mark.parametrize("broken", ['{"a": 1', '{"a": 1, "a": 2}', "{]"])
def test_a_stream_with_a_broken_part_is_refused(tmp_path: Path, broken: str) -> None:
    given = tmp_path / "stream.json"
    given.write_text(json.dumps(BINDING) + "\n" + broken, encoding="utf-8")
    with pytest.raises(InputError):
        read_documents([str(given)])
