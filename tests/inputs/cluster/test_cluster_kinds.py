"""A scan reads every kind that says something."""

from pathlib import Path

import yaml

from gate.extract.kubernetes.access.custom_resources import bears_identity
from gate.extract.kubernetes.compute.pod_exposure import DOORS
from gate.extract.kubernetes.documents.pods import POD_KINDS
from gate.extract.kubernetes.trust.custom_identities import KINDS
from gate.inputs.cluster.kinds import known, scanned
from gate.surfaces.cluster_scan import _wanted

FIXTURES = Path(__file__).parents[3] / "fixtures"
ONLY_WHEN_ASKED = {("", "Secret"), ("", "ConfigMap")}
NOT_SERVED_ANY_MORE = {"extensions"}


def _of_fixtures() -> set[tuple[str, str]]:
    found = set()
    for folder in ("rules", "cases", "coverage"):
        for file in (FIXTURES / folder).rglob("*.yaml"):
            for body in yaml.load_all(file.read_text(), yaml.CSafeLoader):
                if isinstance(body, dict) and isinstance(body.get("metadata"), dict):
                    found.add((str(body["apiVersion"]).rpartition("/")[0], body["kind"]))
    return found


def test_a_scan_reads_each_kind_that_the_adapter_reads_or_says_it_does_not():
    read = {*KINDS, *DOORS, *POD_KINDS, *_of_fixtures()} - ONLY_WHEN_ASKED

    assert [kind for kind in sorted(read) if not _wanted(*kind) and kind[0] not in NOT_SERVED_ANY_MORE] == []


def test_a_watch_reads_no_secret_no_configuration_and_nothing_that_stands_alone():
    for kind in [*ONLY_WHEN_ASKED, ("apiextensions.k8s.io", "CustomResourceDefinition")]:
        assert not known(*kind)
    assert scanned("apiregistration.k8s.io", "APIService")
    assert not any(scanned(*kind) or bears_identity(*kind) for kind in ONLY_WHEN_ASKED)
