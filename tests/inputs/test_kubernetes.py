"""Manifests with line numbers; files, lists and streams as helm, kustomize and kubectl print them."""

import hashlib
import json
from pathlib import Path

import pytest

from gate.inputs.documents import Manifest, SourceFile
from gate.inputs.manifests.manifest_files import line_of, parse_manifests
from gate.inputs.recognise import read_documents
from gate.model.access import Location

FILE = SourceFile("all.yaml", "kubernetes", "0")


def names(text):
    found = parse_manifests(text, FILE)
    return [(m.kind, m.namespace, m.name) for m in found.manifests]


def test_one_object_whole():
    text = """# a comment
---
apiVersion: v1
kind: Pod
metadata:
  name: p
  namespace: shop
spec:
  containers:
  - name: c
    args: ["a",
      b]
"""
    assert parse_manifests(text, FILE).manifests == [
        Manifest(
            file=FILE,
            api_version="v1",
            kind="Pod",
            namespace="shop",
            name="p",
            body={
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "p", "namespace": "shop"},
                "spec": {"containers": [{"name": "c", "args": ["a", "b"]}]},
            },
            location=Location("all.yaml", 3, 12),
            lines={
                (): 3,
                ("apiVersion",): 3,
                ("kind",): 4,
                ("metadata",): 5,
                ("metadata", "name"): 6,
                ("metadata", "namespace"): 7,
                ("spec",): 8,
                ("spec", "containers"): 9,
                ("spec", "containers", 0): 10,
                ("spec", "containers", 0, "name"): 10,
                ("spec", "containers", 0, "args"): 11,
                ("spec", "containers", 0, "args", 0): 11,
                ("spec", "containers", 0, "args", 1): 12,
            },
        )
    ]


def test_what_helm_template_prints():
    text = """---
# Source: chart/templates/empty.yaml
---
# Source: chart/templates/serviceaccount.yaml
apiVersion: v1
kind: ServiceAccount
metadata:
  name: release-app
---
# Source: chart/templates/role.yaml

---
# Source: chart/templates/binding.yaml
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: release-app
  namespace: "prod"
"""
    assert names(text) == [("ServiceAccount", None, "release-app"), ("RoleBinding", "prod", "release-app")]


def test_lists_arrive_as_their_items_with_their_lines():
    text = """apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: a}
- apiVersion: v1
  kind: PodList
  items:
  - metadata: {name: b}
  - metadata:
      generateName: c-
"""
    found = parse_manifests(text, FILE).manifests
    assert [(m.api_version, m.kind, m.name, m.location.line, m.location.end_line) for m in found] == [
        ("v1", "Pod", "a", 4, 6),
        ("v1", "Pod", "b", 10, 10),
        ("v1", "Pod", "c-", 11, 12),
    ]
    assert found[1].lines == {(): 10, ("metadata",): 10, ("metadata", "name"): 10}


def test_one_page_of_a_list_is_not_the_list():
    text = 'apiVersion: v1\nkind: PodList\nmetadata: {continue: "x"}\nitems:\n- metadata: {name: b}\n'
    found = parse_manifests(text, FILE)
    assert ([m.name for m in found.manifests], [u.reason for u in found.unread]) == (
        ["b"],
        ["one page of a longer list"],
    )


def test_json_has_lines_too():
    value = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"a": [{"b": True}]}}
    text = json.dumps(value, indent="\t")
    (manifest,) = parse_manifests(text, FILE, value).manifests
    assert (manifest.body, manifest.location) == (value, Location("all.yaml", 1, 14))
    assert line_of(manifest, ("spec", "a", 0, "b")) == 10


def test_json_that_is_no_yaml_is_read_without_lines():
    value = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "annotations": {"a": "\U0001f600"}}}
    text = json.dumps(value)
    (manifest,) = parse_manifests(text, FILE, value).manifests
    assert (manifest.body, line_of(manifest, ("metadata", "name"))) == (value, 1)


def test_lines_behind_an_alias_are_those_of_the_value_around_it():
    text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  labels: &l\n    a: b\n"
    text += "  annotations:\n    <<: *l\nspec: *l\n"
    (manifest,) = parse_manifests(text, FILE).manifests
    assert manifest.body["metadata"]["annotations"] == manifest.body["spec"] == {"a": "b"}
    assert [
        line_of(manifest, p) for p in (("spec", "a"), ("metadata", "annotations", "a"), ("metadata", "labels", "a"))
    ] == [9, 7, 6]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n",
        "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
        "name: ci\non: push\njobs: {}\n",
        "replicas: 3\n",
        "Resources:\n  A:\n    Type: !Ref B\n",
        "",
    ],
)
def test_what_is_no_kubernetes_object_of_a_folder_is_left_alone(text, tmp_path):
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n")
    (tmp_path / "other.yaml").write_text(text)
    documents = read_documents([str(tmp_path)])
    assert ([m.name for m in documents.manifests], documents.unread) == (["a"], [])
    content = (tmp_path / "a.yaml").read_bytes()
    assert documents.files == [SourceFile(str(tmp_path / "a.yaml"), "kubernetes", hashlib.sha256(content).hexdigest())]


def test_windows_line_ends_and_a_byte_order_mark(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeff---\r\napiVersion: v1\r\nkind: Pod\r\nmetadata:\r\n  name: p\r\n---\r\n".encode())
    (manifest,) = read_documents([str(path)]).manifests
    assert (manifest.name, manifest.lines["metadata", "name"]) == ("p", 5)


def test_the_demo_of_two_thousand_objects_is_read_in_seconds(tmp_path):
    one = Path(__file__).parent.joinpath("data", "deployment.yaml").read_text()
    (tmp_path / "many.yaml").write_text("---\n".join([one] * 2000))
    documents = read_documents([str(tmp_path / "many.yaml")])
    assert (len(documents.manifests), documents.manifests[-1].location.line) == (2000, 1999 * (one.count("\n") + 1) + 1)
