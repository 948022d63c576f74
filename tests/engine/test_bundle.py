import gzip
import io
import json
import tarfile

import pytest

from gate.engine.bundle import build_bundle
from gate.errors import PolicyError


def _files(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive))) as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar}


def test_the_same_content_gives_the_same_bytes():
    assert build_bundle() == build_bundle()


def test_tests_and_schemas_stay_out_and_knowledge_goes_in():
    files = _files(build_bundle().archive)

    assert "gate/main.rego" in files
    assert "system/authz/authz.rego" in files
    assert [name for name in files if name.endswith("_test.rego") or name.startswith("schema")] == []
    assert {name.rpartition("/")[2] for name in files if not name.endswith(".rego")} <= {
        ".manifest",
        "data.yaml",
        "data.json",
    }


def test_the_manifest_says_the_revision_and_owns_what_is_inside():
    bundle = build_bundle()

    assert json.loads(_files(bundle.archive)[".manifest"]) == {
        "revision": bundle.revision,
        "roots": ["gate", "system/authz", "organisation", "organisation_data"],
        "rego_version": 1,
    }


def test_every_change_of_a_policy_or_of_data_is_another_revision(policy, tmp_path):
    data = tmp_path / "known.json"
    data.write_text("{}", encoding="utf-8")
    one = policy("package organisation.acme\n")
    revisions = [build_bundle().revision, build_bundle([one]).revision, build_bundle([one], [data]).revision]
    data.write_text("[]", encoding="utf-8")
    revisions.append(build_bundle([one], [data]).revision)
    policy("package organisation.acme2\n")
    revisions.append(build_bundle([one], [data]).revision)

    assert len(set(revisions)) == 5


def test_data_stands_where_its_file_stands(tmp_path):
    (tmp_path / "regions").mkdir()
    (tmp_path / "regions" / "eu.yaml").write_text("- a\n", encoding="utf-8")
    (tmp_path / "known.json").write_text('{"x": 1}', encoding="utf-8")
    files = _files(build_bundle(data=[tmp_path]).archive)

    assert json.loads(files["organisation_data/data.json"]) == {"regions": {"eu": ["a"]}, "known": {"x": 1}}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.json", "{", r"x\.json: not JSON data \(JSONDecodeError\)"),
        ("x.json", '{"x": NaN}', r"x\.json: not JSON data"),
        ("x.yaml", "a: [", r"x\.yaml: not JSON data"),
        ("x.yaml", "a: 2020-01-01", r"x\.yaml: not JSON data"),
    ],
)
def test_data_that_is_none_is_an_error_with_its_file(tmp_path, name, content, said):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(PolicyError, match=said):
        build_bundle(data=[tmp_path])


def test_data_given_twice_is_an_error(tmp_path):
    (tmp_path / "x.json").write_text("1", encoding="utf-8")
    (tmp_path / "x.yaml").write_text("1", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"data\.organisation_data\.x is given twice"):
        build_bundle(data=[tmp_path])


def test_data_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(PolicyError, match="cannot be read"):
        build_bundle(data=[tmp_path / "missing.yaml"])
