"""Charts, kustomizations and templates: what is not rendered is not judged as if it were."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.errors import InputError
from gate.inputs.recognise import read_documents

OBJECT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: NAME}\n"
HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def _chart(folder: Path) -> None:
    _write(
        folder,
        {
            "Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
            "values.yaml": "replicaCount: 1\n",
            "templates/a.yaml": OBJECT.replace("NAME", "hidden"),
            "charts/sub/templates/b.yaml": OBJECT.replace("NAME", "hidden"),
        },
    )


def test_a_chart_alone_is_an_error_that_says_how_to_render_it(tmp_path: Path) -> None:
    _chart(tmp_path)
    with pytest.raises(InputError, match="is a Helm chart") as caught:
        read_documents([str(tmp_path)])
    assert caught.value.hint == f"Render it and give the result: helm template {tmp_path} | gate check -"


def test_a_chart_among_manifests_is_one_unread_document(tmp_path: Path) -> None:
    _chart(tmp_path / "chart")
    _write(tmp_path, {"a.yaml": OBJECT.replace("NAME", "a")})
    documents = read_documents([str(tmp_path)])
    assert [m.name for m in documents.manifests] == ["a"]
    assert [(u.what, Path(u.location.file).name) for u in documents.unread] == [("Helm chart", "Chart.yaml")]


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_a_kustomization_that_lists_files_changes_nothing(tmp_path: Path, name: str) -> None:
    _write(tmp_path, {"a.yaml": OBJECT.replace("NAME", "a"), name: HEAD + "resources: [a.yaml]\n"})
    documents = read_documents([str(tmp_path)])
    assert ([m.name for m in documents.manifests], documents.unread) == (["a"], [])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("resources: [a.yaml]\npatches: [{path: a.yaml}]\n", "patches"),
        ("namespace: kube-system\nresources: [a.yaml]\n", "namespace"),
        ("resources: [../base]\n", "resources from elsewhere"),
        ("resources: ['https://example.com/x.yaml']\n", "resources from elsewhere"),
        ("resources: [a.yaml]\nresources: []\n", "it could not be read"),
        ("resources: a.yaml\n", "resources from elsewhere"),
    ],
)
def test_a_kustomization_that_changes_what_it_lists_is_unread(tmp_path: Path, text: str, why: str) -> None:
    _write(tmp_path, {"a.yaml": OBJECT.replace("NAME", "a"), "Kustomization": HEAD + text})
    [unread] = read_documents([str(tmp_path)]).unread
    assert (unread.what, unread.reason.rpartition(": ")[2]) == ("kustomization", why)
    assert unread.remedy.endswith(f"kubectl kustomize {tmp_path} | gate check -")


def test_an_object_whose_name_is_a_template_is_unread(tmp_path: Path) -> None:
    _write(tmp_path, {"a.yaml": OBJECT.replace("NAME", "'web-{{ .Release.Name }}'")})
    [unread] = read_documents([str(tmp_path / "a.yaml")]).unread
    assert unread.reason == "a template that was not rendered"


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("apiVersion: v2\nname: web\nversion: 0.1.0\n", "the description of a Helm chart", "helm template"),
        ("replicaCount: 2\nimage: {tag: x}\n", "the values of a Helm chart", "helm template"),
        ("kind: X\nspec:\n  {{- if .Values.a }}\n  b: c\n", "a template", "helm template"),
        (HEAD + "resources: []\n", "a kustomization", "kubectl kustomize"),
        ("services:\n  web: {image: nginx}\n", "a Compose file", "Kubernetes manifests"),
        ("on: push\njobs: {a: {steps: []}}\n", "a pipeline's definition", "Kubernetes manifests"),
    ],
)
def test_a_file_of_another_tool_is_called_by_its_name(tmp_path: Path, text: str, what: str, hint: str) -> None:
    _write(tmp_path, {"x.yaml": text})
    with pytest.raises(InputError, match=what) as caught:
        read_documents([str(tmp_path / "x.yaml")])
    assert hint in str(caught.value.hint)
