"""What is judged with a change of a cluster: enough for the same words about it as with all of the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gate.engine.engine import Engine
from gate.extract.kubernetes.access.neighbourhood import Neighbourhood
from gate.inputs.config import Config
from gate.inputs.documents import Documents, Manifest
from gate.inputs.recognise import read_documents
from gate.inputs.terraform.source_directory import TerraformInputs
from gate.judgement import judge
from tests.judging import FIXTURES

CASES = [
    "k8s-pods-beside-a-stronger-account",
    "k8s-token-of-a-named-stronger-account",
    "k8s-exec-into-a-stronger-pod",
    "k8s-named-deployment-beside-a-stronger-account",
    "k8s-bind-limited-to-a-powerful-role",
    "k8s-bind-limited-to-a-harmless-role",
    "k8s-rights-of-a-group-and-ones-own",
    "k8s-impersonate-a-named-admin-group",
    "k8s-chain-over-namespaces",
    "k8s-escalate-on-its-own-role",
    "k8s-stronger-account-elsewhere",
]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as running:
        yield running


def _manifests(case: str) -> list[Manifest]:
    path = str(Path(FIXTURES) / "cases" / case / "manifests.yaml")
    return read_documents([path], source=None, terraform=TerraformInputs(), stdin=None).manifests


def _said(documents: Documents, about: str, engine: Engine) -> set[tuple[str, str, str]]:
    findings = judge(documents, Config(), engine).findings
    return {(f.rule, f.severity, f.message) for f in findings if f.identity == about and f.rule == "rbac-escalation"}


@pytest.mark.parametrize("case", CASES)
def test_a_binding_is_judged_with_its_neighbours_as_with_the_whole_cluster(case: str, engine: Engine) -> None:
    cluster = _manifests(case)
    index = Neighbourhood()
    for manifest in cluster:
        index.put(manifest)
    bindings = [m for m in cluster if m.kind.endswith("Binding")]
    for binding in bindings:
        for subject in binding.body["subjects"]:
            about = f"k8s:{subject['kind']}/{subject.get('namespace', '')}/{subject['name']}"
            near = Documents(manifests=[binding], context=index.around([binding]))
            assert _said(near, about, engine) == _said(Documents(manifests=cluster), about, engine)
