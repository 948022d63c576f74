"""Each subject of a binding is judged by itself: against the side before, under a waiver, and in a difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gate.engine.engine import Engine
from gate.extract.access_difference import differences
from gate.extract.change import access_models
from gate.inputs.config import Config
from gate.inputs.documents import Documents, Manifest, SourceFile
from gate.inputs.manifests.manifest_files import parse_manifests
from gate.judgement import judge

FILE = SourceFile("admins.yaml", "kubernetes", "0" * 64)
GROUP, ACCOUNT, USER = "k8s:Group//oidc:admins", "k8s:ServiceAccount/apps/bot", "k8s:User//mallory"
SUBJECTS = {
    GROUP: "{kind: Group, name: 'oidc:admins', apiGroup: rbac.authorization.k8s.io}",
    ACCOUNT: "{kind: ServiceAccount, name: bot, namespace: apps}",
    USER: "{kind: User, name: mallory, apiGroup: rbac.authorization.k8s.io}",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as running:
        yield running


def _binding(*subjects: str) -> list[Manifest]:
    listed = "".join(f"  - {SUBJECTS[subject]}\n" for subject in subjects)
    text = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: admins}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\n"
        f"subjects:\n{listed}"
    )
    return parse_manifests(text, FILE).manifests


def _update(before: tuple[str, ...], after: tuple[str, ...]) -> Documents:
    return Documents(manifests=_binding(*after), replaced=_binding(*before))


@pytest.mark.parametrize("added", [ACCOUNT, USER])
def test_a_subject_that_is_added_beside_a_group_is_new(engine: Engine, added: str) -> None:
    decision = judge(_update((GROUP,), (GROUP, added)), Config(), engine)
    found = [(f.rule, f.identity, f.change) for f in decision.findings if f.rule == "cluster-admin"]
    assert decision.verdict == "deny"
    assert sorted(found) == [
        ("cluster-admin", GROUP, "preexisting"),
        ("cluster-admin", added, "introduced"),
    ]


def test_a_subject_that_was_there_beside_the_group_is_not_new(engine: Engine) -> None:
    decision = judge(_update((GROUP, ACCOUNT), (GROUP, ACCOUNT)), Config(), engine)
    assert decision.verdict == "allow"
    assert {f.change for f in decision.findings if f.rule == "cluster-admin"} == {"preexisting"}


def test_a_waiver_of_the_group_covers_nobody_else(engine: Engine) -> None:
    alone = judge(Documents(manifests=_binding(GROUP)), Config(), engine)
    waivers = tuple(
        {"fingerprint": f.fingerprint, "owner": "o", "reason": "r", "approver": "a", "expires": "2999-01-01"}
        for f in alone.findings
    )
    waived = replace(Config(), waivers=waivers)
    assert judge(Documents(manifests=_binding(GROUP)), waived, engine).verdict == "allow"
    assert judge(Documents(manifests=_binding(GROUP, ACCOUNT)), waived, engine).verdict == "deny"


def test_a_difference_names_whom_it_adds() -> None:
    models = access_models(_update((GROUP,), (GROUP, ACCOUNT)))
    found = {one.id: bool(one.gained.access) for one in differences(models.before, models.after)}
    assert found == {GROUP: False, ACCOUNT: True}
