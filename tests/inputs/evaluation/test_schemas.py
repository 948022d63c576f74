"""The schemas that the gate ships: counts and dates as noted, types as the real provider has them."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gate.inputs.terraform.evaluation.provider_schemas import FOLDER, provider_schema
from gate.inputs.terraform.evaluation.terraform import find_terraform

INDEX = json.loads((FOLDER / "index.json").read_text())
MOST_BYTES = 2_000_000


def _shipped(name: str) -> dict[tuple[str, str], dict[str, Any]]:
    lines = gzip.decompress((FOLDER / f"{name}.gz").read_bytes()).decode().splitlines()
    parts = (line.split(" ", 2) for line in lines)
    return {(section, kind): json.loads(block) for section, kind, block in parts}


@pytest.mark.parametrize("name", sorted(INDEX))
def test_each_file_holds_what_the_index_says(name: str):
    counted = {"resource": 0, "data": 0, "ephemeral": 0}
    for section, _ in _shipped(name):
        if section != "provider":
            counted[section] += 1
    assert counted == INDEX[name]["types"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", INDEX[name]["date"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", INDEX[name]["version"])


def test_what_is_shipped_is_small_and_listed():
    files = {path.stem for path in FOLDER.glob("*.gz")}
    assert files == set(INDEX)
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MOST_BYTES


def test_what_the_text_writes_and_reads_is_served_beside_what_is_shipped():
    written = {
        "attributes": {"name": True, "argument_of_2031": True},
        "blocks": {"inline_policy": {"attributes": {"name": True}, "blocks": {}}},
    }
    nothing = {"attributes": {}, "blocks": {}}
    use = {"provider": nothing, "resources": {"aws_iam_role": written}, "data": {}, "ephemeral": {}, "functions": []}
    served = provider_schema(
        "registry.terraform.io/hashicorp/aws", use, {"aws_iam_role": ["arn", "attribute_of_2019.x"]}
    )
    block = served["resource_schemas"]["aws_iam_role"]["block"]
    assert set(served["resource_schemas"]) == {"aws_iam_role"}
    assert block["attributes"]["argument_of_2031"] == {"type": "dynamic"}
    assert block["attributes"]["attribute_of_2019"] == {"type": "dynamic", "computed": True}
    assert block["attributes"]["arn"] == {"type": "string", "computed": True}
    assert block["block_types"]["inline_policy"]["nesting_mode"] == "set"


def test_types_of_the_aws_provider_are_those_of_the_real_one(tmp_path: Path, terraform_offline: None):
    mirror = os.environ.get("GATE_PROVIDER_MIRROR")
    if not mirror:
        pytest.skip("needs GATE_PROVIDER_MIRROR=<folder of a provider file system mirror with the AWS provider>")
    real = _real(tmp_path, mirror)
    same = different = 0
    for (section, kind), block in _shipped("aws").items():
        there = real.get(section, {}).get(kind)
        for name, attribute in block["attributes"].items() if there else ():
            known = there["block"].get("attributes", {}).get(name)
            if known is None or "type" not in known or "dynamic" in json.dumps(attribute["type"]):
                continue  # of another version, or of nested attributes
            agrees = _loose(known["type"]) == _loose(attribute["type"]) and bool(known.get("computed")) == bool(
                attribute.get("computed")
            )
            same, different = same + agrees, different + (not agrees)
    assert same > 15_000
    assert different < same / 50, (same, different)


def _loose(kind: Any) -> str:
    """Attributes of objects come and go with versions: the collection counts."""
    return re.sub(r'\["object", \{.*', "object", json.dumps(kind))


def _real(folder: Path, mirror: str) -> dict[str, Any]:
    terraform = find_terraform()
    assert terraform is not None
    source = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
    (folder / "main.tf").write_text(source)
    settings = folder / "terraform.rc"
    settings.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    environment = os.environ | {"TF_CLI_CONFIG_FILE": str(settings)}
    subprocess.run([terraform.path, "init"], cwd=folder, env=environment, capture_output=True, check=True)
    command = [terraform.path, "providers", "schema", "-json"]
    text = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True).stdout
    (schemas,) = json.loads(text)["provider_schemas"].values()
    return {"resource": schemas["resource_schemas"], "data": schemas["data_source_schemas"]}
