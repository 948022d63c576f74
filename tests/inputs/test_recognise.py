"""Several inputs are one change, each recognised by what it holds."""

import io
import shutil
from pathlib import Path

import pytest

from gate.inputs.documents import SourceFile
from gate.inputs.recognise import read_documents
from gate.inputs.text.reading import sha256

DATA = Path(__file__).parent / "data"
OBJECT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: NAME}\n"


def test_names_do_not_matter(tmp_path):
    shutil.copy(DATA / "create.json", tmp_path / "plan.yaml")
    (tmp_path / "objects.json").write_text(OBJECT.replace("NAME", "a"))
    documents = read_documents([str(tmp_path / "plan.yaml"), str(tmp_path / "objects.json")])
    assert [(f.path, f.kind) for f in documents.files] == [
        (str(tmp_path / "plan.yaml"), "terraform-plan"),
        (str(tmp_path / "objects.json"), "kubernetes"),
    ]
    assert documents.plans[0].file == SourceFile(
        str(tmp_path / "plan.yaml"), "terraform-plan", sha256((DATA / "create.json").read_bytes())
    )


def test_the_same_file_twice_is_read_once(tmp_path, monkeypatch):
    path = tmp_path / "a.yaml"
    path.write_text(OBJECT)
    (tmp_path / "link.yaml").symlink_to(path)
    monkeypatch.chdir(tmp_path)
    documents = read_documents(["a.yaml", str(path), "./a.yaml", "link.yaml", ".", "."])
    assert [f.path for f in documents.files] == ["a.yaml"]
    assert [m.location.file for m in documents.manifests] == ["a.yaml"]


def test_a_folder_with_all_below_it(tmp_path):
    for name in (
        "b/c.yml",
        "a.YAML",
        ".git/x.yaml",
        ".terraform/x.yaml",
        "node_modules/x.yaml",
        ".hidden.yaml",
        "x.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(OBJECT.replace("NAME", Path(name).stem))
    shutil.copy(DATA / "create.json", tmp_path / "b" / "plan.json")
    (tmp_path / "b" / "package.json").write_text('{"name": "x"}')
    documents = read_documents([str(tmp_path)])
    assert [Path(f.path).name for f in documents.files] == [".hidden.yaml", "a.YAML", "c.yml", "plan.json"]
    assert [m.name for m in documents.manifests] == [".hidden", "a", "c"]
    assert (len(documents.plans), documents.unread) == (1, [])


def test_a_folder_that_links_to_itself_ends(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "a.yaml").write_text(OBJECT)
    assert len(read_documents([str(tmp_path)]).manifests) == 1


@pytest.mark.parametrize("given", [(DATA / "create.json").read_bytes(), OBJECT.encode()])
def test_standard_input_once(given):
    documents = read_documents(["-", "-"], stdin=io.BytesIO(given))
    assert [(f.path, f.sha256) for f in documents.files] == [("standard input", sha256(given))]


def test_flow_yaml_is_no_json(tmp_path):
    (tmp_path / "a").write_text("{apiVersion: v1, kind: Pod, metadata: {name: p}}\n---\n" + OBJECT)
    assert [m.name for m in read_documents([str(tmp_path / "a")]).manifests] == ["p", "NAME"]
