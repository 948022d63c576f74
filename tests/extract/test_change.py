import json
import subprocess
import sys
from pathlib import Path

import pytest

from gate.extract.change import access_models
from gate.inputs.documents import Documents, SourceFile, UnreadDocument
from gate.inputs.manifests.manifest_files import KIND as KUBERNETES
from gate.inputs.recognise import read_documents
from gate.inputs.terraform.plan_json import parse_plan
from gate.model.access import Location, Source, Unknown

ROLE = {"name": "r", "assume_role_policy": "{}"}
MANIFEST = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: shop}
"""


def plan(before, after):
    actions = ["create"] if before is None else ["no-op"] if before == after else ["update"]
    change = {"actions": actions, "before": before, "after": after}
    entry = {"address": "aws_iam_role.r", "mode": "managed", "type": "aws_iam_role", "name": "r", "change": change}
    value = {"format_version": "1.2", "resource_changes": [entry]}
    return parse_plan(value, SourceFile("plan.json", "terraform-plan", ""))[0]


def manifests(folder: Path) -> Documents:
    (folder / "sa.yaml").write_text(MANIFEST)
    documents = read_documents([str(folder / "sa.yaml")])
    assert [file.kind for file in documents.files] == [KUBERNETES]
    return documents


def test_a_plan_that_creates_everything_has_no_side_before():
    models = access_models(Documents(plans=[plan(None, ROLE)]))
    assert list(models.after.identities) == ["aws_iam_role.r"]
    assert models.before is None
    assert models.after.reads == 1


def test_a_plan_over_existing_resources_has_both_sides():
    models = access_models(Documents(plans=[plan(ROLE, ROLE | {"tags": {"owner": "me"}})]))
    assert models.before is not None
    assert models.before.identities["aws_iam_role.r"].lifecycle.owner is None
    assert models.after.identities["aws_iam_role.r"].lifecycle.owner == "me"


def test_manifests_stand_only_in_the_side_after(tmp_path):
    documents = manifests(tmp_path)
    documents.plans = [plan(ROLE, ROLE)]
    models = access_models(documents)
    robot = "k8s:ServiceAccount/shop/robot"
    assert robot in models.after.identities
    assert models.before is not None
    assert robot not in models.before.identities
    assert access_models(manifests(tmp_path)).before is None


def test_a_document_nobody_could_read_is_an_unknown_of_the_change():
    place = Location("k8s.yaml", 3, 9)
    unread = UnreadDocument(place, "file", "it is not YAML", "write YAML")
    assert access_models(Documents(unread=[unread])).after.unknown == [
        Unknown("file", "it is not YAML", Source("k8s.yaml", None, place), remedy="write YAML", change="create")
    ]


def test_nothing_given_is_an_empty_model():
    models = access_models(Documents())
    assert models.after.to_json()["identities"] == {}
    assert models.before is None


def test_only_the_adapters_the_documents_need_are_imported():
    code = (
        "import sys, json\n"
        "from gate.extract.change import access_models\n"
        "from gate.inputs.documents import Documents\n"
        "access_models(Documents())\n"
        "print(json.dumps([n for n in sys.modules if n.startswith('gate.extract.')]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == ["gate.extract.change"]


def test_a_plan_that_changes_nothing_is_read_once_for_both_sides(monkeypatch):
    from gate.extract import change
    from gate.extract.aws import adapter

    sides = []
    extract = adapter.extract

    def told(plans, side, *rest):
        sides.append(side)
        extract(plans, side, *rest)

    monkeypatch.setattr(adapter, "extract", told)
    unread = UnreadDocument(Location("other.yaml", 1, 1), "file", "no YAML", "mend it")
    models = access_models(Documents(plans=[plan(ROLE, ROLE)], unread=[unread]))
    monkeypatch.setattr(change, "_nothing_changes", lambda documents: False)
    twice = access_models(Documents(plans=[plan(ROLE, ROLE)], unread=[unread]))
    assert sides == ["after", "after", "before"]
    assert models == twice
    assert [unknown.what for unknown in models.after.unknown] == ["trust policy", "file"]
    assert models.before is not None
    assert [unknown.what for unknown in models.before.unknown] == ["trust policy"]


@pytest.mark.parametrize("case", ["demo/denied/k8s", "cases/bridge-role-by-crossplane"])
def test_the_same_objects_say_the_same_on_both_sides(case):
    folder = Path(__file__).parents[2] / "fixtures" / case
    documents = read_documents([str(folder)])
    documents.replaced = documents.manifests
    models = access_models(documents)
    assert models.before is not None
    assert models.after.identities != {}
    assert models.before.to_json() == models.after.to_json()
